import { readFileSync } from 'node:fs';

/** Of the files that a broker may have open, these are for its logs; the rest is for connections. */
const SHARE_OF_LOGS = 0.4;
/** More are of no use: what was read lately is in memory. */
const MOST_LOG_FILES = 400;

/** How many files of its logs a broker keeps open. */
export function logFilesWithin(limit: number | null): number {
  return limit === null ? MOST_LOG_FILES : Math.min(MOST_LOG_FILES, Math.floor(limit * SHARE_OF_LOGS));
}

/**
 * How many files and connections this process may have open; Node has raised the limit to what it may be
 * already. Null where the system does not tell, and where there is no limit.
 */
export function openFilesLimit(): number | null {
  if (process.platform !== 'linux') return null;
  const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  return found ? Number(found[1]) : null;
}
