import { closeSync, constants, fdatasyncSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeSyncedFolder } from '../platform/make-folder.ts';
import { syncPathNow } from '../platform/sync-path.ts';
import { limitLog } from '../processes/log-limit.ts';

const { O_WRONLY, O_CREAT, O_APPEND } = constants;

/**
 * The file that stands for a stream of a log group of CloudWatch: `log-groups/GROUP/STREAM.log` below the
 * data folder.
 */
export function logStreamFile(dataDirectory: string, group: string, stream: string): string {
  return join(dataDirectory, 'log-groups', group, `${stream}.log`);
}

/**
 * Two files of a stream are kept, as of every log. The lines are on the device when it returns: whoever
 * remembers that they were delivered must not outlive them. Throws what the file system throws, and the file
 * has none of them then, so that they can be given again. `sync`: of the lines, by their file's descriptor;
 * `syncNames`: of the files in their folder.
 */
export function appendToLogGroup(
  file: string,
  lines: Buffer,
  sync = fdatasyncSync,
  syncNames = syncPathNow,
): void {
  const folder = dirname(file);
  makeSyncedFolder(folder);
  limitLog(file);
  const descriptor = openSync(file, O_WRONLY | O_CREAT | O_APPEND, 0o600);
  try {
    const { size } = fstatSync(descriptor);
    try {
      for (let done = 0; done < lines.length; ) done += writeSync(descriptor, lines, done);
      sync(descriptor);
      // Also of a file that is not new: who made it may have been killed before this.
      syncNames(folder);
    } catch (error) {
      ftruncateSync(descriptor, size);
      throw error;
    }
  } finally {
    closeSync(descriptor);
  }
}
