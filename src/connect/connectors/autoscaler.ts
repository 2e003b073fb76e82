import type { Capacity } from '../state/capacity.ts';

/** Fewer workers are enough once it was so for five minutes: each change stops and starts tasks. */
const IDLE_MS = 300_000;

/** Decides how many workers a connector is to have, by what those that it has use. */
export class Autoscaler {
  #idleSince: number | null = null;

  /**
   * `percents`: how much each worker used of its CPUs in the last minute; empty while that is not known, and
   * nothing changes then. One worker comes or goes at a time. `now`: in ms, monotonic.
   */
  workerCount({ workerCount, autoScaling }: Capacity, percents: readonly number[], now: number): number {
    if (!autoScaling || percents.length === 0) return workerCount;
    const { minWorkerCount, maxWorkerCount, scaleInPercent, scaleOutPercent } = autoScaling;
    const mean = percents.reduce((sum, percent) => sum + percent, 0) / percents.length;
    if (mean >= scaleInPercent) this.#idleSince = null;
    else this.#idleSince ??= now;
    if (mean > scaleOutPercent) return Math.min(workerCount + 1, maxWorkerCount);
    if (this.#idleSince === null || now - this.#idleSince < IDLE_MS || workerCount <= minWorkerCount)
      return workerCount;
    this.#idleSince = null;
    return workerCount - 1;
  }
}
