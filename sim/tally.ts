interface Counts {
  seeds: number;
  failures: number;
  last: number;
  ms: number;
}

/** How many seeds of each scenario were run, and what became of them. */
export class Tally {
  readonly #counts: ReadonlyMap<string, Counts>;
  readonly #now: () => number;
  #at: number;

  constructor(scenarios: readonly string[], now = () => performance.now()) {
    this.#counts = new Map(scenarios.map((name) => [name, { seeds: 0, failures: 0, last: 0, ms: 0 }]));
    this.#now = now;
    this.#at = now();
  }

  get failures(): number {
    return [...this.#counts.values()].reduce((sum, { failures }) => sum + failures, 0);
  }

  /** A history ended; it took the time since the one before ended. */
  ran(scenario: string, seed: number, survived: boolean): void {
    const counts = this.#counts.get(scenario);
    if (!counts) throw new Error(`no scenario "${scenario}"`);
    const now = this.#now();
    counts.ms += now - this.#at;
    this.#at = now;
    counts.seeds++;
    counts.last = seed;
    if (!survived) counts.failures++;
  }

  /** A line for each scenario; its last seed is where a range goes on. */
  text(): string {
    const lines = [...this.#counts].map(([name, { seeds, failures, last, ms }]) => {
      const rate = (seeds / Math.max(0.001, ms / 1000)).toFixed(2);
      return `${name}: ${seeds} seeds, the last is ${last}; ${failures} failures; ${rate} a second\n`;
    });
    return lines.join('');
  }
}
