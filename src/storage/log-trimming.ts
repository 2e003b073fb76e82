import { Listeners } from './listeners.ts';
import type { LogDurability } from './log-durability.ts';
import type { LogRoller } from './log-roller.ts';
import type { LogState } from './log-state.ts';
import type { LogWriter } from './log-writer.ts';
import { deletableSegments } from './retention.ts';

/** Takes records away at the start of a log: retention, DeleteRecords, the leader's start, snapshots. */
export class LogTrimming {
  readonly onStartMoved = new Listeners<number>();
  readonly #state: LogState;
  readonly #writer: LogWriter;
  readonly #durability: LogDurability;
  readonly #roller: LogRoller;

  constructor(state: LogState, writer: LogWriter, durability: LogDurability, roller: LogRoller) {
    this.#state = state;
    this.#writer = writer;
    this.#durability = durability;
    this.#roller = roller;
  }

  /** See `PartitionLog.advanceLogStartOffset`. */
  advanceLogStartOffset(offset: number): boolean {
    const { bounds, epochs } = this.#state;
    if (offset > bounds.highWatermark) return false;
    if (offset <= bounds.logStartOffset) return true;
    this.#state.generation++;
    bounds.startAt(offset);
    epochs.truncateFromStart(offset);
    this.onStartMoved.tell(offset);
    return true;
  }

  /** See `PartitionLog.deleteOldSegments`. */
  deleteOldSegments(now: number): number {
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

  /** See `PartitionLog.deleteSegmentsBelow`. */
  deleteSegmentsBelow(offset: number): number {
    this.advanceLogStartOffset(offset);
    const { all } = this.#state.segments;
    return this.#removeFirst(
      all.filter((_, i) => (all[i + 1]?.baseOffset ?? Number.POSITIVE_INFINITY) <= offset).length,
    );
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
    this.onStartMoved.tell(bounds.logStartOffset);
    try {
      for (const segment of removed) segment.remove();
      state.snapshots.removeBelow(baseOffset);
    } catch (error) {
      this.#writer.fail('write', error);
    }
    return removed.length;
  }
}
