import type { Clock, Timer } from '../../base/clock.ts';
import type { LogFields, Logger } from '../../base/log.ts';

/** How long equal lines are counted before their number is logged. */
const PERIOD_MS = 10_000;
/** The number of different lines in a period; further ones are dropped. */
const MOST_TOLD_APART = 20;

interface Repeated {
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly same: LogFields;
  /** How often the line came in this period. */
  times: number;
}

/**
 * Logs lines that a stranger can cause as often as he likes: the first one at once, the number of further
 * ones every ten seconds.
 */
export class Repeats {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #lines = new Map<string, Repeated>();
  #period: Timer | undefined;

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Lines with the same message and the same `same` are counted together. `first`: further fields, which only
   * the first line has.
   */
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
