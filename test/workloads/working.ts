import { setTimeout as pause } from 'node:timers/promises';
import { isTransient } from './wire-client.ts';
import type { Workload } from './workload.ts';

/** Runs workloads side by side, each step after step, until they are told to rest. */
export class Working {
  readonly #workloads: readonly Workload[];
  readonly #pauseMs: number;
  #running: Promise<unknown> | null = null;
  #goesOn = false;

  /** `pauseMs`: between two steps of a workload. */
  constructor(workloads: readonly Workload[], pauseMs: number) {
    this.#workloads = workloads;
    this.#pauseMs = pauseMs;
  }

  start(): void {
    if (this.#running) return;
    this.#goesOn = true;
    const running = Promise.all(this.#workloads.map((workload) => this.#work(workload)));
    // `rest` reports the error.
    running.catch(() => {});
    this.#running = running;
  }

  /** Resolves when no step is under way. Rejects with the first error that no fault explains. */
  async rest(): Promise<void> {
    this.#goesOn = false;
    const running = this.#running;
    this.#running = null;
    await running;
  }

  /** The violations of all workloads while they rest, each with the name of its workload. */
  async violations(): Promise<string[]> {
    const found: string[] = [];
    for (const workload of this.#workloads)
      for (const violation of await workload.violations()) found.push(`${workload.name}: ${violation}`);
    return found;
  }

  async close(): Promise<void> {
    for (const workload of this.#workloads) await workload.close?.();
  }

  acknowledged(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#workloads.map(({ name, acknowledged }) => [name, acknowledged]));
  }

  async #work(workload: Workload): Promise<void> {
    while (this.#goesOn) {
      try {
        await workload.step();
      } catch (error) {
        if (!isTransient(error)) throw error;
      }
      await pause(this.#pauseMs);
    }
  }
}
