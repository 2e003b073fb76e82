import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export const LOCK_FILE = '.process-lock';

/** SQLITE_BUSY: another process holds the lock. */
const BUSY = 5;

/**
 * A lock on a folder that the kernel gives back when its process ends, however it ends; a pid file would lie
 * after a kill. SQLite is what Node has for file locks: an exclusive transaction on an empty database, kept
 * open, never written.
 */
export class FolderLock {
  /**
   * A database that nobody refers to is closed by the garbage collector, and the lock is gone: so they are
   * kept here.
   */
  static readonly #held = new Set<DatabaseSync>();
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Null when another process (or another part of this one) holds it. The folder must exist. */
  static acquire(folder: string): FolderLock | null {
    const database = new DatabaseSync(join(folder, LOCK_FILE));
    try {
      // The journal would be a second file, left behind by a kill.
      database.exec('PRAGMA journal_mode=MEMORY; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE');
      FolderLock.#held.add(database);
      return new FolderLock(database);
    } catch (error) {
      database.close();
      if (error instanceof Error && 'errcode' in error && error.errcode === BUSY) return null;
      throw error;
    }
  }

  /** Whether no process works in the folder; so it is when there is no folder. */
  static isFree(folder: string): boolean {
    if (!existsSync(folder)) return true;
    const lock = FolderLock.acquire(folder);
    lock?.release();
    return lock !== null;
  }

  release(): void {
    FolderLock.#held.delete(this.#database);
    this.#database.close();
  }
}
