import type { Disk } from '../base/disk.ts';
import { at, batchSizeAt, HEADER_BYTES } from '../protocol/records/batch.ts';
import { readInt64 } from '../protocol/records/int64.ts';
import { suffix } from './file-names.ts';
import { MAX_RELATIVE_OFFSET } from './segment.ts';

/**
 * What is promised of the offsets in a partition's folder, so that recovery can tell what compaction left out
 * from what a power loss took:
 *   `dense`      each batch begins where the one before it ends. A gap is a loss, and the log ends before it.
 *   `adjoining`  batches may leave offsets out, but each segment begins where the one before it ends: our
 *                compaction keeps the end of what it compacts, and a follower rolls at its end. A gap between
 *                segments is a loss.
 *   `unknown`    nothing. Every gap is believed, as Kafka's recovery does (LogSegment.recover,
 *                LogLoader.recoverLog): the lost end of one segment is not noticed when a later segment
 *                survived.
 * The name of an empty file says it, which Kafka overlooks. A folder is `dense` from its making, and can only
 * promise less: the weaker name is on the device before the first gap is in a file. Folders from before there
 * were such files have none, and are `unknown`. The topic's configs say nothing of this: they change while
 * the segments stay, are not known when logs are opened, and a follower has the gaps of a leader that
 * compacted.
 */
export type OffsetPromise = 'dense' | 'adjoining' | 'unknown';

const FILES = { dense: 'offsets-are-dense', adjoining: 'segments-adjoin' } as const;

export class OffsetLayout {
  readonly #disk: Disk;
  readonly #folder: string;
  #promise: OffsetPromise;
  #weakening: Promise<void> = Promise.resolve();

  /** `names`: what lies in the folder. Throws DiskError when the file of a new folder cannot be made. */
  static open(disk: Disk, folder: string, names: readonly string[]): OffsetLayout {
    if (names.includes(FILES.adjoining)) return new OffsetLayout(disk, folder, 'adjoining');
    if (names.includes(FILES.dense)) return new OffsetLayout(disk, folder, 'dense');
    if (names.some((name) => name.endsWith(suffix.log))) return new OffsetLayout(disk, folder, 'unknown');
    disk.open(`${folder}/${FILES.dense}`, 'create').close();
    return new OffsetLayout(disk, folder, 'dense');
  }

  private constructor(disk: Disk, folder: string, promise: OffsetPromise) {
    this.#disk = disk;
    this.#folder = folder;
    this.#promise = promise;
  }

  /** What holds for good: a weaker promise counts once the device has it. */
  get promise(): OffsetPromise {
    return this.#promise;
  }

  allows(wanted: OffsetPromise): boolean {
    return ORDER.indexOf(this.#promise) >= ORDER.indexOf(wanted);
  }

  /** Resolves when the device no longer has a stronger promise than this one. Rejects with DiskError. */
  weakenTo(wanted: OffsetPromise): Promise<void> {
    const weakened = this.#weakening.then(() => this.#weaken(wanted));
    this.#weakening = weakened.catch(() => {});
    return weakened;
  }

  async #weaken(wanted: OffsetPromise): Promise<void> {
    if (this.allows(wanted)) return;
    const path = (name: string) => `${this.#folder}/${name}`;
    const { dense, adjoining } = FILES;
    const has = (name: string) => this.#disk.exists(path(name));
    if (wanted === 'adjoining' && has(dense)) this.#disk.rename(path(dense), path(adjoining));
    if (wanted === 'unknown') {
      for (const name of [dense, adjoining]) if (has(name)) this.#disk.remove(path(name));
    }
    await this.#disk.syncDirectory(this.#folder);
    this.#promise = wanted;
  }
}

/** From the strongest to the weakest. */
const ORDER: readonly OffsetPromise[] = ['dense', 'adjoining', 'unknown'];

/**
 * The strongest promise that holds of a log that ends at `endOffset` after these batches were appended.
 * Batches that are not sound end the look: the append refuses them.
 */
export function promiseAfter(batches: Buffer, endOffset: number): OffsetPromise {
  let next = endOffset;
  let isDense = true;
  for (let start = 0; start + HEADER_BYTES <= batches.length; ) {
    const sizeInBytes = batchSizeAt(batches, start);
    if (sizeInBytes < HEADER_BYTES) break;
    const baseOffset = readInt64(batches, start + at.baseOffset);
    isDense &&= baseOffset === next;
    next = baseOffset + batches.readInt32BE(start + at.lastOffsetDelta) + 1;
    start += sizeInBytes;
  }
  if (isDense) return 'dense';
  return adjoins(endOffset, next - 1) ? 'adjoining' : 'unknown';
}

/** Whether a new segment for an append that ends with `lastOffset` may begin at the end of the log. */
export function adjoins(endOffset: number, lastOffset: number): boolean {
  return lastOffset - endOffset <= MAX_RELATIVE_OFFSET;
}
