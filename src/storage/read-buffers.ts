/** Holds the default `max.message.bytes`, so that a full batch is read at once. */
export const READ_BUFFER_BYTES = 1024 * 1024 + 64 * 1024;
const SMALL_BYTES = 64 * 1024;
/** Kept for the next reader; what is out with slow clients is bounded where answers are. */
const KEPT_LARGE = 8;
const KEPT_SMALL = 32;

/** Recycled buffers for reads from files: into fresh ones they took half as long again. */
export class ReadBuffers {
  readonly #large: Buffer[] = [];
  readonly #small: Buffer[] = [];

  /** At least `bytes` long. */
  take(bytes: number): Buffer {
    if (bytes <= SMALL_BYTES) return this.#small.pop() ?? Buffer.allocUnsafeSlow(SMALL_BYTES);
    if (bytes <= READ_BUFFER_BYTES) return this.#large.pop() ?? Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
    return Buffer.allocUnsafeSlow(bytes);
  }

  /** The same buffer again, once, when nobody has a slice of it any more. */
  give(buffer: Buffer): void {
    if (buffer.length === SMALL_BYTES && this.#small.length < KEPT_SMALL) this.#small.push(buffer);
    else if (buffer.length === READ_BUFFER_BYTES && this.#large.length < KEPT_LARGE) this.#large.push(buffer);
  }
}
