import { DiskError } from '../base/disk.ts';
import { crashOnProgrammerError } from '../base/programmer-error.ts';
import type { World } from '../base/world.ts';
import { RecordError } from '../protocol/records/record-error.ts';
import { StorageError, type StorageFault } from './storage-error.ts';

/** After a full disk, how often an append may look whether there is room again. */
const FULL_RETRY_MS = 1000;
/** Room that must be there beyond the append itself: indexes, snapshots and checkpoints are written too. */
const FULL_SPARE_BYTES = 1024 * 1024;

/** What is wrong with one log's storage, and whether it may go on. */
export class LogFaults {
  readonly #world: World;
  readonly #directory: string;
  readonly #onStorageError: (error: StorageError) => void;
  /** Offsets of damaged batches that were reported. */
  readonly #damaged = new Set<number>();
  #current: StorageError | null = null;
  #retryAt = 0;

  constructor(world: World, directory: string, onStorageError: (error: StorageError) => void) {
    this.#world = world;
    this.#directory = directory;
    this.#onStorageError = onStorageError;
  }

  /** Why appends are refused; null when they are not. */
  get current(): StorageError | null {
    return this.#current;
  }

  /**
   * From now on appends are refused. Only a full disk may turn into something worse, nothing into something
   * better.
   */
  fail(fault: StorageFault, cause: unknown): StorageError {
    crashOnProgrammerError(this.#world, cause);
    const error = new StorageError(fault, this.#directory, { cause });
    // Before anybody is told: whoever looks at the log then finds what it was told.
    if (this.#current === null || this.#current.fault === 'full' || fault === 'sync') this.#current = error;
    this.#retryAt = this.#world.clock.monotonic() + FULL_RETRY_MS;
    this.#tell(error);
    return error;
  }

  /** Told, and nothing is refused for it. */
  report(fault: StorageFault, cause: unknown): StorageError {
    crashOnProgrammerError(this.#world, cause);
    const error = new StorageError(fault, this.#directory, { cause });
    this.#tell(error);
    return error;
  }

  #tell(error: StorageError): void {
    const { fault, cause } = error;
    this.#world.log.error('storage fault', { directory: this.#directory, fault, error: cause });
    this.#onStorageError(error);
  }

  /** Tells of a damaged batch once, however often it is asked for. */
  reportDamage(offset: number): void {
    if (this.#damaged.has(offset)) return;
    this.#damaged.add(offset);
    this.report('corrupt', new RecordError('CORRUPT_MESSAGE', `the batch at offset ${offset} is damaged`));
  }

  /**
   * Whether an append may go on. A full disk may have room again; it is looked at once a second, by whoever
   * appends.
   */
  allow(bytes: number): boolean {
    if (this.#current === null) return true;
    const now = this.#world.clock.monotonic();
    if (this.#current.fault !== 'full' || now < this.#retryAt) return false;
    this.#retryAt = now + FULL_RETRY_MS;
    if (this.#world.disk.space(this.#directory).freeBytes < bytes + FULL_SPARE_BYTES) return false;
    this.#current = null;
    this.#world.log.info('a log goes on: there is room again', { directory: this.#directory });
    return true;
  }
}

export function faultOf(error: unknown): StorageFault {
  return error instanceof DiskError && error.code === 'ENOSPC' ? 'full' : 'write';
}
