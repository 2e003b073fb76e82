import type { Timer } from '../../base/clock.ts';
import { readWhole } from '../../base/disk.ts';
import type { World } from '../../base/world.ts';
import type { IamDirectory } from '../../security/iam/directory.ts';
import { parseDirectory } from '../../security/iam/directory-file.ts';

/** How often the file is read again: keys that were made or deleted count within a second. */
const READ_AGAIN_MS = 500;

/**
 * The directory of IAM's users and roles in a file, which is exchanged while a broker runs. While the file is
 * missing or anything in it is wrong there is no directory, and nobody signs in by it.
 */
export class IamDirectorySource {
  readonly #world: Pick<World, 'clock' | 'disk' | 'log'>;
  readonly #file: string;
  #bytes: Buffer | null = null;
  #directory: IamDirectory | null = null;
  /** What was wrong when the file was read last; null when nothing was. */
  #problem: string | null = null;
  #timer: Timer | undefined;

  /** `file`: absolute path. It need not be there yet. */
  constructor(world: Pick<World, 'clock' | 'disk' | 'log'>, file: string) {
    this.#world = world;
    this.#file = file;
    this.#read();
  }

  /** Another object after each change of the file; null while there is none that can be read. */
  get current(): IamDirectory | null {
    return this.#directory;
  }

  /** Begins to look for changes; `changed` is called after each. */
  start(changed: () => void): void {
    this.#timer = this.#world.clock.after(READ_AGAIN_MS, () => {
      const before = this.#directory;
      this.#read();
      if (this.#directory !== before) changed();
      this.start(changed);
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #read(): void {
    const bytes = this.#content();
    if (bytes === null) return;
    if (this.#bytes?.equals(bytes)) return;
    this.#bytes = bytes;
    try {
      this.#directory = parseDirectory(bytes.toString('utf8'));
    } catch (error) {
      this.#none(error instanceof Error ? error.message : String(error));
      return;
    }
    if (this.#problem !== null) this.#world.log.info('clients sign in by IAM again', { file: this.#file });
    this.#problem = null;
  }

  /** Null where there is none; then there is no directory either. */
  #content(): Buffer | null {
    let problem = 'it is missing';
    try {
      const bytes = readWhole(this.#world.disk, this.#file);
      if (bytes !== null) return bytes;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    this.#bytes = null;
    this.#none(problem);
    return null;
  }

  #none(problem: string): void {
    this.#directory = null;
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#world.log.error('nobody can sign in by IAM: the file of its users and roles cannot be read', {
      file: this.#file,
      problem,
    });
  }
}
