import { readFileSync } from 'node:fs';

/** The kernel's figures of a process. */
export interface Usage {
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** Linux counts processor time in ticks of 10 ms on every architecture that Node runs on. */
const TICK_MS = 10;
const PAGE_BYTES = 4096;

export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  const resident = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return { cpuMs: (user + system) * TICK_MS, residentBytes: resident * PAGE_BYTES };
}
