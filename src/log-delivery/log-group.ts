import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { limitLog } from '../processes/log-limit.ts';

/**
 * The file that stands for a stream of a log group of CloudWatch: `log-groups/GROUP/STREAM.log` below the
 * data folder.
 */
export function logStreamFile(dataDirectory: string, group: string, stream: string): string {
  return join(dataDirectory, 'log-groups', group, `${stream}.log`);
}

/** Two files of a stream are kept, as of every log. Throws what the file system throws. */
export function appendToLogGroup(file: string, lines: Buffer): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  limitLog(file);
  appendFileSync(file, lines, { mode: 0o600 });
}
