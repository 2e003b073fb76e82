import type { Clock } from '../../base/clock.ts';

/** A start that takes longer waits for something else than a processor, and holds up nobody any more. */
const TURN_MS = 10_000;

/**
 * Gives turns to start a cluster, so many at a time and in the order they were asked for. Each process takes
 * most of a second of a processor until it serves: started all at once, none of them serves for long, and the
 * control plane itself gets no time to answer.
 */
export class StartTurns {
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(clock: Clock, atOnce: number) {
    this.#clock = clock;
    this.#free = atOnce;
  }

  /** Of one cluster, not begun. */
  turn(): StartTurn {
    return new StartTurn((begin) => this.#ask(begin));
  }

  /** Calls `begin` when it is its turn, with what ends it. Gives what takes the question back. */
  #ask(begin: (end: () => void) => void): () => void {
    const next = (): void => {
      this.#free--;
      begin(this.#ending());
    };
    this.#waiting.push(next);
    this.#give();
    return () => {
      const place = this.#waiting.indexOf(next);
      if (place >= 0) this.#waiting.splice(place, 1);
    };
  }

  #give(): void {
    while (this.#free > 0 && this.#waiting.length > 0) this.#waiting.shift()?.();
  }

  /** Has an effect once: when it is called, or when the time is over. */
  #ending(): () => void {
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      timer.cancel();
      this.#free++;
      this.#give();
    };
    const timer = this.#clock.after(TURN_MS, end);
    return end;
  }
}

export class StartTurn {
  readonly #ask: (begin: (end: () => void) => void) => () => void;
  #end: (() => void) | null = null;

  constructor(ask: (begin: (end: () => void) => void) => () => void) {
    this.#ask = ask;
  }

  /** Also when it lasted too long for others to wait. */
  get isBegun(): boolean {
    return this.#end !== null;
  }

  /** Resolves when it has begun, or when the signal is aborted. */
  begin(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const leave = (): void => {
        takeBack();
        resolve();
      };
      signal.addEventListener('abort', leave);
      const takeBack = this.#ask((end) => {
        signal.removeEventListener('abort', leave);
        this.#end = end;
        resolve();
      });
    });
  }

  /** Without effect where it has not begun. */
  end(): void {
    this.#end?.();
    this.#end = null;
  }
}
