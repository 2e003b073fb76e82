import { assert } from '../base/assert.ts';
import { FRAME_LENGTH_BYTES, frameLength } from '../protocol/frame.ts';

const SCRATCH_BYTES = 16 * 1024;
/** What is set aside on the other side's word alone; more is only when that much has come. */
const TRUSTED_BYTES = 1024 * 1024;
/** Some batches of the default `max.message.bytes`; larger answers are too rare to keep room for them. */
const REUSED_MAX_BYTES = 4 * 1024 * 1024;

/**
 * Splits what a server sends into responses. Each is given in memory of its own, because decoded messages
 * keep slices of it; one that does not come whole is read in place. Memory that is given back is used for the
 * next large one: fresh memory of that size costs more than the copy out of it.
 */
export class ResponseReader {
  readonly #bytesMax: number;
  readonly #received: (response: Buffer) => void;
  readonly #scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  /** Bytes at the front of the scratch that are no whole length yet. */
  #kept = 0;
  #frame: { bytes: Buffer; filled: number; readonly length: number } | null = null;
  /** The memory of the last large response that was given; other memory is not ours to take. */
  #given: ArrayBufferLike | null = null;
  #spare: Buffer | null = null;
  #stopped = false;

  constructor(bytesMax: number, received: (response: Buffer) => void) {
    this.#bytesMax = bytesMax;
    this.#received = received;
  }

  buffer(): Uint8Array {
    if (!this.#frame) return this.#scratch.subarray(this.#kept);
    return this.#frame.bytes.subarray(this.#frame.filled);
  }

  /** Throws ProtocolError when a length cannot be one, or is beyond the limit. */
  received(bytes: number): void {
    const frame = this.#frame;
    if (!frame) {
      this.#split(this.#scratch.subarray(0, this.#kept + bytes));
      return;
    }
    frame.filled += bytes;
    if (frame.filled === frame.length) {
      this.#frame = null;
      this.#given = frame.bytes.buffer;
      this.#received(frame.bytes);
    } else if (frame.filled === frame.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(frame.length, 2 * frame.bytes.length));
      frame.bytes.copy(grown);
      frame.bytes = grown;
    }
  }

  /** Nothing of the response that these bytes are a part of is used any more. */
  reuse({ buffer }: Uint8Array): void {
    if (buffer !== this.#given) return;
    this.#given = null;
    if (buffer.byteLength > REUSED_MAX_BYTES) return;
    // A smaller one is not worth the larger one that is there.
    if (this.#spare === null || this.#spare.length < buffer.byteLength) this.#spare = Buffer.from(buffer);
  }

  /** Nothing more is given. */
  stop(): void {
    this.#stopped = true;
  }

  #split(bytes: Buffer): void {
    let at = 0;
    this.#kept = 0;
    while (!this.#stopped && bytes.length - at >= FRAME_LENGTH_BYTES) {
      const length = frameLength(bytes, at, this.#bytesMax);
      at += FRAME_LENGTH_BYTES;
      const end = at + length;
      if (end > bytes.length) {
        this.#begin(length, bytes.subarray(at));
        return;
      }
      this.#received(Buffer.from(bytes.subarray(at, end)));
      at = end;
    }
    this.#kept = bytes.length - at;
    assert(this.#stopped || this.#kept < FRAME_LENGTH_BYTES, 'what is kept is no whole length');
    if (this.#stopped) this.#kept = 0;
    else bytes.copy(this.#scratch, 0, at);
  }

  #begin(length: number, first: Buffer): void {
    const bytes = this.#memory(Math.min(length, Math.max(TRUSTED_BYTES, 2 * first.length)), length);
    first.copy(bytes);
    this.#frame = { bytes, filled: first.length, length };
  }

  /** At least `atLeast` bytes, and no more than `atMost`. */
  #memory(atLeast: number, atMost: number): Buffer {
    const spare = this.#spare;
    if (!spare || spare.length < atLeast) return Buffer.allocUnsafeSlow(atLeast);
    this.#spare = null;
    return spare.length > atMost ? spare.subarray(0, atMost) : spare;
  }
}
