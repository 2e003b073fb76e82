import type { TopicPartition } from '../base/topic-partition.ts';
import type { World } from '../base/world.ts';
import { DELETE_SUFFIX, folderName, retiredName } from './partition-folder.ts';

/**
 * Folders of logs that a data folder has no more: they are renamed, and those of deleted partitions emptied.
 */
export class RetiredFolders {
  readonly #world: World;
  readonly #path: string;

  constructor(world: World, path: string) {
    this.#world = world;
    this.#path = path;
  }

  /**
   * Renames the folder of a log that is closed. Returns its new path. Throws DiskError when it has its old
   * name still.
   */
  rename(of: TopicPartition, ending: string): string {
    const id = Buffer.from(this.#world.random.bytes(16)).toString('hex');
    const retired = `${this.#path}/${retiredName(of, id, ending)}`;
    this.#world.disk.rename(`${this.#path}/${folderName(of)}`, retired);
    return retired;
  }

  /**
   * Those that an earlier process renamed and did not empty. Throws DiskError when the data folder cannot be
   * listed.
   */
  removeOld(): void {
    for (const name of this.#world.disk.list(this.#path))
      if (name.endsWith(DELETE_SUFFIX)) this.remove(`${this.#path}/${name}`);
  }

  /** One that cannot be removed is told in the log: the next start finds it by its name and tries again. */
  remove(folder: string): void {
    try {
      this.#world.disk.removeDirectory(folder);
    } catch (error) {
      this.#world.log.warn('a deleted log could not be removed', { folder, error });
    }
  }
}
