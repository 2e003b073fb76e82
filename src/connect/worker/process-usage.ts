import { readFileSync } from 'node:fs';

/** Of Linux's clock in /proc (USER_HZ), on every machine that Node runs on. */
const TICKS_PER_SECOND = 100;

/** What a process has used since it began. */
export interface ProcessUsage {
  readonly pid: number;
  readonly cpuMs: number;
  /** Memory that it holds now. */
  readonly residentBytes: number;
}

/** Null for a process that has ended. */
export function usageOf(pid: number): ProcessUsage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // What follows the name of the program, which may have anything in it (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [user, system] = [Number(fields[11]), Number(fields[12])];
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return {
      pid,
      cpuMs: ((user + system) * 1_000) / TICKS_PER_SECOND,
      residentBytes: Number(resident ?? 0) * 1_024,
    };
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return null;
    throw error;
  }
}
