import type { Timer } from '../src/base/clock.ts';
import type { DiskFaults } from './disk-faults.ts';

/** What its disk, its connections and the network know of a process and of its host. */
export interface SimProcess {
  readonly alive: boolean;
  readonly host: { readonly name: string; readonly hasPower: boolean; readonly faults: DiskFaults };
  /**
   * Calls `run` after `ms` milliseconds if the process lives then; a paused process does it when it goes on.
   */
  schedule(ms: number, label: string, run: () => void): Timer;
  /** Calls `run` at once, or when a paused process goes on. */
  whenRunning(run: () => void): void;
  /** Counts one change to the disk; a crash that it causes comes after the change. */
  diskOperation(): void;
}
