import { writeWhole } from '../base/disk.ts';
import type { World } from '../base/world.ts';

/**
 * A small file that follows a state: after each change it is written anew, whole and synced, one write at a
 * time and the latest state last. `saved` waits until the file has everything that changed before the call.
 */
export class SavedFile {
  readonly #world: World;
  readonly #path: string;
  readonly #content: () => string;
  readonly #onWritten: () => void;
  #writing: Promise<void> | null = null;
  #changed = false;

  /** `onWritten` runs when the device has what `content` returned last. */
  constructor(world: World, path: string, content: () => string, onWritten: () => void = () => {}) {
    this.#world = world;
    this.#path = path;
    this.#content = content;
    this.#onWritten = onWritten;
  }

  changed(): void {
    this.#changed = true;
  }

  /** Rejects with the DiskError; the change still counts as not written. */
  async saved(): Promise<void> {
    while (this.#changed || this.#writing) {
      if (this.#writing) await this.#writing;
      else await this.#write();
    }
  }

  get isSaved(): boolean {
    return !this.#changed && this.#writing === null;
  }

  /** The folder is gone or about to be. */
  forget(): void {
    this.#changed = false;
  }

  async #write(): Promise<void> {
    this.#changed = false;
    this.#writing = writeWhole(this.#world.disk, this.#path, Buffer.from(this.#content()));
    try {
      await this.#writing;
      this.#onWritten();
    } catch (error) {
      this.#changed = true;
      throw error;
    } finally {
      this.#writing = null;
    }
  }
}
