import type { Decision } from '../base/decision.ts';
import type { ErrorName } from '../protocol/errors.ts';
import type { Failable, Waiter } from './waiter.ts';

/**
 * A decision reads the state and changes nothing that a record stands for; `replay` of its records does. What
 * no record stands for (who waits, which timer runs) may change while deciding: it dies with the shard. The
 * answer LATER says that a later decision answers this request, in its `replies`, or that this one has done
 * so.
 */
export interface CoordinatorDecision<Record, Answer> extends Decision<Record, Answer | typeof LATER> {
  /** Answers to requests that were left waiting. */
  readonly replies: readonly Reply[];
  /**
   * The log took none of the records (they are too large, or too few replicas are in sync) and is otherwise
   * well. Mends what deciding has changed; without it, the command is answered with the error and nothing
   * else happens.
   */
  readonly refused?: (error: ErrorName) => CoordinatorDecision<Record, Answer>;
  /**
   * Runs as soon as the log has taken the records, before anything else is decided: what must stay as it was
   * where they are refused, such as the session of a member that wants to leave. It may add to `replies`.
   */
  readonly taken?: () => void;
  /** The records belong to this producer's transaction. */
  readonly transaction?: { readonly producerId: number; readonly producerEpoch: number };
  /**
   * Runs once the records are committed, if the shard lives that long: what others must not see happen
   * before.
   */
  readonly committed?: () => void;
}

export const LATER: unique symbol = Symbol('answered by a later decision');

/** An answer on its way to a request that waited. Made by `reply`, so that request and answer fit. */
export interface Reply {
  readonly waiter: Failable;
  deliver(): void;
}

export function reply<Answer>(waiter: Waiter<Answer>, answer: Answer): Reply {
  waiter.claim();
  return { waiter, deliver: () => waiter.settle(answer) };
}

/** A decision that only answers. */
export function answer<Record, Answer>(value: Answer): CoordinatorDecision<Record, Answer> {
  return { records: [], answer: value, replies: [] };
}

/** A decision while several functions make it, each adding its part. */
export class Draft<Record> {
  readonly records: Record[] = [];
  readonly replies: Reply[] = [];
  /** See CoordinatorDecision. */
  refused: ((error: ErrorName) => CoordinatorDecision<Record, never>) | undefined;
  readonly #taken: (() => void)[] = [];

  append(record: Record): void {
    this.records.push(record);
  }

  reply<Answer>(waiter: Waiter<Answer>, value: Answer): void {
    this.replies.push(reply(waiter, value));
  }

  /** See `CoordinatorDecision.taken`. */
  whenTaken(run: () => void): void {
    this.#taken.push(run);
  }

  decide<Answer>(value: Answer | typeof LATER): CoordinatorDecision<Record, Answer> {
    const { records, replies, refused } = this;
    const taken = (): void => {
      for (const run of this.#taken) run();
    };
    return { records, answer: value, replies, refused, taken };
  }
}
