import { reportFailure } from '../base/programmer-error.ts';
import type { Incoming } from './incoming.ts';
import { maxSegmentMs } from './log-config.ts';
import type { LogDurability } from './log-durability.ts';
import { faultOf } from './log-faults.ts';
import type { LogState } from './log-state.ts';
import type { LogWriter } from './log-writer.ts';
import { adjoins } from './offset-layout.ts';
import { Segment } from './segment.ts';
import type { StorageError } from './storage-error.ts';

/**
 * Closes the active segment of a log and begins another, when it is full, old enough or cannot hold what
 * comes.
 */
export class LogRoller {
  readonly #state: LogState;
  readonly #writer: LogWriter;
  readonly #durability: LogDurability;

  constructor(state: LogState, writer: LogWriter, durability: LogDurability) {
    this.#state = state;
    this.#writer = writer;
    this.#durability = durability;
  }

  /** At the end of the log, unless the active segment is empty. */
  roll(): StorageError | null {
    this.#writer.writeNow();
    const { faults, segments, bounds } = this.#state;
    if (faults.current) return faults.current;
    return segments.active.sizeInBytes === 0 ? null : this.#rollAt(bounds.endOffset);
  }

  /** Before these batches are appended, whose first and last offsets are known. */
  rollIfDue(
    incoming: Incoming,
    offsets: { readonly first: number; readonly last: number },
  ): StorageError | null {
    const { world, segments, pending, config, bounds, faults } = this.#state;
    const { active } = segments;
    const size = active.sizeInBytes + pending.sizeInBytes;
    const since = active.sizeInBytes > 0 ? active.readFirstTimestamp() : pending.firstTimestamp;
    const waitedMs =
      since !== null && since >= 0 ? incoming.maxTimestamp - since : world.clock.now() - active.openedAt;
    const due =
      size + incoming.sizeInBytes > config.segmentBytes ||
      (size > 0 && waitedMs > maxSegmentMs(config) - active.jitterMs) ||
      active.indexIsFull ||
      !active.reaches(offsets.last);
    if (!due) return null;
    // Listeners may append: not in the middle of an append that has its offsets already.
    if (this.#writer.write()) world.clock.soon(() => this.#writer.tell());
    if (faults.current) return faults.current;
    // An empty segment that cannot hold the batch is only in the way when its offsets are.
    if (active.sizeInBytes === 0 && active.reaches(offsets.last)) return null;
    // Segments adjoin also where a leader's compaction left offsets out: then recovery knows a gap for a
    // loss.
    return this.#rollAt(adjoins(bounds.endOffset, offsets.last) ? bounds.endOffset : offsets.first);
  }

  /** An empty segment that is not part of the log yet. Throws DiskError. */
  newSegment(baseOffset: number): Segment {
    this.#state.hasChanged = true;
    this.#durability.directoryChanged();
    return Segment.create(this.#state.segmentOptions(baseOffset));
  }

  #rollAt(baseOffset: number): StorageError | null {
    const { segments, snapshots, producers } = this.#state;
    const before = segments.active;
    let fresh: Segment | null = null;
    try {
      before.seal();
      fresh = this.newSegment(baseOffset);
      snapshots.write(baseOffset, producers.entries);
    } catch (error) {
      return this.#rollFailed(before, fresh, error);
    }
    if (before.baseOffset === baseOffset) {
      this.#state.generation++;
      before.close(false);
    }
    segments.add(fresh);
    // The closed segment is synced behind the loop's back, and the recovery point passes it.
    this.#durability.flushInBackground('the flush of a closed segment failed');
    return null;
  }

  /** The active segment may go on later; an empty one after it would then claim its offsets. */
  #rollFailed(before: Segment, fresh: Segment | null, error: unknown): StorageError {
    let fault = faultOf(error);
    try {
      if (fresh && fresh.baseOffset !== before.baseOffset) fresh.remove();
    } catch (removeError) {
      fault = 'write';
      const { world, directory } = this.#state;
      reportFailure(world, 'a new segment could not be removed', { directory, error: removeError });
    }
    return this.#writer.fail(fault, error);
  }
}
