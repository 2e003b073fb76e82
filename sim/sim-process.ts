import type { Timer } from '../src/base/clock.ts';
import type { DiskFaults } from './disk-faults.ts';

/** What its disk, its connections and the network know of a process and of its host. */
export interface SimProcess {
  readonly alive: boolean;
  readonly host: { readonly name: string; readonly hasPower: boolean; readonly faults: DiskFaults };
  /** `run` after `ms` milliseconds, if the process lives then; a paused one does it when it goes on. */
  schedule(ms: number, label: string, run: () => void): Timer;
  /** At once, unless the process is paused. */
  whenRunning(run: () => void): void;
  /** Counts one change to the disk; the crash it may be comes after the change. */
  diskOperation(): void;
}
