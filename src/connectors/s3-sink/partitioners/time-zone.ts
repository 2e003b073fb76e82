/** Zones change their clocks at quarters of an hour. */
const QUARTER_MS = 900_000;
const MOST_KEPT = 1_000;

/** How far the clocks of a zone are from UTC. */
export class TimeZone {
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  /** Throws RangeError when there is no such zone: `timeZoneProblem` says so before. */
  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: name, calendar: 'iso8601', hourCycle: 'h23' },
      ...{
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      },
    });
  }

  /**
   * What must be added to a time in milliseconds since 1970 to read its local day and hour as those of UTC.
   */
  offsetMs(at: number): number {
    const quarter = Math.floor(at / QUARTER_MS);
    const known = this.#offsets.get(quarter);
    if (known !== undefined) return known;
    if (this.#offsets.size >= MOST_KEPT) this.#offsets.clear();
    const begin = quarter * QUARTER_MS;
    const parts = new Map(this.#format.formatToParts(begin).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const local = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
    this.#offsets.set(quarter, local - begin);
    return local - begin;
  }
}

/** As the end of a sentence, or null. */
export function timeZoneProblem(name: string): string | null {
  try {
    new TimeZone(name);
    return null;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return 'must be a time zone, as UTC or Europe/Berlin';
  }
}
