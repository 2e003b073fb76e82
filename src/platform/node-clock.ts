import { performance } from 'node:perf_hooks';
import type { Clock, Timer } from '../base/clock.ts';

/** setTimeout takes a signed 32-bit number of milliseconds and fires at once beyond it. */
const LONGEST_TIMEOUT_MS = 0x7fff_ffff;

export class NodeClock implements Clock {
  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  after(ms: number, run: () => void): Timer {
    let timeout: NodeJS.Timeout;
    const arm = (left: number): void => {
      const step = Math.min(left, LONGEST_TIMEOUT_MS);
      timeout = setTimeout(() => (left > step ? arm(left - step) : run()), step);
    };
    arm(ms);
    return { cancel: () => clearTimeout(timeout) };
  }

  soon(run: () => void): void {
    setImmediate(run);
  }
}
