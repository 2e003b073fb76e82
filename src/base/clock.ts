export interface Timer {
  /** Idempotent; after it the callback does not run. */
  cancel(): void;
}

/**
 * Time and the event loop. Everything that waits, waits through this, so that a simulated world decides when.
 */
export interface Clock {
  /** Wall-clock milliseconds since 1970: for timestamps that leave the process, never for deadlines. */
  now(): number;
  /** Milliseconds with a fraction that never jump or go back: for deadlines, sessions and measurements. */
  monotonic(): number;
  after(ms: number, run: () => void): Timer;
  /**
   * Runs after the input that is ready now was handled (setImmediate): where work of one loop turn is
   * gathered.
   */
  soon(run: () => void): void;
}

/** Resolves after so many milliseconds, or as soon as one of the signals is aborted. */
export function sleep(clock: Clock, ms: number, ...ends: readonly AbortSignal[]): Promise<void> {
  if (ends.some(({ aborted }) => aborted)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      for (const signal of ends) signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(ms, done);
    for (const signal of ends) signal.addEventListener('abort', done);
  });
}

/**
 * Resolves as `coming` does, or with null when that takes longer than until then, in milliseconds of the
 * monotonic clock. Rejects as `coming` does.
 */
export function inTime<T>(
  clock: Pick<Clock, 'after' | 'monotonic'>,
  until: number,
  coming: Promise<T>,
): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const patience = clock.after(Math.max(0, until - clock.monotonic()), () => resolve(null));
    coming.then(resolve, reject).finally(() => patience.cancel());
  });
}
