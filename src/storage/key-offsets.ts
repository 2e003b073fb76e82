import { assert } from '../base/assert.ts';
import { KeyHash } from './key-hash.ts';

/** A hash of four words and an offset. */
export const SLOT_BYTES = 24;
/** Beyond it a search takes more than a few steps. */
const MAX_LOAD = 0.75;
const MIN_SLOTS = 16;

/**
 * The last offset of each key in the part of a log that is compacted: key hashes and offsets in flat arrays
 * of a size that is fixed at the beginning, so a log of any size is compacted in bounded memory, in several
 * rounds if need be.
 */
export class KeyOffsets {
  readonly #hash: KeyHash;
  readonly #slots: number;
  readonly #hashes: Uint32Array;
  /** One more than the offset; 0 is an empty slot. */
  readonly #offsets: Float64Array;
  readonly #sought = new Uint32Array(4);
  #size = 0;

  /** Room for `keys`, or for as many as fit into `maxBytes`. */
  constructor(secret: Uint8Array, limits: { readonly keys: number; readonly maxBytes: number }) {
    this.#hash = new KeyHash(secret);
    const most = Math.max(MIN_SLOTS, Math.floor(limits.maxBytes / SLOT_BYTES));
    this.#slots = Math.min(most, Math.max(MIN_SLOTS, Math.ceil(limits.keys / MAX_LOAD) + 1));
    this.#hashes = new Uint32Array(4 * this.#slots);
    this.#offsets = new Float64Array(this.#slots);
  }

  get size(): number {
    return this.#size;
  }

  get capacity(): number {
    return Math.floor(this.#slots * MAX_LOAD);
  }

  /** False when there is no room for another key; one that is known always fits. */
  put(key: Uint8Array, offset: number): boolean {
    const slot = this.#slotOf(key);
    if (this.#offsets[slot] === 0) {
      if (this.#size >= this.capacity) return false;
      this.#hashes.set(this.#sought, 4 * slot);
      this.#size++;
    }
    this.#offsets[slot] = offset + 1;
    return true;
  }

  /** -1 when the key is not there. */
  get(key: Uint8Array): number {
    return (this.#offsets[this.#slotOf(key)] ?? 0) - 1;
  }

  /** The key's slot, or the empty one where it would go. */
  #slotOf(key: Uint8Array): number {
    this.#hash.hash(key, this.#sought);
    const sought = this.#sought;
    let slot = (sought[0] ?? 0) % this.#slots;
    for (let step = 0; step < this.#slots; step++) {
      if (this.#offsets[slot] === 0) return slot;
      if (isAt(this.#hashes, 4 * slot, sought)) return slot;
      slot = slot + 1 === this.#slots ? 0 : slot + 1;
    }
    assert(false, 'a quarter of the slots is empty');
  }
}

function isAt(hashes: Uint32Array, i: number, sought: Uint32Array): boolean {
  return (
    hashes[i] === sought[0] &&
    hashes[i + 1] === sought[1] &&
    hashes[i + 2] === sought[2] &&
    hashes[i + 3] === sought[3]
  );
}
