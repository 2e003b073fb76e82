import type { LogDurability } from './log-durability.ts';
import type { LogState } from './log-state.ts';
import type { LogWriter } from './log-writer.ts';

/** Ends the use of a log: so that the next start has nothing to find out, or at once. */
export class LogClosing {
  readonly #state: LogState;
  readonly #writer: LogWriter;
  readonly #durability: LogDurability;

  constructor(state: LogState, writer: LogWriter, durability: LogDurability) {
    this.#state = state;
    this.#writer = writer;
    this.#durability = durability;
  }

  /** See `PartitionLog.close`. */
  async close(): Promise<void> {
    const state = this.#state;
    if (state.isClosed) return;
    this.#writer.writeNow();
    const { segments, snapshots, bounds, producers, faults } = state;
    try {
      if (faults.current) throw faults.current;
      if (this.#isEmpty() || this.#isAsOpened()) {
        this.abandon();
        return;
      }
      segments.active.seal();
      snapshots.write(bounds.endOffset, producers.entries);
      await this.#durability.flushLast();
    } catch (error) {
      this.abandon();
      // Whoever opens its files anew must know how the last sync of them ended.
      await this.#durability.syncsEnded();
      throw error;
    }
    state.isClosed = true;
    for (const segment of segments.all) segment.close(true);
  }

  /** See `PartitionLog.abandon`. */
  abandon(): void {
    const state = this.#state;
    if (state.isClosed) return;
    state.isClosed = true;
    state.isAbandoned = true;
    this.#writer.dropPending();
    state.epochsFile.forget();
    for (const segment of state.segments.all) segment.close(false);
  }

  /** See `PartitionLog.delete`. */
  delete(): void {
    this.abandon();
    this.#state.world.disk.removeDirectory(this.#state.directory);
  }

  /**
   * It never had a record, and begins at 0. Whatever of its folder a power loss leaves, the next start finds
   * the same log. A broker has thousands of those, and nothing of them waits for the device. One that was cut
   * to nothing has indexes that are not cut yet.
   */
  #isEmpty(): boolean {
    const { segments, bounds, truncations } = this.#state;
    const { all, active } = segments;
    const holdsNothing = bounds.endOffset === 0 && all.length === 1 && active.sizeInBytes === 0;
    return holdsNothing && truncations === 0 && !this.#durability.isUnsettled;
  }

  /**
   * Nothing happened since a clean start: what a clean stop leaves is all there. An epoch that began without
   * a record is not worth a write: the next start forgets it.
   */
  #isAsOpened(): boolean {
    return !this.#state.hasChanged && this.#state.snapshots.has(this.#state.bounds.endOffset);
  }
}
