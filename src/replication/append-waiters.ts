import type { Offset } from '../base/brand.ts';
import type { ErrorName } from '../protocol/errors.ts';
import { OffsetWaiters } from './offset-waiters.ts';

/**
 * Runs once: with null when an append is as durable as was asked for, with an error when it never will be.
 */
export type Acked = (error: ErrorName | null) => void;

/** Those who appended to one partition that this broker leads, and wait for an acknowledgement. */
export class AppendWaiters {
  readonly #written = new OffsetWaiters();
  readonly #replicated = new OffsetWaiters();

  /** How many wait, with those who left and are still queued. */
  get size(): number {
    return this.#written.size + this.#replicated.size;
  }

  /** acks=1: until everything below `offset` is durable on this broker. `hasLeft` as in `OffsetWaiters`. */
  awaitWritten(offset: Offset, acked: Acked, hasLeft: (() => boolean) | undefined): void {
    this.#written.add(offset, acked, hasLeft);
  }

  /** acks=all: until everything below `offset` is committed. `hasLeft` as in `OffsetWaiters`. */
  awaitReplicated(offset: Offset, acked: Acked, hasLeft: (() => boolean) | undefined): void {
    this.#replicated.add(offset, acked, hasLeft);
  }

  written(durableEndOffset: Offset): void {
    this.#written.reached(durableEndOffset);
  }

  replicated(highWatermark: Offset): void {
    this.#replicated.reached(highWatermark);
  }

  /** Someone who waited for acks=all was answered otherwise, and its `hasLeft` says so. */
  left(): void {
    this.#replicated.left();
  }

  /** Answers all of them with the error. */
  fail(error: ErrorName): void {
    this.#written.fail(error);
    this.#replicated.fail(error);
  }
}
