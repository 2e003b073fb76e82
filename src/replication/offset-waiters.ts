import type { Offset } from '../base/brand.ts';
import type { ErrorName } from '../protocol/errors.ts';

/**
 * Those who wait for an offset that only grows: acks=1 for the write, acks=all for the high watermark.
 * Appends come in order, so this is a queue and the head is the next to be done. Whoever was answered
 * otherwise leaves, so that what is queued is at most twice what waits.
 */
export class OffsetWaiters {
  #queue: Waiter[] = [];
  #head = 0;
  #leftCount = 0;

  /**
   * `complete` runs once: with null when everything below `offset` is there, or with what came instead.
   * `hasLeft` says whether the waiter was answered otherwise; it is asked after a call of `left`.
   */
  add(offset: Offset, complete: (error: ErrorName | null) => void, hasLeft: () => boolean = stays): void {
    this.#queue.push({ offset, complete, hasLeft });
  }

  /** To be called when `hasLeft` of one waiter has come to say yes. */
  left(): void {
    this.#leftCount++;
    if (2 * this.#leftCount < this.size) return;
    this.#queue = this.#queue.slice(this.#head).filter(({ hasLeft }) => !hasLeft());
    this.#head = 0;
    this.#leftCount = 0;
  }

  get size(): number {
    return this.#queue.length - this.#head;
  }

  reached(offset: Offset): void {
    for (;;) {
      const waiter = this.#queue[this.#head];
      if (!waiter || waiter.offset > offset) break;
      this.#head++;
      waiter.complete(null);
    }
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
      this.#leftCount = 0;
    } else if (this.#head >= COMPACT_AT) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }

  fail(error: ErrorName): void {
    const failed = this.#queue.slice(this.#head);
    this.#queue = [];
    this.#head = 0;
    this.#leftCount = 0;
    for (const waiter of failed) waiter.complete(error);
  }
}

/** Completed entries at the front that are worth a copy of the rest. */
const COMPACT_AT = 1024;

const stays = () => false;

interface Waiter {
  readonly offset: Offset;
  readonly hasLeft: () => boolean;
  readonly complete: (error: ErrorName | null) => void;
}
