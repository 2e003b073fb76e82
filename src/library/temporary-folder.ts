import { lstatSync, mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderLock, LOCK_FILE } from '../control/folder-lock.ts';

const PREFIX = 'millrace-cluster-';
/** A folder this young may be one that its process has not locked yet. */
const YOUNG_MS = 60_000;
/** Removed by one start at most: it should not wait for a year of crashed tests. */
const MOST_AT_ONCE = 20;

/** A folder for as long as one cluster lives, locked so that others can see that it does. */
export class TemporaryFolder {
  readonly path: string;
  readonly #lock: FolderLock;

  private constructor(path: string, lock: FolderLock) {
    this.path = path;
    this.#lock = lock;
  }

  static make(): TemporaryFolder {
    const path = mkdtempSync(join(tmpdir(), PREFIX));
    const lock = FolderLock.acquire(path);
    if (!lock) throw new Error(`The new folder ${path} is locked by another process.`);
    return new TemporaryFolder(path, lock);
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    this.#lock.release();
  }
}

/** Removes the folders of processes that ended without removing them: nobody holds their lock. */
export async function removeLeftFolders(now: number): Promise<void> {
  const folders = readdirSync(tmpdir())
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => join(tmpdir(), name))
    .filter((path) => isOurs(path, now))
    .slice(0, MOST_AT_ONCE);
  for (const path of folders) {
    const lock = FolderLock.acquire(path);
    if (!lock) continue;
    await rm(path, { recursive: true, force: true });
    lock.release();
  }
}

/** A folder of this user (links are none) that was locked once and is not new. */
function isOurs(path: string, now: number): boolean {
  const folder = lstatSync(path, { throwIfNoEntry: false });
  if (!folder?.isDirectory() || folder.uid !== process.getuid?.()) return false;
  const lock = lstatSync(join(path, LOCK_FILE), { throwIfNoEntry: false });
  return lock?.isFile() === true && now - folder.birthtimeMs > YOUNG_MS;
}
