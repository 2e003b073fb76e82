import type { Entry } from 'yauzl';

/** What archives may unpack to, in bytes: some times the largest plugin that is known (164 MB). */
const MOST_BYTES = 2 * 1024 ** 3;
/** The largest known plugin has half of it in all its jars. */
const MOST_ENTRIES = 200_000;
/** Programs are compressed to a half or a third; a hundredth is an archive that was made to fill disks. */
const HIGHEST_RATIO = 100;
/** Small archives may be as compressible as they like. */
const HARMLESS_BYTES = 64 * 1024 ** 2;

/** What the archives of one plugin have so far, as their directories say: it is limited for all together. */
export class ArchiveTotals {
  #entries = 0;
  #bytes = 0;
  #packedBytes = 0;

  /**
   * Counts one more archive of so many bytes. They count, and not what its directory says that its entries
   * take of them: those may overlap.
   */
  begin(fileBytes: number): void {
    this.#packedBytes += fileBytes;
  }

  /** Counts one more entry; returns which limit it passes, as a sentence has it, and null for none. */
  add({ uncompressedSize }: Pick<Entry, 'uncompressedSize'>): string | null {
    this.#entries++;
    this.#bytes += uncompressedSize;
    if (this.#entries > MOST_ENTRIES) return `it has more than ${MOST_ENTRIES} entries`;
    if (this.#bytes > MOST_BYTES) return `it unpacks to more than ${MOST_BYTES} bytes`;
    if (this.#bytes > HARMLESS_BYTES && this.#bytes > this.#packedBytes * HIGHEST_RATIO)
      return `it unpacks to more than ${HIGHEST_RATIO} times its size`;
    return null;
  }
}
