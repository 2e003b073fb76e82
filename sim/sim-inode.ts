import { below, type Random } from '../src/base/random.ts';
import { chance } from './chance.ts';

const PAGE_BYTES = 4096;

type Change =
  | { readonly type: 'write'; readonly at: number; readonly bytes: Buffer }
  | { readonly type: 'truncate'; readonly size: number };

/** The bytes of one file, kept twice: as the page cache shows them, and as the device has them. */
export class SimInode {
  #cached = new Bytes();
  #durable = new Bytes();
  /** The changes that the page cache has and the device has not, in order. */
  #changes: Change[] = [];
  /**
   * The number of changes that were made durable or given up: with it, positions stay valid when the array
   * shrinks.
   */
  #settled = 0;

  get size(): number {
    return this.#cached.length;
  }

  /** The size of the file on the device. */
  get durableSize(): number {
    return this.#durable.length;
  }

  read(at: number, into: Uint8Array): number {
    return this.#cached.read(at, into);
  }

  write(at: number, bytes: Uint8Array): void {
    this.#change({ type: 'write', at, bytes: Buffer.from(bytes) });
  }

  truncate(size: number): void {
    this.#change({ type: 'truncate', size });
  }

  /** The position at the moment of a call to sync: that sync covers all changes before it. */
  position(): number {
    return this.#settled + this.#changes.length;
  }

  settle(position: number): void {
    for (const change of this.#until(position)) apply(this.#durable, change);
  }

  /** A failed sync: the pages are marked clean all the same, so no later sync writes them (as in Linux). */
  giveUp(position: number, random: Random): void {
    for (const change of this.#until(position)) {
      if (change.type === 'truncate' || chance(random, 0.5)) apply(this.#durable, change);
    }
  }

  /** Flips one bit, both on the device and in the page cache. */
  flipBit(at: number, bit: number): void {
    this.settle(this.position());
    this.#durable.flipBit(at, bit);
    this.#cached.flipBit(at, bit);
  }

  copy(): SimInode {
    const copy = new SimInode();
    copy.#cached = this.#cached.copy();
    copy.#durable = this.#durable.copy();
    copy.#changes = [...this.#changes];
    copy.#settled = this.#settled;
    return copy;
  }

  afterCrash(random: Random, crashLeavesHoles: number): SimInode {
    const survivor = new SimInode();
    survivor.#durable = this.#survivingBytes(random, crashLeavesHoles);
    survivor.#cached = survivor.#durable.copy();
    return survivor;
  }

  #survivingBytes(random: Random, crashLeavesHoles: number): Bytes {
    const bytes = this.#durable.copy();
    if (this.#changes.length === 0) return bytes;
    if (chance(random, crashLeavesHoles)) {
      for (const change of this.#changes) applyPages(bytes, change, random);
      return bytes;
    }
    switch (below(random, 3)) {
      case 0:
        return bytes;
      case 1:
        return this.#cached.copy();
      default: {
        const whole = below(random, this.#changes.length);
        for (const change of this.#changes.slice(0, whole)) apply(bytes, change);
        const torn = this.#changes[whole];
        if (torn?.type === 'write') {
          apply(bytes, { ...torn, bytes: torn.bytes.subarray(0, below(random, torn.bytes.length + 1)) });
        }
        return bytes;
      }
    }
  }

  #change(change: Change): void {
    apply(this.#cached, change);
    this.#changes.push(change);
  }

  #until(position: number): Change[] {
    const taken = this.#changes.splice(0, Math.max(0, position - this.#settled));
    this.#settled += taken.length;
    return taken;
  }
}

function apply(bytes: Bytes, change: Change): void {
  if (change.type === 'truncate') bytes.truncate(change.size);
  else bytes.write(change.at, change.bytes);
}

/** Each page of the write reaches the device or does not; the last page decides the length of the file. */
function applyPages(bytes: Bytes, change: Change, random: Random): void {
  if (change.type === 'truncate') {
    bytes.truncate(change.size);
    return;
  }
  let at = change.at;
  const end = change.at + change.bytes.length;
  while (at < end) {
    const pageEnd = Math.min(end, at - (at % PAGE_BYTES) + PAGE_BYTES);
    if (chance(random, 0.5)) bytes.write(at, change.bytes.subarray(at - change.at, pageEnd - change.at));
    at = pageEnd;
  }
}

/** A growable buffer that reads as zeros where nothing was written. */
class Bytes {
  #buffer = Buffer.alloc(0);
  length = 0;

  read(at: number, into: Uint8Array): number {
    if (at >= this.length) return 0;
    return this.#buffer.copy(into, 0, at, Math.min(this.length, at + into.length));
  }

  write(at: number, bytes: Uint8Array): void {
    const end = at + bytes.length;
    this.#reserve(end);
    this.#buffer.set(bytes, at);
    this.length = Math.max(this.length, end);
  }

  truncate(size: number): void {
    this.#reserve(size);
    if (size < this.length) this.#buffer.fill(0, size, this.length);
    this.length = size;
  }

  flipBit(at: number, bit: number): void {
    if (at < this.length) this.#buffer[at] = (this.#buffer[at] ?? 0) ^ (1 << bit);
  }

  copy(): Bytes {
    const copy = new Bytes();
    copy.#buffer = Buffer.from(this.#buffer.subarray(0, this.length));
    copy.length = this.length;
    return copy;
  }

  #reserve(size: number): void {
    if (size <= this.#buffer.length) return;
    const grown = Buffer.alloc(Math.max(size, 2 * this.#buffer.length, 1024));
    this.#buffer.copy(grown, 0, 0, this.length);
    this.#buffer = grown;
  }
}
