import { type Clock, sleep } from '../base/clock.ts';

/** A step ends after this: a few bytes on the disk may be very many records. */
const STEP_MS = 2;
/** A turn that took this long had other work in it. */
const BUSY_TURN_MS = 1;
/** Compaction goes on at the least this often, however busy the loop. */
const MAX_REST_MS = 100;

/**
 * Compaction works in short steps and rests after each as long as the step took, so that it has at most half
 * of the loop; and twice as long as the loop needed for everything else, when that shows that there is
 * something else.
 */
export class CompactionPace {
  readonly #clock: Clock;
  #stepBegan: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#stepBegan = clock.monotonic();
  }

  /** A step begins: what came before it was waiting. */
  begin(): void {
    this.#stepBegan = this.#clock.monotonic();
  }

  /** The step took long enough. */
  get isDue(): boolean {
    return this.#clock.monotonic() - this.#stepBegan >= STEP_MS;
  }

  /** The step is over. */
  async rest(): Promise<void> {
    const ended = this.#clock.monotonic();
    await new Promise<void>((done) => {
      this.#clock.soon(done);
    });
    const turnMs = this.#clock.monotonic() - ended;
    const restMs = Math.max(ended - this.#stepBegan, turnMs > BUSY_TURN_MS ? 2 * turnMs : 0);
    if (restMs > BUSY_TURN_MS) await sleep(this.#clock, Math.min(restMs, MAX_REST_MS));
  }
}
