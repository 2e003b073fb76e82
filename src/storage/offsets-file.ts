import { readWhole } from '../base/disk.ts';
import type { World } from '../base/world.ts';
import { type CheckpointedOffset, formatOffsets, parseOffsets } from './checkpoint-file.ts';
import { folderName } from './partition-folder.ts';
import { SavedFile } from './saved-file.ts';

/**
 * One of Kafka's checkpoint files, and what the device may have of it. The file goes by the names of folders,
 * and a name may have several lives: a topic is made again, a partition moves away and back. What the next
 * start would take from the file must be of the life that it finds, so whoever begins one, or cuts a log
 * below what the file says, asks here first.
 */
export class OffsetsFile {
  readonly #file: SavedFile;
  readonly #entries: () => readonly CheckpointedOffset[];
  /** By folder; the larger offset where a write is under way or failed, and either may be there. */
  #onDevice: Map<string, number>;
  #writing = new Map<string, number>();
  #exists: boolean;

  /**
   * Reads what is there; nothing when the file is missing or damaged, which only makes the start slower.
   * Throws DiskError.
   */
  constructor(world: World, path: string, entries: () => readonly CheckpointedOffset[]) {
    this.#entries = entries;
    const text = readWhole(world.disk, path)?.toString('utf8');
    const found = text === undefined ? [] : parseOffsets(text);
    if (found === null) world.log.warn('a checkpoint cannot be read and is not believed', { path });
    this.#onDevice = byFolder(found ?? []);
    this.#exists = text !== undefined;
    this.#file = new SavedFile(
      world,
      path,
      () => this.#content(),
      () => {
        this.#onDevice = this.#writing;
        this.#exists = true;
      },
    );
  }

  /** The largest offset that a start may find for this folder; undefined when it finds none. */
  onDevice(folder: string): number | undefined {
    return this.#onDevice.get(folder);
  }

  /** Resolves when the device has what holds now. Rejects with DiskError. */
  async save(): Promise<void> {
    if (this.#file.isSaved && this.#isOnDevice(this.#entries())) return;
    this.#file.changed();
    await this.#file.saved();
  }

  /** The file is there and says just this: thousands of idle partitions are not written every few seconds. */
  #isOnDevice(entries: readonly CheckpointedOffset[]): boolean {
    if (!this.#exists || entries.length !== this.#onDevice.size) return false;
    return entries.every((entry) => this.#onDevice.get(folderName(entry)) === entry.offset);
  }

  #content(): string {
    const entries = this.#entries();
    this.#writing = byFolder(entries);
    for (const [folder, offset] of this.#writing)
      this.#onDevice.set(folder, Math.max(offset, this.#onDevice.get(folder) ?? offset));
    return formatOffsets(entries);
  }
}

function byFolder(entries: readonly CheckpointedOffset[]): Map<string, number> {
  return new Map(entries.map((entry) => [folderName(entry), entry.offset]));
}
