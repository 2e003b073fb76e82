import { endAfter } from './log-part.ts';

/** Enough for all that a start says, with the stack traces of Java. */
const MOST_BYTES = 1024 * 1024;
/** As Java and Node say it. */
const WORDS = /\bEADDRINUSE\b|\bAddress already in use\b/;

/**
 * Whether a process that has just ended, and never served, says that another one has its port. `from`: where
 * its log ended before it was started, in bytes.
 */
export function portWasTaken(log: string, from: number): boolean {
  return WORDS.test(endAfter(log, from, MOST_BYTES));
}
