import { copyFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncPathNow } from '../platform/sync-path.ts';

/** Two of these are kept: the log being written, and the one before. */
const LONGEST_LOG_BYTES = 16 * 1024 * 1024;
/** No room for the copy. */
const NO_ROOM = ['ENOSPC', 'EDQUOT'];

/**
 * Puts a log aside when it has grown long. It is copied and emptied, not renamed: the process that writes it
 * has it open, and goes on at the beginning, since it appends. On a full disk it stays as it is: it cannot
 * grow there either. `sync`: of a file or a folder.
 */
export function limitLog(file: string, sync = syncPathNow): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= LONGEST_LOG_BYTES) return;
  try {
    copyFileSync(file, `${file}.1`);
    // Else a power loss could leave neither the log nor its copy.
    for (const path of [`${file}.1`, dirname(file)]) sync(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && NO_ROOM.includes(String(error.code)))) throw error;
    // Half a copy is of no use, and takes the room that others need.
    rmSync(`${file}.1`, { force: true });
    return;
  }
  truncateSync(file);
}
