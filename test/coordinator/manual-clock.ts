import type { Clock, Timer } from '../../src/base/clock.ts';

/** A clock that stands still until a test moves it. Timers run in the order of their time. */
export class ManualClock implements Clock {
  /** Milliseconds by which the wall clock is wrong: changing it is a jump of the clock. */
  skewMs = 0;
  #time = 0;
  #sequence = 0;
  readonly #timers = new Set<{ at: number; sequence: number; run: () => void }>();

  now(): number {
    return 1_750_000_000_000 + this.skewMs + Math.floor(this.#time);
  }

  monotonic(): number {
    return this.#time;
  }

  after(ms: number, run: () => void): Timer {
    const timer = { at: this.#time + Math.max(0, ms), sequence: this.#sequence++, run };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  soon(run: () => void): void {
    this.after(0, run);
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Advances time. Code that waits for a timer runs before the next timer does. */
  async advance(ms: number): Promise<void> {
    const end = this.#time + ms;
    for (;;) {
      await settle();
      const [next] = [...this.#timers].sort((a, b) => a.at - b.at || a.sequence - b.sequence);
      if (!next || next.at > end) break;
      this.#timers.delete(next);
      this.#time = Math.max(this.#time, next.at);
      next.run();
    }
    this.#time = end;
    await settle();
  }
}

/** Resolves when every promise that can settle has settled. */
export function settle(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}
