import { performance } from 'node:perf_hooks';
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import type { Clock, Timer } from '../base/clock.ts';

/** setTimeout takes a signed 32-bit number of milliseconds and fires at once beyond it. */
const LONGEST_TIMEOUT_MS = 0x7fff_ffff;

/**
 * Taken once, and timers from their module: a test that fakes the global ones must not stop the cluster
 * beside it.
 */
const now = Date.now;
const monotonic = performance.now.bind(performance);

export class NodeClock implements Clock {
  readonly #keepsAlive: boolean;

  /** Whether a process with nothing else to do waits for these timers. */
  constructor(keepsAlive = true) {
    this.#keepsAlive = keepsAlive;
  }

  now(): number {
    return now();
  }

  monotonic(): number {
    return monotonic();
  }

  after(ms: number, run: () => void): Timer {
    let timeout: NodeJS.Timeout;
    const arm = (left: number): void => {
      const step = Math.min(left, LONGEST_TIMEOUT_MS);
      timeout = setTimeout(() => (left > step ? arm(left - step) : run()), step);
      if (!this.#keepsAlive) timeout.unref();
    };
    // Of a deadline that has passed: Node warns of a time below zero.
    arm(Math.max(0, ms));
    return { cancel: () => clearTimeout(timeout) };
  }

  soon(run: () => void): void {
    setImmediate(run);
  }
}
