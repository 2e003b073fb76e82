import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncPathNow } from './sync-path.ts';

/**
 * Makes a folder with its parents, for their owner alone; no error when it exists. One level after the other,
 * since mkdirSync's own `recursive` never returns where a parent exists but takes no folders (below /proc).
 */
export function makeFolder(path: string): void {
  make(path, () => {});
}

/**
 * `makeFolder`; those that it made are on the device when it returns. Where it throws, that is not known of
 * the last one that it made, and this is removed: who tries again makes it anew, and does not find it there.
 * `sync`: of a folder's entries.
 */
export function makeSyncedFolder(path: string, sync = syncPathNow): void {
  make(path, sync);
}

function make(path: string, sync: (parent: string) => void): void {
  if (isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) make(parent, sync);
  const isMade = makeOne(path);
  try {
    sync(parent);
  } catch (error) {
    if (isMade) rmdirSync(path);
    throw error;
  }
}

/** False where somebody else made it meanwhile. */
function makeOne(path: string): boolean {
  try {
    mkdirSync(path, 0o700);
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST' && isFolder(path)))
      throw error;
    return false;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
