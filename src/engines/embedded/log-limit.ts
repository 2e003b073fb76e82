import { copyFileSync, statSync, truncateSync } from 'node:fs';

/** Two of these are kept: the log being written, and the one before. */
const LONGEST_LOG_BYTES = 16 * 1024 * 1024;

/**
 * Puts a log aside when it has grown long. It is copied and emptied, not renamed: the process that writes it has it open, and goes on
 * at the beginning, since it appends.
 */
export function limitLog(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= LONGEST_LOG_BYTES) return;
  copyFileSync(file, `${file}.1`);
  truncateSync(file);
}
