import { batchSizeAt, checkIntegrity, HEADER_BYTES, readBatchHeader } from '../protocol/records/batch.ts';
import type { LogSegments } from './log-segments.ts';
import type { OpenFiles } from './open-files.ts';
import { READ_BUFFER_BYTES, type ReadBuffers } from './read-buffers.ts';
import type { ReadGate } from './read-gate.ts';
import { ReadPages } from './read-pages.ts';
import type { Segment } from './segment.ts';

/** A reader that goes on where it stopped needs no index: this many are remembered per log. */
const CURSORS = 8;
/** Read at least this much: a header and the small batches after it. */
const LEAST_READ_BYTES = 4 * 1024;

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

/**
 * Batches from segment files, through the page cache. A batch's checksum is compared the first time its bytes
 * are read after the file was opened, so damage on the disk is never served; a stretch that was found right
 * is not checked again.
 */
export class LogReader {
  readonly #segments: LogSegments;
  readonly #shared: Shared;
  readonly #buffers: ReadBuffers;
  /** Offset to be read next -> where it lies, in the order of use. */
  readonly #cursors = new Map<number, { readonly segment: Segment; readonly position: number }>();

  constructor(segments: LogSegments, shared: Shared) {
    this.#segments = segments;
    this.#shared = shared;
    this.#buffers = shared.readBuffers;
  }

  /** Positions may have changed: truncation, deletion. */
  forget(): void {
    this.#cursors.clear();
  }

  /** On the loop, however long the device takes. Throws DiskError. */
  readNow(offset: number, limits: ReadLimits): FileRead {
    const collected = new Collected(offset, limits, this.#buffers);
    let place = this.#place(offset);
    while (place && !collected.isFull) {
      const plan = planOf(place, collected.limits);
      let buffer = this.#buffers.take(plan.wanted);
      let length = place.segment.log.readNow(place.position, buffer.subarray(0, plan.wanted));
      const more = firstBatchBeyond(buffer.subarray(0, length), plan);
      if (more > 0) {
        this.#buffers.give(buffer);
        buffer = this.#buffers.take(more);
        length = place.segment.log.readNow(place.position, buffer.subarray(0, more));
      }
      place = this.#add(collected, place, { buffer, length });
    }
    if (place) this.#remember(collected, place);
    return collected.result();
  }

  /**
   * Off the loop, a slice at a time. Null when `holds`, which is asked before and after each slice, says that
   * the files are not what they were. Rejects with DiskError.
   */
  async read(
    offset: number,
    limits: ReadLimits,
    options: { readonly isUrgent: boolean; readonly holds: () => boolean },
  ): Promise<FileRead | null> {
    const { isUrgent, holds } = options;
    const { files, readGate } = this.#shared;
    const collected = new Collected(offset, limits, this.#buffers);
    try {
      const found = await files.onPages(new ReadPages(), () => ({ place: this.#place(offset) }), holds);
      let place = found?.place ?? null;
      while (place && !collected.isFull) {
        const at: Place = place;
        const slice = await readGate.run(isUrgent, () => this.#slice(at, collected.limits, holds));
        place = slice ? this.#add(collected, at, slice) : null;
      }
      if (holds()) {
        if (place) this.#remember(collected, place);
        return collected.result();
      }
      collected.release();
      return null;
    } catch (error) {
      collected.release();
      if (holds()) throw error;
      return null;
    }
  }

  /**
   * Null when the files are not what they were; they are not touched then: one that was removed would be made
   * again.
   */
  async #slice(place: Place, limits: ReadLimits, holds: () => boolean): Promise<Slice | null> {
    if (!holds()) return null;
    const plan = planOf(place, limits);
    const slice = await this.#readSlice(place, plan.wanted);
    const more = holds() ? firstBatchBeyond(slice.buffer.subarray(0, slice.length), plan) : 0;
    if (more === 0 && holds()) return slice;
    this.#buffers.give(slice.buffer);
    if (more === 0) return null;
    const whole = await this.#readSlice(place, more);
    if (holds()) return whole;
    this.#buffers.give(whole.buffer);
    return null;
  }

  async #readSlice({ segment, position }: Place, bytes: number): Promise<Slice> {
    const buffer = this.#buffers.take(bytes);
    try {
      return { buffer, length: await segment.log.read(position, buffer.subarray(0, bytes)) };
    } catch (error) {
      this.#buffers.give(buffer);
      throw error;
    }
  }

  /** Takes what is whole of a slice; returns where the next one begins, null at the end. */
  #add(collected: Collected, { segment, position }: Place, slice: Slice): Place | null {
    const next = position + collected.add(segment, position, slice);
    return next < segment.sizeInBytes ? { segment, position: next } : this.#firstOf(segment);
  }

  #place(offset: number): Place | null {
    const known = this.#cursors.get(offset);
    if (known) {
      this.#cursors.delete(offset);
      if (known.position < known.segment.sizeInBytes) return known;
    }
    let segment = this.#segments.holding(offset) ?? this.#segments.first;
    for (;;) {
      const found = segment.locate(offset);
      if (found) return { segment, position: found.position };
      const next = this.#segments.after(segment);
      if (!next) return null;
      segment = next;
    }
  }

  #firstOf(segment: Segment): Place | null {
    let next = this.#segments.after(segment);
    while (next && next.sizeInBytes === 0) next = this.#segments.after(next);
    return next ? { segment: next, position: 0 } : null;
  }

  #remember(collected: Collected, place: Place): void {
    if (collected.sizeInBytes === 0) return;
    this.#cursors.set(collected.nextOffset, place);
    for (const oldest of this.#cursors.keys()) {
      if (this.#cursors.size <= CURSORS) return;
      this.#cursors.delete(oldest);
    }
  }
}

/** What the logs of a process share for reading. */
interface Shared {
  readonly files: OpenFiles;
  readonly readBuffers: ReadBuffers;
  readonly readGate: ReadGate;
}

interface Place {
  readonly segment: Segment;
  readonly position: number;
}

/** Bytes of a file, at the beginning of a buffer. */
interface Slice {
  readonly buffer: Buffer;
  readonly length: number;
}

/** What to read at a place. */
interface Plan {
  readonly limits: ReadLimits;
  /** Bytes from there to the end of the segment. */
  readonly left: number;
  readonly wanted: number;
}

function planOf({ segment, position }: Place, limits: ReadLimits): Plan {
  const left = segment.sizeInBytes - position;
  const wanted = Math.min(left, Math.max(LEAST_READ_BYTES, Math.min(limits.maxBytes, READ_BUFFER_BYTES)));
  return { limits, left, wanted };
}

/**
 * The size of the first batch when it must be read again as a whole; 0 when it is there or is not to be
 * given.
 */
function firstBatchBeyond(bytes: Buffer, { limits, left }: Plan): number {
  const first = batchSizeAt(bytes, 0);
  return first > bytes.length && first <= left && (limits.minOneBatch || first <= limits.maxBytes)
    ? first
    : 0;
}

/** The whole batches of consecutive slices, as far as the limits allow. */
class Collected {
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
  add(segment: Segment, position: number, { buffer, length }: Slice): number {
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
