/**
 * Splits a byte stream into length-prefixed frames. Bytes arrive in a scratch buffer that all connections
 * share, so frames that arrive whole cost no copy; a frame larger than what arrived gets a buffer of its own,
 * and the following reads go straight into it. That buffer grows with the bytes that really come, never to a
 * length that was only claimed.
 *
 * A frame given to `accept` is valid until `accept` returns.
 */
export class FrameReader {
  readonly #scratch: Buffer;
  readonly #buffers: FrameBuffers;
  readonly #sizeMax: () => number;
  readonly #hasRoom: (frameBytes: number) => boolean;
  /** Returns whether a further frame may be given now; false keeps the rest until `continue`. */
  readonly #accept: (frame: Buffer) => boolean;

  /** Where the last `buffer()` told the connection to put its bytes. */
  #given: Uint8Array;
  /** The length prefix, as far as it came. */
  #prefix = 0;
  #prefixBytes = 0;
  /** The frame under way: its stated size, and its bytes so far. */
  #size = -1;
  #frame: Buffer | undefined;
  #filled = 0;
  /** Bytes that came while no frame was accepted. */
  #held: Buffer | undefined;
  #accepting = true;

  constructor(options: {
    readonly scratch: Buffer;
    readonly buffers: FrameBuffers;
    readonly sizeMax: () => number;
    /** Whether memory may be reserved for more of a frame of this size than has come. */
    readonly hasRoom: (frameBytes: number) => boolean;
    readonly accept: (frame: Buffer) => boolean;
  }) {
    this.#scratch = options.scratch;
    this.#buffers = options.buffers;
    this.#sizeMax = options.sizeMax;
    this.#hasRoom = options.hasRoom;
    this.#accept = options.accept;
    this.#given = options.scratch;
  }

  /** Where the next bytes should go, `bytesMax` at most; never empty. */
  buffer(bytesMax = Number.POSITIVE_INFINITY): Uint8Array {
    const frame = this.#frameHasRoom();
    if (frame)
      this.#given = frame.subarray(this.#filled, Math.min(this.#usable(frame), this.#filled + bytesMax));
    else this.#given = bytesMax < this.#scratch.length ? this.#scratch.subarray(0, bytesMax) : this.#scratch;
    return this.#given;
  }

  /** Throws FrameError when the stream cannot be a Kafka client's; the connection is then closed. */
  received(bytes: number): void {
    const given = this.#given;
    const frame = this.#frame;
    if (
      this.#accepting &&
      frame &&
      given.buffer === frame.buffer &&
      given.byteOffset === frame.byteOffset + this.#filled
    ) {
      this.#filled += bytes;
      this.#advance();
      return;
    }
    this.#feed(Buffer.from(given.buffer, given.byteOffset, bytes));
  }

  /** Gives the frames that were held back when `accept` said no. */
  continue(): void {
    this.#accepting = true;
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    this.#feed(held);
  }

  /** Holds what comes from now on back until continue(), as if `accept` had said no. */
  stop(): void {
    this.#accepting = false;
  }

  /** Whether `accept` said no and was not asked again since. */
  get waiting(): boolean {
    return !this.#accepting;
  }

  /** Whether bytes came in the meantime. */
  get holding(): boolean {
    return this.#held !== undefined;
  }

  /** Bytes that came and are kept here: of a frame that is not whole, or that was not accepted. */
  get keptBytes(): number {
    return this.#filled + (this.#held?.length ?? 0);
  }

  /** The announced size of the frame that came in part; null when none did. */
  get announcedBytes(): number | null {
    return this.#size >= 0 ? this.#size : null;
  }

  /** Gives the memory of a frame under way back. */
  close(): void {
    if (this.#frame) this.#buffers.give(this.#frame);
    this.#frame = undefined;
    this.#size = -1;
    this.#filled = 0;
    this.#held = undefined;
    this.#accepting = false;
  }

  #feed(data: Buffer): void {
    let at = 0;
    while (at < data.length) {
      if (!this.#accepting) {
        this.#hold(data.subarray(at));
        return;
      }
      if (this.#size >= 0) {
        const part = Math.min(this.#size - this.#filled, data.length - at);
        this.#reserve(this.#filled + part);
        if (this.#frame) data.copy(this.#frame, this.#filled, at, at + part);
        this.#filled += part;
        at += part;
        this.#advance();
        continue;
      }
      if (this.#prefixBytes > 0 || data.length - at < 4) {
        this.#prefix = (this.#prefix << 8) | (data[at] ?? 0) | 0;
        this.#prefixBytes++;
        at++;
        if (this.#prefixBytes < 4) continue;
      } else {
        this.#prefix = data.readInt32BE(at);
        at += 4;
      }
      const size = this.#prefix;
      this.#prefix = 0;
      this.#prefixBytes = 0;
      // A header is at least a key, a version and a correlation id.
      if (size < 8 || size > this.#sizeMax()) throw new FrameError(`a frame of ${size} bytes`);
      if (data.length - at >= size) {
        const frame = data.subarray(at, at + size);
        at += size;
        this.#deliver(frame);
      } else {
        // Its memory comes with its bytes.
        this.#size = size;
      }
    }
  }

  /** After bytes were added to the frame under way: gives it when whole. */
  #advance(): void {
    const frame = this.#frame;
    if (!frame || this.#filled < this.#size) return;
    const size = this.#size;
    this.#frame = undefined;
    this.#size = -1;
    this.#filled = 0;
    this.#deliver(frame.subarray(0, size));
    this.#buffers.give(frame);
  }

  #reserve(bytes: number): void {
    const frame = this.#frame;
    if (!frame) {
      const ahead = this.#hasRoom(this.#size) ? Math.min(bytes * FIRST_FACTOR, FIRST_ALLOCATION) : 0;
      this.#frame = this.#buffers.take(Math.min(this.#size, Math.max(bytes, ahead)));
      return;
    }
    if (frame.length >= bytes) return;
    const grown = this.#buffers.take(Math.min(this.#size, Math.max(bytes, frame.length * 2)));
    frame.copy(grown, 0, 0, this.#filled);
    this.#buffers.give(frame);
    this.#frame = grown;
  }

  /** The frame under way, when the next bytes may go straight into it. */
  #frameHasRoom(): Buffer | undefined {
    const frame = this.#frame;
    if (!frame || !this.#accepting || this.#held) return undefined;
    return this.#filled < this.#usable(frame) ? frame : undefined;
  }

  #usable(frame: Buffer): number {
    return Math.min(frame.length, this.#size);
  }

  #deliver(frame: Buffer): void {
    this.#accepting = this.#accept(frame);
  }

  #hold(rest: Buffer): void {
    this.#held = this.#held ? Buffer.concat([this.#held, rest]) : Buffer.from(rest);
  }
}

/**
 * The first buffer of a frame is at most this many times as large as the bytes that have come; it then grows
 * by doubling.
 */
const FIRST_FACTOR = 32;
const FIRST_ALLOCATION = 2 * 1024 * 1024;

export class FrameError extends Error {}

/** A pool of buffers for large frames: allocating one costs more than the copy into it. */
export class FrameBuffers {
  readonly #free: Buffer[] = [];

  /** Returns a buffer of at least this many bytes; its content is arbitrary. */
  take(bytes: number): Buffer {
    for (let i = this.#free.length - 1; i >= 0; i--) {
      const buffer = this.#free[i];
      if (buffer && buffer.length >= bytes && buffer.length <= Math.max(bytes * 4, MIN_BUFFER)) {
        this.#free.splice(i, 1);
        return buffer;
      }
    }
    return Buffer.allocUnsafeSlow(bytes < SMALL_BYTES ? bytes : sizeClass(bytes));
  }

  give(buffer: Buffer): void {
    if (buffer.length > MAX_KEPT || buffer.length < MIN_BUFFER) return;
    if (this.#free.length === KEPT) this.#free.shift();
    this.#free.push(buffer);
  }
}

const MIN_BUFFER = 256 * 1024;
/** Smaller buffers are allocated exactly and not pooled. */
const SMALL_BYTES = 64 * 1024;
/** Larger buffers are rare, and are left to the garbage collector. */
const MAX_KEPT = 4 * 1024 * 1024;
/** Enough for the connections that are in the middle of a large frame at one time. */
const KEPT = 16;

function sizeClass(bytes: number): number {
  let size = MIN_BUFFER;
  while (size < bytes && size < MAX_KEPT) size *= 2;
  return Math.max(bytes, size);
}
