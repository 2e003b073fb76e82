import { DiskError, type DiskErrorCode } from '../base/disk.ts';
import type { World } from '../base/world.ts';
import { StorageError } from '../storage/storage-error.ts';

/** They say nothing of the device: there is room again, or a descriptor, when something else is closed. */
const PASSING: readonly DiskErrorCode[] = ['ENOSPC', 'EMFILE'];
const FIRST_MS = 50;
/** What changed in the cluster is heard so late at most once there is room; a try costs one request. */
const LAST_MS = 1_000;

/**
 * The growing pauses of a copy of the metadata log for which there is no room. It logs once that this is so,
 * and once that it is over.
 */
export class FullDiskPause {
  readonly #world: World;
  #nextMs = FIRST_MS;
  /** Monotonic time of the first refusal; null while the disk takes what is written. */
  #since: number | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  /** How long to wait, in milliseconds, after this error; null where it is of another kind. */
  after(error: unknown): number | null {
    if (!isPassing(error)) return null;
    if (this.#since === null) {
      this.#since = this.#world.clock.monotonic();
      this.#world.log.warn(
        'there is no room for the metadata log: what changes in the cluster is not heard until there is',
        { error },
      );
    }
    const pauseMs = this.#nextMs;
    this.#nextMs = Math.min(2 * pauseMs, LAST_MS);
    return pauseMs;
  }

  /** Something was fetched and kept. */
  over(): void {
    if (this.#since === null) return;
    const afterMs = Math.round(this.#world.clock.monotonic() - this.#since);
    this.#world.log.info('there is room for the metadata log again', { afterMs });
    this.#since = null;
    this.#nextMs = FIRST_MS;
  }
}

/** A full disk, or too many open files. */
export function isPassing(error: unknown): boolean {
  if (error instanceof DiskError) return PASSING.includes(error.code);
  return error instanceof StorageError && (error.fault === 'full' || isPassing(error.cause));
}
