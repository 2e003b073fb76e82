import type { ProcessUsage } from '../worker/process-usage.ts';

/** Over so long means are taken. */
const WINDOW_MS = 60_000;

interface Look {
  readonly at: number;
  readonly cpuMs: ReadonlyMap<number, number>;
}

/** The use of CPUs by the workers of one connector, as a mean over the last minute. */
export class CpuUse {
  #looks: Look[] = [];

  /** `now`: in ms, monotonic. */
  look(usages: readonly ProcessUsage[], now: number): void {
    this.#looks.push({ at: now, cpuMs: new Map(usages.map(({ pid, cpuMs }) => [pid, cpuMs])) });
    // The newest that is old enough is where the mean begins.
    const begin = this.#looks.findLastIndex(({ at }) => now - at >= WINDOW_MS);
    if (begin > 0) this.#looks = this.#looks.slice(begin);
  }

  /**
   * In percent of the CPUs of a worker, `mcuCount` of them: by pid, of processes that have run all the time.
   * Empty before a minute is over.
   */
  percents(mcuCount: number): ReadonlyMap<number, number> {
    const [first] = this.#looks;
    const last = this.#looks.at(-1);
    if (!first || !last || last.at - first.at < WINDOW_MS) return new Map();
    const percents = new Map<number, number>();
    for (const [pid, cpuMs] of last.cpuMs) {
      const before = first.cpuMs.get(pid);
      if (before !== undefined) percents.set(pid, (100 * (cpuMs - before)) / (last.at - first.at) / mcuCount);
    }
    return percents;
  }

  /** Begins anew: there are other workers. */
  forget(): void {
    this.#looks = [];
  }
}
