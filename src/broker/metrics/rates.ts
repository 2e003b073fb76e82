/** The windows of the JMX meters that Kafka has, in minutes, by the attribute that shows them. */
const WINDOWS = { OneMinuteRate: 1, FiveMinuteRate: 5, FifteenMinuteRate: 15 } as const;

export type RateName = keyof typeof WINDOWS | 'MeanRate';

interface Meter {
  count: number;
  at: number;
  readonly since: number;
  readonly firstCount: number;
  readonly rates: Map<RateName, number>;
  seen: boolean;
}

/**
 * Moving rates of counters, worked out when somebody looks and not while they count. What was counted between
 * two looks is spread evenly over that time, so the rates are those that Kafka's meters would have had if it
 * had come evenly.
 */
export class Rates {
  readonly #meters = new Map<string, Meter>();

  /** Per second, of the counter of this name. `now`: monotonic milliseconds. */
  of(name: string, count: number, now: number): ReadonlyMap<RateName, number> {
    const known = this.#meters.get(name);
    if (!known || count < known.count) return this.#begin(name, count, now);
    known.seen = true;
    const seconds = (now - known.at) / 1000;
    if (seconds <= 0) return known.rates;
    const rate = (count - known.count) / seconds;
    const isFirst = known.at === known.since;
    for (const [window, minutes] of Object.entries(WINDOWS)) {
      const name = window as keyof typeof WINDOWS;
      const kept = isFirst ? 0 : Math.exp(-seconds / (60 * minutes));
      known.rates.set(name, rate + ((known.rates.get(name) ?? 0) - rate) * kept);
    }
    known.rates.set('MeanRate', (count - known.firstCount) / ((now - known.since) / 1000));
    known.count = count;
    known.at = now;
    return known.rates;
  }

  /** Forgets the counters that were not asked for since the last call: their topics are gone. */
  forgetUnseen(): void {
    for (const [name, meter] of this.#meters) {
      if (meter.seen) meter.seen = false;
      else this.#meters.delete(name);
    }
  }

  #begin(name: string, count: number, now: number): ReadonlyMap<RateName, number> {
    const rates = new Map<RateName, number>();
    for (const rate of ['MeanRate', 'OneMinuteRate', 'FiveMinuteRate', 'FifteenMinuteRate'] as const)
      rates.set(rate, 0);
    this.#meters.set(name, { count, at: now, since: now, firstCount: count, rates, seen: true });
    return rates;
  }
}
