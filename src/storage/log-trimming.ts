import { Listeners } from './listeners.ts';
import type { LogDurability } from './log-durability.ts';
import type { LogRoller } from './log-roller.ts';
import type { LogState } from './log-state.ts';
import type { LogWriter } from './log-writer.ts';
import { deletableSegments } from './retention.ts';

/** Takes records away at the start of a log: retention, DeleteRecords, the leader's start, snapshots. */
export class LogTrimming {
  readonly #state: LogState;
  readonly #writer: LogWriter;
  readonly #durability: LogDurability;
  readonly #roller: LogRoller;
  readonly #startMoved = new Listeners<number>();

  constructor(state: LogState, writer: LogWriter, durability: LogDurability, roller: LogRoller) {
    this.#state = state;
    this.#writer = writer;
    this.#durability = durability;
    this.#roller = roller;
  }

  /**
   * DeleteRecords, or the leader's start: what lies below is no longer served. Never back, never above the
   * high watermark.
   */
  advanceLogStartOffset(offset: number): boolean {
    const { bounds, epochs } = this.#state;
    if (offset > bounds.highWatermark) return false;
    if (offset <= bounds.logStartOffset) return true;
    this.#state.generation++;
    bounds.startAt(offset);
    epochs.truncateFromStart(offset);
    this.#startMoved.tell(offset);
    return true;
  }

  /**
   * Retention: removes what `deletableSegments` names and moves the start of the log. Returns how many
   * segments.
   */
  deleteOldSegments(now = this.#state.shared.guardedClock.now()): number {
    const { isClosed, isConfigProvisional, faults, segments, config, bounds } = this.#state;
    const fault = faults.current?.fault ?? 'full';
    if (isClosed || isConfigProvisional || fault !== 'full') return 0;
    const { highWatermark, logStartOffset, endOffset } = bounds;
    const count = deletableSegments(
      segments.all.map((segment) => ({
        baseOffset: segment.baseOffset,
        sizeInBytes: segment.sizeInBytes,
        largestTimestamp: segment.largest.timestamp,
        openedAt: segment.openedAt,
      })),
      { config, now, highWatermark, logStartOffset, endOffset },
    );
    return this.#removeFirst(count);
  }

  /** Whole segments below the offset go, whatever retention says: a snapshot has taken their place. */
  deleteSegmentsBelow(offset: number): number {
    this.advanceLogStartOffset(offset);
    const { all } = this.#state.segments;
    return this.#removeFirst(
      all.filter((_, i) => (all[i + 1]?.baseOffset ?? Number.POSITIVE_INFINITY) <= offset).length,
    );
  }

  /**
   * Runs when the start of the log moved up, by retention, DeleteRecords or the leader's start. Call the
   * result to stop.
   */
  onStartMoved(listener: (logStartOffset: number) => void): () => void {
    return this.#startMoved.add(listener);
  }

  #removeFirst(count: number): number {
    if (count === 0) return 0;
    const state = this.#state;
    const { segments, bounds } = state;
    state.hasChanged = true;
    if (count >= segments.all.length && this.#roller.roll()) return 0;
    state.generation++;
    const removed = segments.dropFirst(Math.min(count, segments.all.length - 1));
    const { baseOffset } = segments.first;
    bounds.startAt(Math.max(bounds.logStartOffset, baseOffset));
    state.epochs.truncateFromStart(bounds.logStartOffset);
    state.reader.forget();
    this.#durability.directoryChanged();
    this.#startMoved.tell(bounds.logStartOffset);
    try {
      for (const segment of removed) segment.remove();
      state.snapshots.removeBelow(baseOffset);
    } catch (error) {
      this.#writer.fail('write', error);
    }
    return removed.length;
  }
}
