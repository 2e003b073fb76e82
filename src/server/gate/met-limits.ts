import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { Repeats } from './repeats.ts';

/** Who met a limit. */
interface Comer {
  readonly listenerName: string;
  readonly clientHost: string;
}

/** Which limits closed connections or made them wait: counted, and logged without flooding the log. */
export class MetLimits {
  readonly #counts = new Map<string, number>();
  readonly #said: Repeats;

  constructor(clock: Clock, log: Logger) {
    this.#said = new Repeats(clock, log);
  }

  /** How often, by the limit's name. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  met(limit: string, { listenerName: listener, clientHost: from }: Comer): void {
    this.#counts.set(limit, (this.#counts.get(limit) ?? 0) + 1);
    this.#said.say('warn', 'a limit of connections was reached', { limit, listener, from });
  }

  stop(): void {
    this.#said.stop();
  }
}
