import type { Offset } from '../base/brand.ts';
import type { ErrorName } from '../protocol/errors.ts';

/** Runs once: with null when what lies before an offset is deleted, or with what came instead. */
export type Deleted = (error: ErrorName | null) => void;

/**
 * Those who deleted the records before an offset of one partition that this broker leads, and wait until its
 * followers have. The low watermark may fall, when a follower comes back, so each is looked at.
 */
export class DeletionWaiters {
  readonly #waiters = new Map<Deleted, Offset>();

  get size(): number {
    return this.#waiters.size;
  }

  /** Returns what makes it wait no more. */
  add(offset: Offset, deleted: Deleted): () => void {
    this.#waiters.set(deleted, offset);
    return () => this.#waiters.delete(deleted);
  }

  reached(lowWatermark: Offset): void {
    for (const [deleted, offset] of [...this.#waiters]) {
      if (offset > lowWatermark || !this.#waiters.delete(deleted)) continue;
      deleted(null);
    }
  }

  /** Answers all of them with the error. */
  fail(error: ErrorName): void {
    const waiters = [...this.#waiters.keys()];
    this.#waiters.clear();
    for (const deleted of waiters) deleted(error);
  }
}
