import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FolderLock } from '../control/folder-lock.ts';
import { brokerFolder, CONTROLLER_FOLDER } from '../engines/embedded/layout.ts';
import { makeFolder } from '../platform/make-folder.ts';
import { closeToOthers } from '../platform/private-folder.ts';

/** What `millrace up` keeps its clusters in; no cluster stands beside it. */
const CONTROL_STORE = 'control.db';

/**
 * The folder of one cluster, locked for as long as the cluster runs. Two clusters in one folder would write
 * over each other's records, so the locks are taken before the first byte is read: that of the folder, as
 * another `startCluster` and `millrace up
 * --data` take it, and that of each node's folder, as the processes of `millrace up` take it.
 */
export class DataFolder {
  readonly path: string;
  readonly #locks: FolderLock[] = [];

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes the folder when it is missing. Throws one sentence when it cannot be used, or is in use. */
  static open(path: string, brokerIds: readonly number[]): DataFolder {
    const folder = new DataFolder(path);
    try {
      folder.#lock(path);
      const nodes = [CONTROLLER_FOLDER, ...brokerIds.map(brokerFolder)];
      if (existsSync(join(path, CONTROL_STORE)))
        throw new Error(`${path} is the data folder of "millrace up": choose another dataDirectory.`);
      const more = readdirSync(path).filter((name) => /^broker-\d+$/.test(name) && !nodes.includes(name));
      if (more.length > 0)
        throw new Error(
          `The data folder ${path} holds more brokers (${more.join(', ')}): start as many as it had with the option brokers.`,
        );
      closeToOthers(path);
      for (const node of nodes) folder.#lock(join(path, node));
      return folder;
    } catch (error) {
      folder.release();
      throw error;
    }
  }

  /** After the last write. */
  release(): void {
    for (const lock of this.#locks.splice(0).reverse()) lock.release();
  }

  #lock(folder: string): void {
    const lock = this.#acquire(folder);
    if (!lock)
      throw new Error(
        `The data folder ${this.path} is in use by another Millrace (a startCluster that was not stopped, or "millrace up"): stop that one, or choose another dataDirectory.`,
      );
    this.#locks.push(lock);
  }

  #acquire(folder: string): FolderLock | null {
    try {
      makeFolder(folder);
      return FolderLock.acquire(folder);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`The data folder ${this.path} cannot be used (${why}): choose another dataDirectory.`, {
        cause,
      });
    }
  }
}
