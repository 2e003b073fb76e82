import { assert } from '../base/assert.ts';
import type { LogDurability } from './log-durability.ts';
import type { LogRoller } from './log-roller.ts';
import type { LogState } from './log-state.ts';
import type { LogWriter } from './log-writer.ts';
import { rebuildProducers } from './recovery.ts';

/** Cuts a log at its end, and puts right everything that spoke of offsets beyond. */
export class LogTruncation {
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

  /** See `PartitionLog.truncateTo`. */
  truncateTo(offset: number): boolean {
    const state = this.#state;
    const { bounds, epochs, segments } = state;
    if (offset >= bounds.endOffset) {
      const before = epochs.latestEpoch;
      epochs.truncateFromEnd(offset);
      if (epochs.latestEpoch !== before) this.#durability.writeCutTo(bounds.endOffset);
      return true;
    }
    this.#writer.writeNow();
    if (!state.faults.allow(0)) return false;
    if (offset < segments.first.baseOffset) return this.truncateFully(offset);
    state.generation++;
    this.#durability.cutBegins(offset);
    try {
      this.#durability.directoryChanged();
      // The newest first: a crash in between leaves a log that is shorter, not one with a hole.
      for (const segment of segments.dropFrom(offset).reverse()) segment.remove();
      const { active } = segments;
      active.truncateTo(offset);
      this.#endsAt(active.readNextOffset() ?? active.baseOffset);
      assert(bounds.endOffset <= offset, 'a log that was cut ends where it was cut, or before');
      state.producers = rebuildProducers({
        guardedClock: state.shared.guardedClock,
        segments: segments.all,
        snapshots: state.snapshots,
        config: state.config,
        isConfigProvisional: state.isConfigProvisional,
        upTo: bounds.endOffset,
      });
      state.producers.onHighWatermark(bounds.highWatermark);
      assert(segments.active === active, 'the segment that was cut goes on');
      assert(active.baseOffset <= bounds.endOffset, 'a log ends in its last segment');
      return true;
    } catch (error) {
      this.#writer.fail('write', error);
      return false;
    }
  }

  /** See `PartitionLog.truncateFully`. */
  truncateFully(offset: number): boolean {
    const state = this.#state;
    this.#writer.writeNow();
    if (!state.faults.allow(0)) return false;
    state.generation++;
    this.#durability.cutBegins(offset);
    try {
      for (const segment of [...state.segments.all].reverse()) segment.remove();
      state.segments.replaceAll(this.#roller.newSegment(offset));
      state.producers.clear();
      state.snapshots.removeAbove(-1);
      this.#endsAt(offset, offset);
      state.bounds.syncedEndOffset = offset;
      assert(
        state.bounds.logStartOffset === offset && state.bounds.endOffset === offset,
        'a log that was emptied begins and ends where it was told to',
      );
      return true;
    } catch (error) {
      this.#writer.fail('write', error);
      return false;
    }
  }

  #endsAt(endOffset: number, logStartOffset?: number): void {
    const state = this.#state;
    const { bounds } = state;
    state.truncations++;
    state.generation++;
    if (state.cleanedUpTo !== null) state.cleanedUpTo = Math.min(state.cleanedUpTo, endOffset);
    state.hasChanged = true;
    bounds.cutTo(endOffset, logStartOffset);
    state.tail.truncateTo(endOffset);
    state.reader.forget();
    state.epochs.truncateFromEnd(endOffset);
    state.epochs.truncateFromStart(bounds.logStartOffset);
    state.snapshots.removeAbove(endOffset);
    this.#durability.cutTo(endOffset);
  }
}
