import type { Clock, Timer } from '../../base/clock.ts';
import type { LogFields, Logger } from '../../base/log.ts';

/** A flood of connections must not become one of lines. */
const PERIOD_MS = 10_000;
/** Lines that are told apart in a period; further ones are left out. */
const MOST_TOLD_APART = 20;

interface Repeated {
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly same: LogFields;
  /** In this period. */
  times: number;
}

/** Lines of the log that anybody can cause, as often as he likes: the first at once, how many there were after ten seconds. */
export class Repeats {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #lines = new Map<string, Repeated>();
  #period: Timer | undefined;

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  /** `same`: what makes two lines one. `first`: what only the first one tells beside it. */
  say(level: 'info' | 'warn', message: string, same: LogFields, first: LogFields = {}): void {
    const key = JSON.stringify([message, same]);
    const known = this.#lines.get(key);
    if (known) known.times++;
    else if (this.#lines.size < MOST_TOLD_APART) {
      this.#lines.set(key, { level, message, same, times: 1 });
      this.#log[level](message, { ...same, ...first });
    }
    this.#period ??= this.#clock.after(PERIOD_MS, () => this.#end());
  }

  stop(): void {
    this.#period?.cancel();
  }

  #end(): void {
    this.#period = undefined;
    for (const { level, message, same, times } of this.#lines.values())
      if (times > 1) this.#log[level](message, { ...same, times });
    this.#lines.clear();
  }
}
