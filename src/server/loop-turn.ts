import type { Clock } from '../base/clock.ts';

/**
 * Of one turn of the event loop, for the requests of all connections. Hundreds may have come in one read, and
 * each may cost tens of milliseconds (a member that joins a group of a thousand); whoever supervises this
 * process and whoever coordinates it would take it for dead meanwhile.
 */
const TURN_MS = 25;

/** A connection that may have requests which wait. */
export interface TurnTaker {
  /** Begins one request at least, if there is one. */
  nextTurn(): void;
}

/**
 * How long requests have been begun in this turn of the loop. Each connection begins one in a turn, and
 * further ones while there is time; the others wait for the next turn, in which the loop has looked at what
 * everybody else sent.
 */
export class LoopTurn {
  readonly #clock: Pick<Clock, 'monotonic' | 'soon'>;
  readonly #waiting = new Set<TurnTaker>();
  #beganAt: number | null = null;

  constructor(clock: Pick<Clock, 'monotonic' | 'soon'>) {
    this.#clock = clock;
  }

  /** Whether there is time for another request; when not, the connection is called in the next turn. */
  hasTimeFor(taker: TurnTaker): boolean {
    const now = this.#clock.monotonic();
    if (this.#beganAt === null) {
      this.#beganAt = now;
      this.#clock.soon(() => this.#next());
      return true;
    }
    if (now - this.#beganAt < TURN_MS) return true;
    this.#waiting.add(taker);
    return false;
  }

  #next(): void {
    this.#beganAt = null;
    const takers = [...this.#waiting];
    this.#waiting.clear();
    for (const taker of takers) taker.nextTurn();
  }
}
