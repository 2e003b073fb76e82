import type { Clock } from '../../base/clock.ts';

/**
 * The wait of a loop from one look to the next. A call that comes during a look ends the wait after it at
 * once: what was looked at may have changed since.
 */
export class WakeUp {
  readonly #clock: Clock;
  #isCalled = false;
  #end: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  call(): void {
    this.#isCalled = true;
    this.#end();
  }

  /** A look begins: it sees what earlier calls were about. */
  answer(): void {
    this.#isCalled = false;
  }

  /** Resolves after so long, or with the next call, or at once where there was one since `answer`. */
  wait(ms: number): Promise<void> {
    if (this.#isCalled) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#clock.after(ms, resolve);
      this.#end = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}
