/** Length of the secret, and of a hash. */
export const HASH_BYTES = 16;
const WORDS = HASH_BYTES / 4;

/**
 * SipHash-2-4 with 128 bits (Aumasson and Bernstein), in halves of 32 bits. Keyed: whoever chooses record
 * keys cannot choose two of one hash, which would delete the record of another key; by accident it does not
 * happen in 2^60 keys.
 */
export class KeyHash {
  /** v0 to v3, the low half before the high half. */
  readonly #v = new Int32Array(8);
  readonly #secret: Int32Array;

  constructor(secret: Uint8Array) {
    const bytes = Buffer.from(secret);
    this.#secret = Int32Array.from({ length: WORDS }, (_, i) => bytes.readInt32LE(4 * i));
  }

  /** Writes the hash of a key as four words, in the order of its bytes. */
  hash(key: Uint8Array, into: Uint32Array): void {
    const v = this.#v;
    this.#begin();
    const whole = key.length - (key.length % 8);
    for (let at = 0; at < whole; at += 8) this.#word(word(key, at), word(key, at + 4));
    const last = (key.length & 0xff) << 24;
    this.#word(tail(key, whole), tail(key, whole + 4) | last);
    v[4] = at(v, 4) ^ 0xee;
    this.#rounds(4);
    this.#take(into, 0);
    v[2] = at(v, 2) ^ 0xdd;
    this.#rounds(4);
    this.#take(into, 2);
  }

  #begin(): void {
    const v = this.#v;
    for (let i = 0; i < 8; i++) v[i] = (START[i] ?? 0) ^ at(this.#secret, i % WORDS);
    v[2] = at(v, 2) ^ 0xee;
  }

  #word(low: number, high: number): void {
    const v = this.#v;
    v[6] = at(v, 6) ^ low;
    v[7] = at(v, 7) ^ high;
    this.#rounds(2);
    v[0] = at(v, 0) ^ low;
    v[1] = at(v, 1) ^ high;
  }

  #rounds(count: number): void {
    const v = this.#v;
    for (let i = 0; i < count; i++) {
      add(v, 0, 2);
      rotateAndMix(v, 2, 13, 0);
      swapHalves(v, 0);
      add(v, 4, 6);
      rotateAndMix(v, 6, 16, 4);
      add(v, 0, 6);
      rotateAndMix(v, 6, 21, 0);
      add(v, 4, 2);
      rotateAndMix(v, 2, 17, 4);
      swapHalves(v, 4);
    }
  }

  #take(into: Uint32Array, from: number): void {
    const v = this.#v;
    into[from] = at(v, 0) ^ at(v, 2) ^ at(v, 4) ^ at(v, 6);
    into[from + 1] = at(v, 1) ^ at(v, 3) ^ at(v, 5) ^ at(v, 7);
  }
}

/** "somepseudorandomlygeneratedbytes", as the words of v0 to v3. */
const START = [
  0x70736575, 0x736f6d65, 0x6e646f6d, 0x646f7261, 0x6e657261, 0x6c796765, 0x79746573, 0x74656462,
];

function at(words: Int32Array, i: number): number {
  return words[i] ?? 0;
}

function word(bytes: Uint8Array, from: number): number {
  return (
    (bytes[from] ?? 0) |
    ((bytes[from + 1] ?? 0) << 8) |
    ((bytes[from + 2] ?? 0) << 16) |
    ((bytes[from + 3] ?? 0) << 24)
  );
}

/** As `word`; what lies beyond the end is zero. */
function tail(bytes: Uint8Array, from: number): number {
  return from < bytes.length ? word(bytes, from) : 0;
}

function add(v: Int32Array, to: number, from: number): void {
  const low = (at(v, to) >>> 0) + (at(v, from) >>> 0);
  v[to] = low | 0;
  v[to + 1] = (at(v, to + 1) + at(v, from + 1) + (low > 0xffff_ffff ? 1 : 0)) | 0;
}

/** Rotates a word to the left by fewer than 32 bits, then mixes another into it. */
function rotateAndMix(v: Int32Array, i: number, bits: number, other: number): void {
  const low = at(v, i);
  const high = at(v, i + 1);
  v[i] = ((low << bits) | (high >>> (32 - bits))) ^ at(v, other);
  v[i + 1] = ((high << bits) | (low >>> (32 - bits))) ^ at(v, other + 1);
}

function swapHalves(v: Int32Array, i: number): void {
  const low = at(v, i);
  v[i] = at(v, i + 1);
  v[i + 1] = low;
}
