import { type BatchHeader, batchSizeAt, readBatchHeader } from '../protocol/records/batch.ts';
import { type Arena, type Block, COPY_BELOW_BYTES, type TailMemory } from './tail-memory.ts';

/** A block doubles each time a log fills one, from a page's worth to a good fetch answer. */
const FIRST_BLOCK_BYTES = 4 * 1024;
const LAST_BLOCK_BYTES = 512 * 1024;
/** Within a block, a batch is found from the nearest mark. */
const MARK_EVERY_BYTES = 4 * 1024;

/** Where the bytes of an append are until they are written. */
export interface Placed {
  readonly bytes: Buffer;
  /** Null for a batch too large for the tail, which has a buffer of its own. */
  readonly arena: Arena | null;
}

export interface TailRead {
  readonly parts: Buffer[];
  readonly sizeInBytes: number;
  readonly heldBytes: number;
  release(): void;
}

/** A run of consecutive batches in one block. */
interface Run {
  readonly block: Block;
  readonly baseOffset: number;
  nextOffset: number;
  end: number;
  /** Offset and position of some batches, in order. */
  readonly marks: number[];
}

/** The newest batches of one log in memory, consecutive up to its end. */
export class LogTail {
  readonly #memory: TailMemory;
  #runs: Run[] = [];
  /** Where a batch begins, or will: the file says what there is below. */
  #forgottenUpTo = 0;
  #blockBytes = FIRST_BLOCK_BYTES;

  constructor(memory: TailMemory) {
    this.#memory = memory;
  }

  /** The batches at or above this offset may be read here; infinity when there are none. */
  get startOffset(): number {
    this.#dropDead();
    const [first] = this.#runs;
    return first ? Math.max(first.baseOffset, this.#forgottenUpTo) : Number.POSITIVE_INFINITY;
  }

  /** Copies whole batches with consecutive offsets to the end. */
  append(bytes: Buffer, offsets: { readonly baseOffset: number; readonly nextOffset: number }): Placed {
    this.#dropDead();
    if (bytes.length > this.#memory.arenaBytes) {
      this.clear();
      return { bytes: Buffer.from(bytes), arena: null };
    }
    const run = this.#runWithRoom(bytes.length, offsets.baseOffset);
    const at = run.end;
    const { arena } = run.block;
    bytes.copy(arena.buffer, at);
    const lastMark = run.marks.at(-1);
    if (lastMark === undefined || at - lastMark >= MARK_EVERY_BYTES) run.marks.push(offsets.baseOffset, at);
    run.end += bytes.length;
    run.nextOffset = offsets.nextOffset;
    return { bytes: arena.buffer.subarray(at, run.end), arena };
  }

  /**
   * Whole batches from the one that holds `offset`, all below `upTo`. Null when they are not all here.
   */
  read(
    offset: number,
    limits: { readonly maxBytes: number; readonly upTo: number; readonly minOneBatch: boolean },
  ): TailRead | null {
    const end = this.#runs.at(-1)?.nextOffset ?? 0;
    if (offset < this.startOffset || offset >= end) return null;
    const parts: Buffer[] = [];
    const arenas: Arena[] = [];
    let sizeInBytes = 0;
    for (const run of this.#runs) {
      if (run.nextOffset <= offset) continue;
      if (run.baseOffset >= limits.upTo) break;
      const start = offset > run.baseOffset ? positionOf(run, offset) : run.block.start;
      const left = limits.maxBytes - sizeInBytes;
      const oneBatch = limits.minOneBatch && sizeInBytes === 0;
      const stop = endOfWhole(run, start, { maxBytes: left, upTo: limits.upTo, oneBatch });
      if (stop > start) {
        parts.push(run.block.arena.buffer.subarray(start, stop));
        sizeInBytes += stop - start;
        if (!arenas.includes(run.block.arena)) arenas.push(run.block.arena);
      }
      if (stop < run.end) break;
    }
    return this.#lend(parts, sizeInBytes, arenas);
  }

  /** Forgets every batch below the offset, at which one begins. */
  forgetBelow(offset: number): void {
    this.#forgottenUpTo = Math.max(this.#forgottenUpTo, offset);
    this.#runs = this.#runs.filter((run) => run.nextOffset > offset);
  }

  /** Forgets every batch that reaches to or beyond the offset. */
  truncateTo(offset: number): void {
    this.#forgottenUpTo = Math.min(this.#forgottenUpTo, offset);
    while (this.#runs.length > 0) {
      const run = this.#runs.at(-1);
      if (!run || run.nextOffset <= offset) return;
      this.#runs.pop();
    }
  }

  clear(): void {
    this.#runs = [];
    this.#blockBytes = FIRST_BLOCK_BYTES;
  }

  #runWithRoom(bytes: number, baseOffset: number): Run {
    const last = this.#runs.at(-1);
    if (last && last.nextOffset === baseOffset && last.end + bytes <= last.block.end) return last;
    // A gap (replication of a compacted log) is not for the tail: it promises consecutive offsets.
    if (last && last.nextOffset !== baseOffset) this.#runs = [];
    if (last) this.#blockBytes = Math.min(LAST_BLOCK_BYTES, this.#memory.arenaBytes, this.#blockBytes * 2);
    const block = this.#memory.take(Math.max(bytes, this.#blockBytes));
    const run = { block, baseOffset, nextOffset: baseOffset, end: block.start, marks: [] };
    this.#runs.push(run);
    return run;
  }

  #dropDead(): void {
    const last = this.#runs.findLastIndex((run) => !run.block.arena.live);
    if (last < 0) return;
    this.#runs = this.#runs.slice(last + 1);
    if (this.#runs.length === 0) this.#blockBytes = FIRST_BLOCK_BYTES;
  }

  #lend(parts: Buffer[], sizeInBytes: number, arenas: readonly Arena[]): TailRead {
    if (sizeInBytes === 0) return { parts: [], sizeInBytes: 0, heldBytes: 0, release() {} };
    const releases: (() => void)[] = [];
    let pinned = sizeInBytes > COPY_BELOW_BYTES;
    for (const arena of pinned ? arenas : []) {
      const release = this.#memory.pin(arena);
      if (release) releases.push(release);
      else pinned = false;
    }
    const release = once(() => {
      for (const one of releases) one();
    });
    if (pinned) return { parts, sizeInBytes, heldBytes: sizeInBytes, release };
    release();
    return { parts: [Buffer.concat(parts, sizeInBytes)], sizeInBytes, heldBytes: sizeInBytes, release() {} };
  }
}

/** Where the batch that holds the offset begins; the offset lies in the run. */
function positionOf(run: Run, offset: number): number {
  const { buffer } = run.block.arena;
  let at = run.block.start;
  for (let i = run.marks.length - 2; i >= 0; i -= 2) {
    if ((run.marks[i] ?? 0) > offset) continue;
    at = run.marks[i + 1] ?? at;
    break;
  }
  while (readBatchHeader(buffer, at).nextOffset <= offset) at += batchSizeAt(buffer, at);
  return at;
}

/** How far whole batches reach within the limits, from the beginning of one. */
function endOfWhole(
  run: Run,
  start: number,
  limits: { readonly maxBytes: number; readonly upTo: number; readonly oneBatch: boolean },
): number {
  if (run.nextOffset <= limits.upTo && run.end - start <= limits.maxBytes) return run.end;
  const { buffer } = run.block.arena;
  let at = start;
  while (at < run.end) {
    const header: BatchHeader = readBatchHeader(buffer, at);
    if (header.nextOffset > limits.upTo) break;
    const fits = at + header.sizeInBytes - start <= limits.maxBytes;
    if (!fits && !(limits.oneBatch && at === start)) break;
    at += header.sizeInBytes;
  }
  return at;
}

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
}
