import type { Clock, Timer } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';

/** A flood of connections must not become one of lines. */
const PERIOD_MS = 10_000;
/** Addresses and limits that are told apart in a period. */
const MOST_TOLD_APART = 20;

/** Says in the log which limits close connections or make them wait, and whose: the first at once, how many there were after ten seconds. */
export class Refusals {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #counts = new Map<string, Refused>();
  #period: Timer | undefined;

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  happened(limit: string, { listenerName: listener, clientHost }: Refusal): void {
    const key = `${limit}\n${listener}\n${clientHost}`;
    const known = this.#counts.get(key);
    if (known) known.times++;
    else if (this.#counts.size < MOST_TOLD_APART) {
      const refused = { limit, listener, from: clientHost, times: 1 };
      this.#counts.set(key, refused);
      this.#say(refused);
    }
    this.#period ??= this.#clock.after(PERIOD_MS, () => this.#end());
  }

  stop(): void {
    this.#period?.cancel();
  }

  #end(): void {
    this.#period = undefined;
    for (const refused of this.#counts.values()) if (refused.times > 1) this.#say(refused);
    this.#counts.clear();
  }

  #say(refused: Refused): void {
    this.#log.warn('a limit of connections was reached', { ...refused });
  }
}

interface Refusal {
  readonly listenerName: string;
  readonly clientHost: string;
}

interface Refused {
  readonly limit: string;
  readonly listener: string;
  readonly from: string;
  /** In this period. */
  times: number;
}
