import { assert } from '../base/assert.ts';
import { suffix } from './file-names.ts';
import type { LogAppender } from './log-appender.ts';
import type { LogDurability } from './log-durability.ts';
import type { LogState } from './log-state.ts';
import type { LogWriter } from './log-writer.ts';
import type { ProducerEntry } from './producer-entry.ts';
import { Segment } from './segment.ts';
import { decideSwap, finishSwap } from './segment-swap.ts';

/** What compaction does to a log: it puts what it left in the place of closed segments. */
export class LogCleaning {
  readonly #state: LogState;
  readonly #writer: LogWriter;
  readonly #durability: LogDurability;
  readonly #appender: LogAppender;

  constructor(state: LogState, writer: LogWriter, durability: LogDurability, appender: LogAppender) {
    this.#state = state;
    this.#writer = writer;
    this.#durability = durability;
    this.#appender = appender;
  }

  /** Below it compaction has seen every key; null when it never ran. Falls when the log is cut. */
  get cleanedUpTo(): number | null {
    return this.#state.cleanedUpTo;
  }

  set cleanedUpTo(offset: number) {
    this.#state.cleanedUpTo = offset;
  }

  /** Before a compaction leaves offsets out. Rejects with StorageError. */
  admitGaps(): Promise<void> {
    return this.#appender.admitGaps();
  }

  /** What was remembered of producers where a segment begins; null when that was not kept. */
  producersAt(baseOffset: number): readonly ProducerEntry[] | null {
    const { snapshots } = this.#state;
    return snapshots.has(baseOffset) ? (snapshots.latest(baseOffset)?.entries ?? null) : null;
  }

  /** An empty segment that is not part of the log, for compaction to fill. Throws DiskError. */
  makeCleaned(baseOffset: number): Segment {
    return Segment.create({ ...this.#state.segmentOptions(baseOffset), fileSuffix: suffix.cleaned });
  }

  /**
   * Puts a segment from `makeCleaned`, filled and synced, in the place of closed neighbours. Returns the
   * names of the files to be removed once the folder is synced, or null when the log has a fault now. Throws
   * DiskError when nothing was changed.
   */
  replace(old: readonly Segment[], cleaned: Segment): string[] | null {
    const state = this.#state;
    const { segments, directory } = state;
    const { disk } = state.world;
    const [first] = old;
    const last = old.at(-1);
    const after = last && segments.after(last);
    assert(first && last && after, 'the active segment is not compacted');
    assert(state.layout.allows('adjoining'), 'gaps are admitted before a compaction leaves any');
    const { baseOffset } = first;
    cleaned.close(false);
    decideSwap(disk, directory, baseOffset);
    state.hasChanged = true;
    state.generation++;
    try {
      for (const segment of old) segment.close(false);
      const oldOffsets = old.map((segment) => segment.baseOffset);
      const retired = finishSwap(disk, directory, { oldOffsets, newOffset: baseOffset });
      const fresh = Segment.open({ ...state.segmentOptions(baseOffset), now: last.openedAt });
      segments.replace(old, fresh);
      // The index no longer tells of aborted transactions whose data is gone: memory that still had the data
      // would show it to read_committed consumers.
      state.tail.forgetBelow(after.baseOffset);
      state.reader.forget();
      this.#durability.directoryChanged();
      state.snapshots.removeBetween(baseOffset, after.baseOffset);
      return retired;
    } catch (error) {
      this.#writer.fail('write', error);
      return null;
    }
  }
}
