import { endAfter } from './log-part.ts';

/** Node says where it was, too. */
const LAST_LINES = 60;
const MOST_BYTES = 64 * 1024;
/** As Java says it before it ends, and Node. */
const WORDS =
  /^Terminating due to (java\.lang\.OutOfMemoryError.*)$|^FATAL ERROR: .*(JavaScript heap out of memory)$/;

/**
 * What the log of a process that has just ended says of memory that it had not; null where it ended of
 * something else. `from`: where the log ended when this life of the process began, in bytes.
 */
export function outOfMemory(log: string, from: number): string | null {
  const lines = endAfter(log, from, MOST_BYTES).trimEnd().split('\n').slice(-LAST_LINES);
  const found = lines.map((line) => WORDS.exec(line)).findLast((match) => match !== null);
  return found ? (found[1] ?? found[2] ?? null) : null;
}
