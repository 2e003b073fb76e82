import { assert } from '../base/assert.ts';
import type { ErrorName } from '../protocol/errors.ts';

/** What can be told that the coordinator failed, whatever it waits for. */
export interface Failable {
  fail(error: ErrorName): void;
}

/**
 * A request that has not been answered. It is claimed when a decision answers it, settled when the answer may
 * leave (at commit), or failed when its shard goes away first. Exactly one answer leaves.
 */
export class Waiter<Answer> implements Failable {
  readonly #resolve: (answer: Answer) => void;
  readonly #failed: (error: ErrorName) => Answer;
  #state: 'waiting' | 'claimed' | 'settled' = 'waiting';

  /** `failed` words an error of the coordinator itself (not a decision's) as an answer. */
  constructor(resolve: (answer: Answer) => void, failed: (error: ErrorName) => Answer) {
    this.#resolve = resolve;
    this.#failed = failed;
  }

  /** False once a decision has answered it or it failed. */
  get waiting(): boolean {
    return this.#state === 'waiting';
  }

  get settled(): boolean {
    return this.#state === 'settled';
  }

  claim(): void {
    assert(this.#state !== 'claimed', 'a request is answered by one decision');
    if (this.#state === 'waiting') this.#state = 'claimed';
  }

  /** Does nothing when an error went out before. */
  settle(answer: Answer): void {
    if (this.#state === 'settled') return;
    this.#state = 'settled';
    this.#resolve(answer);
  }

  fail(error: ErrorName): void {
    this.settle(this.#failed(error));
  }
}
