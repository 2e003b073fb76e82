import { existsSync, readFileSync } from 'node:fs';

/** Node says where it was, too. */
const LAST_LINES = 60;
/** As Java says it before it ends, and Node. */
const WORDS =
  /^Terminating due to (java\.lang\.OutOfMemoryError.*)$|^FATAL ERROR: .*(JavaScript heap out of memory)$/;

/**
 * What the log of a process that has just ended says of memory that it had not; null where it ended of
 * something else.
 */
export function outOfMemory(log: string): string | null {
  if (!existsSync(log)) return null;
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-LAST_LINES);
  const found = lines.map((line) => WORDS.exec(line)).findLast((match) => match !== null);
  return found ? (found[1] ?? found[2] ?? null) : null;
}
