import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';

// An application's tests may fake the clock.
const monotonic = performance.now.bind(performance);
/** For so long at most the first of many has to wait for those that come with it. */
const MOST_WAIT_MS = 250;
/**
 * Of one turn of the loop, for letting in: thousands at once would be a long time for everybody who is in.
 */
const TURN_MS = 2;

/**
 * Holds connections back until all are accepted that come at the same time. The loop accepts one in each turn
 * and then does what the others ask for: behind 300 consumers that fetch at once, a producer would not be
 * accepted before most of them are served. While nothing is read from the newcomers their turns are short.
 */
export class AcceptedConnections {
  readonly #waiting: (() => void)[] = [];
  #firstAt = 0;
  #cameInTurn = false;
  #isWatching = false;
  #isOpen = false;

  /** `enter` runs from the first turn on in which nobody else came, after those who came before. */
  add(enter: () => void): void {
    if (this.#waiting.length === 0) this.#firstAt = monotonic();
    this.#waiting.push(enter);
    this.#cameInTurn = true;
    if (!this.#isWatching) this.#watch();
  }

  /** All who wait, in the order in which they came. */
  letIn(): void {
    for (const enter of this.#waiting.splice(0)) enter();
  }

  #watch(): void {
    this.#isWatching = true;
    setImmediate(() => {
      this.#isWatching = false;
      if (this.#waiting.length === 0) return;
      this.#isOpen ||= !this.#cameInTurn || monotonic() - this.#firstAt >= MOST_WAIT_MS;
      this.#cameInTurn = false;
      if (this.#isOpen) this.#letSomeIn();
      if (this.#waiting.length > 0) this.#watch();
    });
  }

  #letSomeIn(): void {
    const until = monotonic() + TURN_MS;
    do this.#waiting.shift()?.();
    while (this.#waiting.length > 0 && monotonic() < until);
    this.#isOpen = this.#waiting.length > 0;
  }
}
