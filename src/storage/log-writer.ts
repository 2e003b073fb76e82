import { reportFailure, supervise } from '../base/programmer-error.ts';
import type { Incoming } from './incoming.ts';
import { Listeners } from './listeners.ts';
import { faultOf } from './log-faults.ts';
import type { LogState } from './log-state.ts';
import { gather, type PendingBatch, type PendingWrites } from './pending-writes.ts';
import type { Segment } from './segment.ts';
import type { DueWriter } from './shared-storage.ts';
import type { StorageError, StorageFault } from './storage-error.ts';
import type { AbortedTxn } from './txn-index.ts';

export interface LogWriterOptions {
  /** Called after each write, when its listeners were told. */
  readonly wrote: () => void;
  /** Something is cut off a file's end. */
  readonly wasCutTo: (offset: number) => void;
  /** Resolves when the device has what is written, and knows of every cut. */
  readonly syncWritten: () => Promise<void>;
}

/**
 * Takes what was appended from memory to the active segment: one gathered write per turn of the loop. What a
 * write did not take whole is as if it had never been appended: the file is cut back, and producers and
 * epochs forget it.
 */
export class LogWriter implements DueWriter {
  readonly onWritten = new Listeners<number>();
  readonly onFailed = new Listeners<StorageError>();
  readonly #state: LogState;
  readonly #options: LogWriterOptions;
  /** What a full disk did not take whole was cut off, and the device may not know it yet. */
  #cut: 'unsynced' | 'syncing' | null = null;

  constructor(state: LogState, options: LogWriterOptions) {
    this.#state = state;
    this.#options = options;
  }

  /** Copies into memory and leaves the write to the end of the turn. */
  place(bytes: Buffer, incoming: Incoming): void {
    const { pending, tail, bounds, shared } = this.#state;
    let at = 0;
    for (const { header } of incoming.produced) {
      pending.add(header, tail.append(bytes.subarray(at, at + header.sizeInBytes), header));
      bounds.append(header.nextOffset);
      at += header.sizeInBytes;
    }
    this.#state.hasChanged = true;
    shared.writeSoon(this, incoming.sizeInBytes);
  }

  /** Runs by itself at the end of the loop's turn. */
  writeNow(): void {
    if (this.write()) this.tell();
  }

  /** False when nothing new is in the file. Whoever calls it tells the listeners. */
  write(): boolean {
    const state = this.#state;
    if (state.pending.isEmpty) return false;
    const { active: segment } = state.segments;
    const { batches, aborted, sizeInBytes } = this.#takePending();
    try {
      segment.log.appendWhole(gather(batches), sizeInBytes);
    } catch (error) {
      this.#writeFailed(segment, error);
      return false;
    }
    state.bounds.wrote();
    state.producers.keep();
    this.#indexWritten(segment, batches, aborted);
    return true;
  }

  tell(): void {
    this.onWritten.tell(this.#state.bounds.writtenEndOffset);
    this.#options.wrote();
  }

  /** From now on appends are refused, and what was not written is gone. */
  fail(fault: StorageFault, cause: unknown): StorageError {
    if (!this.#state.pending.isEmpty) this.dropPending();
    const error = this.#state.faults.fail(fault, cause);
    this.onFailed.tell(error);
    return error;
  }

  dropPending(): void {
    this.#takePending();
    this.#forgetUnwritten();
  }

  /**
   * A full disk may have room again; what it did not take whole must be gone for good before anything is in
   * its place.
   */
  mayGoOn(bytes: number): boolean {
    if (this.#cut === null) return this.#state.faults.allow(bytes);
    this.#syncCut();
    return false;
  }

  /**
   * The data is whole whatever happens here: indexes are rebuilt from it. But nothing more is taken until
   * then.
   */
  #indexWritten(segment: Segment, batches: readonly PendingBatch[], aborted: readonly AbortedTxn[]): void {
    let failure: unknown = null;
    const attempt = (index: () => void) => {
      try {
        index();
      } catch (error) {
        failure ??= error;
      }
    };
    for (const batch of batches) attempt(() => segment.onWritten(batch, this.#state.config));
    for (const txn of aborted) attempt(() => segment.txnIndex.append(txn));
    if (aborted.length > 0) attempt(() => segment.txnIndex.persist());
    if (failure !== null) this.fail(aborted.length > 0 ? 'write' : faultOf(failure), failure);
  }

  #writeFailed(segment: Segment, error: unknown): void {
    const { world, directory, bounds, faults } = this.#state;
    let fault = faultOf(error);
    // Before the file is: the process may be killed, or end because of the fault, and the next one must know.
    this.#options.wasCutTo(bounds.writtenEndOffset);
    try {
      segment.log.truncate(segment.sizeInBytes);
    } catch (truncateError) {
      fault = 'write';
      reportFailure(world, 'a file could not be cut back', { directory, error: truncateError });
    }
    this.#forgetUnwritten();
    this.fail(fault, error);
    if (faults.current?.fault !== 'full') return;
    this.#cut = 'unsynced';
    this.#syncCut();
  }

  /**
   * Else a power loss could bring back the batches that were cut off, at the offsets and under the leader
   * epoch of those that came next and that followers have: by Kafka's rules the two are the same, and nobody
   * would find out.
   */
  #syncCut(): void {
    if (this.#cut !== 'unsynced') return;
    this.#cut = 'syncing';
    const { world, directory } = this.#state;
    const synced = this.#options.syncWritten().then(
      () => {
        this.#cut = null;
      },
      (error: unknown) => {
        this.#cut = 'unsynced';
        reportFailure(world, 'the flush of a failed write failed', { directory, error });
      },
    );
    supervise(world, synced);
  }

  /** Everything above the written end is as if it had never been appended. */
  #forgetUnwritten(): void {
    const { bounds, tail, producers, epochs } = this.#state;
    bounds.forgetUnwritten();
    tail.truncateTo(bounds.writtenEndOffset);
    producers.rollback(bounds.writtenEndOffset);
    epochs.forgetAfter(bounds.writtenEndOffset);
  }

  #takePending(): ReturnType<PendingWrites['takeAll']> {
    const taken = this.#state.pending.takeAll();
    this.#state.shared.written(this, taken.sizeInBytes);
    return taken;
  }
}
