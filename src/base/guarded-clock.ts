import type { Clock } from './clock.ts';

/**
 * The wall clock for whatever deletes because of age: retention, tombstones, producers, offsets,
 * transactional ids. A wall clock that jumps ahead must not make everything old at once. So a time of our own
 * is trusted, which follows the wall clock and goes at most twice as fast as real time passes: after a jump
 * of seven days nothing is deleted before half of its time has really passed, and a jump that was right is
 * caught up with. It does not go back when the wall clock does, but waits for it. Nobody sees through a clock
 * that is wrong when there is no trusted time yet.
 */
export class GuardedClock {
  readonly #clock: Clock;
  #trusted: number;
  #readAt: number;

  /**
   * `trusted`: of the process before, in milliseconds since 1970; null where there was none, and the clock is
   * believed.
   */
  constructor(clock: Clock, trusted: number | null = null) {
    this.#clock = clock;
    this.#trusted = trusted ?? clock.now();
    this.#readAt = clock.monotonic();
  }

  /**
   * What ages are told by: whole milliseconds since 1970, never ahead of the wall clock nor of the trusted
   * time.
   */
  now(): number {
    return Math.floor(Math.min(this.#clock.now(), this.trusted));
  }

  /** What is written down now as the beginning of an age: never behind either of them. */
  stamp(): number {
    return Math.ceil(Math.max(this.#clock.now(), this.trusted));
  }

  /** What the next process goes on from. */
  get trusted(): number {
    const wall = this.#clock.now();
    const monotonic = this.#clock.monotonic();
    const fastest = this.#trusted + 2 * (monotonic - this.#readAt);
    this.#trusted = Math.max(this.#trusted, Math.min(wall, fastest));
    this.#readAt = monotonic;
    return this.#trusted;
  }
}
