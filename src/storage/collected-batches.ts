import { batchSizeAt, checkIntegrity, HEADER_BYTES, readBatchHeader } from '../protocol/records/batch.ts';
import type { ReadBuffers } from './read-buffers.ts';
import type { Segment } from './segment.ts';

export interface ReadLimits {
  readonly maxBytes: number;
  /** Exclusive: only batches that end below it. */
  readonly upTo: number;
  /** The first batch even when it is larger than `maxBytes`, so that a reader can always go on. */
  readonly minOneBatch: boolean;
}

export interface FileRead {
  readonly parts: Buffer[];
  readonly sizeInBytes: number;
  /** The offset after the last batch. */
  readonly nextOffset: number;
  /** Memory that the parts keep from being used again. */
  readonly heldBytes: number;
  /** Position in the log of a batch whose checksum is wrong and where reading stopped. */
  readonly damagedAt: number | null;
  release(): void;
}

/** Bytes of a file, at the beginning of a buffer. */
export interface FileSlice {
  readonly buffer: Buffer;
  readonly length: number;
}

/**
 * The whole batches of consecutive slices of segment files, as far as the limits allow and the checksums are
 * right.
 */
export class CollectedBatches {
  readonly #limits: ReadLimits;
  readonly #buffers: ReadBuffers;
  readonly #parts: Buffer[] = [];
  #taken: Buffer[] = [];
  #damagedAt: number | null = null;
  /** A limit was met, or damage, and nothing after it counts. */
  #stopped = false;
  sizeInBytes = 0;
  nextOffset: number;

  constructor(offset: number, limits: ReadLimits, buffers: ReadBuffers) {
    this.nextOffset = offset;
    this.#limits = limits;
    this.#buffers = buffers;
  }

  get isFull(): boolean {
    return this.#stopped || this.nextOffset >= this.#limits.upTo;
  }

  /** What is left of them. */
  get limits(): ReadLimits {
    return {
      maxBytes: this.#limits.maxBytes - this.sizeInBytes,
      upTo: this.#limits.upTo,
      minOneBatch: this.#limits.minOneBatch && this.sizeInBytes === 0,
    };
  }

  /**
   * Takes the slice's buffer; returns how many of its bytes, which lie at this position, are whole batches.
   */
  add(segment: Segment, position: number, { buffer, length }: FileSlice): number {
    const { limits } = this;
    const bytes = buffer.subarray(0, length);
    const left = segment.sizeInBytes - position;
    let at = 0;
    let nextOffset = segment.baseOffset;
    let isDamaged = false;
    while (at + HEADER_BYTES <= length) {
      const size = batchSizeAt(bytes, at);
      isDamaged = size < HEADER_BYTES || size > left - at;
      if (isDamaged) break;
      const fits = at + size <= limits.maxBytes || (limits.minOneBatch && at === 0);
      if (!fits) this.#stopped = true;
      if (!fits || at + size > length) break;
      const header = readBatchHeader(bytes, at);
      // The base offset lies outside the checksum; that offsets only grow is what can be said of it.
      isDamaged =
        header.baseOffset < nextOffset || !isSound(segment, position + at, bytes.subarray(at, at + size));
      if (isDamaged) break;
      if (header.nextOffset > limits.upTo) {
        this.#stopped = true;
        break;
      }
      nextOffset = header.nextOffset;
      at += size;
    }
    if (at > 0) {
      this.#parts.push(bytes.subarray(0, at));
      this.#taken.push(buffer);
      this.sizeInBytes += at;
      this.nextOffset = nextOffset;
    } else {
      this.#buffers.give(buffer);
      // Fewer bytes than the file is long: it was cut behind our back.
      if (length < HEADER_BYTES) isDamaged = true;
      this.#stopped = true;
    }
    if (isDamaged) {
      this.#damagedAt = this.nextOffset;
      this.#stopped = true;
    }
    return at;
  }

  result(): FileRead {
    return {
      parts: this.#parts,
      sizeInBytes: this.sizeInBytes,
      nextOffset: this.nextOffset,
      heldBytes: this.#taken.reduce((sum, buffer) => sum + buffer.length, 0),
      damagedAt: this.#damagedAt,
      release: () => this.release(),
    };
  }

  release(): void {
    for (const buffer of this.#taken) this.#buffers.give(buffer);
    this.#taken = [];
  }
}

/** Whether the checksum of a batch is right; compared once for each stretch of a file. */
function isSound(segment: Segment, position: number, batch: Buffer): boolean {
  if (isVerified(segment, position, batch.length)) return true;
  if (checkIntegrity(batch) !== null) return false;
  verify(segment, position, batch.length);
  return true;
}

function isVerified(segment: Segment, position: number, size: number): boolean {
  return position >= segment.verified.from && position + size <= segment.verified.to;
}

/** One stretch is remembered: readers go forward, and the one that goes furthest wins. */
function verify(segment: Segment, position: number, size: number): void {
  const { from, to } = segment.verified;
  if (position === to) segment.verified = { from, to: to + size };
  else if (position + size === from) segment.verified = { from: position, to };
  else segment.verified = { from: position, to: position + size };
}
