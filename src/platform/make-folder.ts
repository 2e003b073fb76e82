import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncFolder } from './sync-folder.ts';

/**
 * Makes a folder with its parents, for their owner alone; no error when it exists. One level after the other,
 * since mkdirSync's own `recursive` never returns where a parent exists but takes no folders (below /proc).
 */
export function makeFolder(path: string): void {
  make(path, () => {});
}

/** `makeFolder`; those that it made are on the device when it returns. */
export function makeSyncedFolder(path: string): void {
  make(path, syncFolder);
}

function make(path: string, made: (parent: string) => void): void {
  if (isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) make(parent, made);
  try {
    mkdirSync(path, 0o700);
  } catch (error) {
    // Somebody else made it meanwhile.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST' && isFolder(path)))
      throw error;
  }
  made(parent);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
