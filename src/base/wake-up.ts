import { type Clock, sleep } from './clock.ts';

/**
 * The wait of a loop from one look to the next. A call that comes during a look ends the wait after it at
 * once: what was looked at may have changed since.
 */
export class WakeUp {
  readonly #clock: Clock;
  #call = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  call(): void {
    this.#call.abort();
  }

  /** A look begins: it sees what earlier calls were about. */
  answer(): void {
    if (this.#call.signal.aborted) this.#call = new AbortController();
  }

  /**
   * Resolves after so many milliseconds, with the next call, or when one of the signals is aborted; at once
   * where there was a call since `answer`.
   */
  wait(ms: number, ...ends: readonly AbortSignal[]): Promise<void> {
    return sleep(this.#clock, ms, this.#call.signal, ...ends);
  }
}
