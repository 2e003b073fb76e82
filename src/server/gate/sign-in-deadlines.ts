import type { Clock, Timer } from '../../base/clock.ts';

/** A client that has not signed in by then holds a place that others need. */
const SIGN_IN_MS = 30_000;

/** Until when each connection must have signed in. */
export class SignInDeadlines<Connection> {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #timers = new Map<Connection, Timer>();

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  /** `late` runs when the time is over, unless the connection ended before. */
  begin(connection: Connection, late: () => void): void {
    this.#timers.set(connection, this.#clock.after(SIGN_IN_MS, late));
  }

  /** The connection ended. */
  end(connection: Connection): void {
    this.#timers.get(connection)?.cancel();
    this.#timers.delete(connection);
  }
}
