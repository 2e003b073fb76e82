import { chmodSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RefusedStart } from '../base/refused.ts';

/** Bits of a mode that let the group or everybody in. */
const OTHERS = 0o077;

/**
 * Leaves a data folder, with everything in it, to its owner alone: folders get mode 0700, files and sockets
 * 0600. A folder that is closed already is not looked into, since nobody else gets to what is inside; so the
 * outermost folder is closed last, and a crash before that repeats the whole. Links are never followed to
 * change what they point at. Throws RefusedStart where other users can read something and that cannot be
 * changed.
 */
export function closeToOthers(folder: string): void {
  if ((statSync(folder).mode & OTHERS) === 0) return;
  for (const name of readdirSync(folder)) closeEntry(join(folder, name));
  close(folder, 0o700);
}

function closeEntry(path: string): void {
  // Processes of an earlier life may still work here, and remove files as they like.
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (!entry) return;
  if (entry.isSymbolicLink()) checkLink(path);
  else if (entry.isDirectory()) closeToOthers(path);
  else if ((entry.mode & OTHERS) !== 0) close(path, 0o600);
}

function checkLink(path: string): void {
  const target = statSync(path, { throwIfNoEntry: false });
  if (target && (target.mode & OTHERS) !== 0)
    throw new RefusedStart(
      'DATA_FOLDER',
      `${path} is a link to something that other users of this machine can read: take that from them with "chmod -R go=", or put it in the place of the link.`,
    );
}

function close(path: string, mode: number): void {
  try {
    chmodSync(path, mode);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    if (cause.code === 'ENOENT') return;
    throw new RefusedStart('DATA_FOLDER', cannot(path, String(cause.code)), { cause });
  }
  // Some file systems take every mode and keep their own.
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (entry && (entry.mode & OTHERS) !== 0)
    throw new RefusedStart('DATA_FOLDER', cannot(path, 'its file system keeps no modes'));
}

function cannot(path: string, why: string): string {
  return `Other users of this machine can read ${path}, and that cannot be changed (${why}): make this user its owner, or choose a data folder on a file system with Unix modes.`;
}
