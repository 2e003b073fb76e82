/** Records are much smaller: an array of each would take more memory than its bytes. */
const MERGED_BYTES = 64 * 1024;

/** Bytes that come in small pieces and go on as one. */
export class Pieces {
  #merged: Uint8Array[] = [];
  #loose: Uint8Array[] = [];
  #looseBytes = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The bytes must stay as they are until they are merged: not longer than this is used. */
  add(bytes: Uint8Array): void {
    this.#length += bytes.length;
    this.#loose.push(bytes);
    this.#looseBytes += bytes.length;
    if (this.#looseBytes < MERGED_BYTES) return;
    this.#merged.push(this.#loose.length === 1 ? bytes : Buffer.concat(this.#loose));
    this.#loose = [];
    this.#looseBytes = 0;
  }

  joined(): Buffer {
    return Buffer.concat([...this.#merged, ...this.#loose]);
  }

  clear(): void {
    this.#merged = [];
    this.#loose = [];
    this.#looseBytes = 0;
    this.#length = 0;
  }
}
