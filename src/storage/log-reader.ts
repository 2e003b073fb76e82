import { batchSizeAt, checkIntegrity, HEADER_BYTES, readBatchHeader } from '../protocol/records/batch.ts';
import type { LogSegments } from './log-segments.ts';
import { READ_BUFFER_BYTES, type ReadBuffers } from './read-buffers.ts';
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
  /** Position in the log of a batch whose checksum is wrong and where reading stopped. */
  readonly damagedAt: number | null;
  release(): void;
}

/**
 * Batches from segment files, through the page cache. A batch's checksum is compared the first time its bytes are
 * read after the file was opened, so damage on the disk is never served; a stretch that was found right is not
 * checked again.
 */
export class LogReader {
  readonly #segments: LogSegments;
  readonly #buffers: ReadBuffers;
  /** Offset to be read next -> where it lies, in the order of use. */
  readonly #cursors = new Map<number, { readonly segment: Segment; readonly position: number }>();

  constructor(segments: LogSegments, buffers: ReadBuffers) {
    this.#segments = segments;
    this.#buffers = buffers;
  }

  /** Positions may have changed: truncation, deletion. */
  forget(): void {
    this.#cursors.clear();
  }

  read(offset: number, limits: ReadLimits): FileRead {
    const parts: Buffer[] = [];
    const taken: Buffer[] = [];
    let sizeInBytes = 0;
    let next = offset;
    let damagedAt: number | null = null;
    let place = this.#place(offset);
    while (place && next < limits.upTo) {
      const slice = this.#readSlice(place.segment, place.position, {
        maxBytes: limits.maxBytes - sizeInBytes,
        upTo: limits.upTo,
        minOneBatch: limits.minOneBatch && sizeInBytes === 0,
      });
      if (slice.bytes.length > 0) {
        parts.push(slice.bytes);
        taken.push(slice.buffer);
        sizeInBytes += slice.bytes.length;
        next = slice.nextOffset;
      } else {
        this.#buffers.give(slice.buffer);
      }
      if (slice.damaged) damagedAt = next;
      const position: number = place.position + slice.bytes.length;
      place =
        position < place.segment.sizeInBytes
          ? { segment: place.segment, position }
          : this.#firstOf(place.segment);
      if (slice.stopped) break;
    }
    if (sizeInBytes > 0 && place) this.#remember(next, place);
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      for (const buffer of taken) this.#buffers.give(buffer);
    };
    return { parts, sizeInBytes, damagedAt, release };
  }

  /** Whole batches from a position. `stopped`: a limit was met, or damage, and nothing after it counts. */
  #readSlice(segment: Segment, position: number, limits: ReadLimits): Slice {
    const left = segment.sizeInBytes - position;
    const want = Math.min(left, Math.max(LEAST_READ_BYTES, Math.min(limits.maxBytes, READ_BUFFER_BYTES)));
    let buffer = this.#buffers.take(want);
    let length = segment.log.readNow(position, buffer.subarray(0, want));
    const first = batchSizeAt(buffer.subarray(0, length), 0);
    if (first > length && first <= left && (limits.minOneBatch || first <= limits.maxBytes)) {
      this.#buffers.give(buffer);
      buffer = this.#buffers.take(first);
      length = segment.log.readNow(position, buffer.subarray(0, first));
    }
    const bytes = buffer.subarray(0, length);
    let at = 0;
    let nextOffset = segment.baseOffset;
    const done = (stopped: boolean, damaged: boolean): Slice => ({
      buffer,
      bytes: bytes.subarray(0, at),
      nextOffset,
      stopped,
      damaged,
    });
    while (at + HEADER_BYTES <= length) {
      const size = batchSizeAt(bytes, at);
      if (size < HEADER_BYTES || size > left - at) return done(true, true);
      const fits = at + size <= limits.maxBytes || (limits.minOneBatch && at === 0);
      if (!fits) return done(true, false);
      if (at + size > length) return done(at === 0, false);
      const header = readBatchHeader(bytes, at);
      // The base offset lies outside the checksum; that offsets only grow is what can be said of it.
      if (header.baseOffset < nextOffset) return done(true, true);
      if (!isVerified(segment, position + at, size)) {
        if (checkIntegrity(bytes.subarray(at, at + size)) !== null) return done(true, true);
        verify(segment, position + at, size);
      }
      if (header.nextOffset > limits.upTo) return done(true, false);
      nextOffset = header.nextOffset;
      at += size;
    }
    // Fewer bytes than the file is long: it was cut behind our back.
    return done(at === 0, at === 0);
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

  #remember(offset: number, place: Place): void {
    this.#cursors.set(offset, place);
    for (const oldest of this.#cursors.keys()) {
      if (this.#cursors.size <= CURSORS) return;
      this.#cursors.delete(oldest);
    }
  }
}

interface Place {
  readonly segment: Segment;
  readonly position: number;
}

interface Slice {
  readonly buffer: Buffer;
  readonly bytes: Buffer;
  readonly nextOffset: number;
  readonly stopped: boolean;
  readonly damaged: boolean;
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
