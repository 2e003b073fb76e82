import { readFileSync, readlinkSync } from 'node:fs';

/** In the third field: it has ended, and whoever started it has not asked how. */
const ENDED = 'Z';
/** The 22nd field of /proc/PID/stat, counted from the one behind the name. */
const START_TIME = 19;

/**
 * What tells a process from an earlier one with the same number, and from one in another container. Null
 * where the system does not tell it to this user, and where there is no such process.
 */
export function processIdentity(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startedAt = fields[START_TIME];
    if (fields[0] === ENDED) return null;
    return `${readlinkSync(`/proc/${pid}/ns/pid`)} ${startedAt}`;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
