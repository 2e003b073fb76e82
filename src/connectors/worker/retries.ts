import type { World } from '../../base/world.ts';
import type { Attempts } from '../kernel/attempts.ts';
import { RetriableError, TaskStopped } from '../kernel/task-errors.ts';

/** Kafka Connect's first wait. */
const FIRST_MS = 300;

export interface RetryLimits {
  /** `errors.retry.timeout`: since the first attempt; 0: none is made again, -1: always. */
  readonly timeoutMs: number;
  /** `errors.retry.delay.max.ms`. */
  readonly maxDelayMs: number;
}

/**
 * Tries converters and transforms again that fail for the moment, as Kafka Connect's
 * RetryWithToleranceOperator does: each wait is twice as long as the one before, or any below the longest
 * that is allowed, and none goes beyond the time-out.
 */
export class Retries implements Attempts {
  readonly #world: Pick<World, 'clock' | 'random' | 'log'>;
  readonly #limits: RetryLimits;
  #isStopped = false;
  #wake: () => void = () => {};

  constructor(world: Pick<World, 'clock' | 'random' | 'log'>, limits: RetryLimits) {
    this.#world = world;
    this.#limits = limits;
  }

  /** Nothing is tried again any more: who waits for that gets TaskStopped. */
  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  run<Input, Output>(operation: (input: Input) => Output, input: Input): Output | Promise<Output> {
    if (this.#limits.timeoutMs === 0) return operation(input);
    const startedAt = this.#world.clock.monotonic();
    try {
      return operation(input);
    } catch (error) {
      if (!(error instanceof RetriableError)) throw error;
      return this.#again(operation, input, { startedAt, error });
    }
  }

  async #again<Input, Output>(
    operation: (input: Input) => Output,
    input: Input,
    first: { readonly startedAt: number; readonly error: RetriableError },
  ): Promise<Output> {
    const { clock, log } = this.#world;
    const { timeoutMs } = this.#limits;
    const deadline = timeoutMs < 0 ? Number.POSITIVE_INFINITY : first.startedAt + timeoutMs;
    let { error } = first;
    for (let failures = 1; ; failures++) {
      const left = deadline - clock.monotonic();
      if (left <= 0) throw error;
      const waitMs = Math.min(this.#delayMs(failures), left);
      log.warn(`A record is tried again in ${Math.round(waitMs)} ms: ${error.message}`, { error });
      await this.#wait(waitMs);
      if (this.#isStopped)
        throw new TaskStopped('The task was stopped while a record was to be tried again.');
      try {
        return operation(input);
      } catch (again) {
        if (!(again instanceof RetriableError)) throw again;
        error = again;
      }
    }
  }

  #delayMs(failures: number): number {
    const { maxDelayMs } = this.#limits;
    const delay = FIRST_MS * 2 ** (failures - 1);
    if (delay <= maxDelayMs) return delay;
    return Math.floor((this.#world.random.uint32() / 2 ** 32) * maxDelayMs);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((done) => {
      const timer = this.#world.clock.after(this.#isStopped ? 0 : ms, done);
      this.#wake = () => {
        timer.cancel();
        done();
      };
    });
  }
}
