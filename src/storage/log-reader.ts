import { batchSizeAt } from '../protocol/records/batch.ts';
import { CollectedBatches, type FileRead, type FileSlice, type ReadLimits } from './collected-batches.ts';
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
    const collected = new CollectedBatches(offset, limits, this.#buffers);
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
    const collected = new CollectedBatches(offset, limits, this.#buffers);
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
  async #slice(place: Place, limits: ReadLimits, holds: () => boolean): Promise<FileSlice | null> {
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

  async #readSlice({ segment, position }: Place, bytes: number): Promise<FileSlice> {
    const buffer = this.#buffers.take(bytes);
    try {
      return { buffer, length: await segment.log.read(position, buffer.subarray(0, bytes)) };
    } catch (error) {
      this.#buffers.give(buffer);
      throw error;
    }
  }

  /** Takes what is whole of a slice; returns where the next one begins, null at the end. */
  #add(collected: CollectedBatches, { segment, position }: Place, slice: FileSlice): Place | null {
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

  #remember(collected: CollectedBatches, place: Place): void {
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
