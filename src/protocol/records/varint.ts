/** The longest zigzag varint of 32 bits, and of 64. */
const VARINT_BYTES = 5;
const VARLONG_BYTES = 10;

const TWO_28 = 2 ** 28;
const TWO_52 = 2 ** 52;

/**
 * A position in bytes that reads the zigzag varints of record data. It never throws and allocates nothing, so
 * that walking a batch of many small records stays cheap: what lies beyond `end` or is too long makes
 * `failed` true and reads as 0. The caller looks at `failed` once per record.
 */
export class VarintCursor {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
  failed = false;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** An int8, unsigned. */
  byte(): number {
    if (this.at >= this.end) return this.#fail();
    return this.bytes[this.at++] ?? 0;
  }

  /** A zigzag varint of at most 32 bits. */
  int(): number {
    const { bytes, end } = this;
    let at = this.at;
    let value = 0;
    for (let i = 0; i < VARINT_BYTES && at < end; i++) {
      const byte = bytes[at++] ?? 0;
      value |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) {
        this.at = at;
        return (value >>> 1) ^ -(value & 1);
      }
    }
    return this.#fail();
  }

  /**
   * A zigzag varint of at most 64 bits: a timestamp delta. Where it is no safe integer it is the nearest
   * number; then
   * `readVarlong` has it to the last digit.
   */
  long(): number {
    const { bytes, end } = this;
    let at = this.at;
    let low = 0;
    let high = 0;
    for (let i = 0; i < VARLONG_BYTES && at < end; i++) {
      const byte = bytes[at++] ?? 0;
      // Four groups of seven bits fit a small integer; what follows is added in floating point.
      if (i < 4) low |= (byte & 0x7f) << (7 * i);
      else high += (byte & 0x7f) * 2 ** (7 * (i - 4));
      if (byte < 0x80) {
        this.at = at;
        if (high === 0) return (low >>> 1) ^ -(low & 1);
        const half = high * (TWO_28 / 2) + (low >>> 1);
        return low & 1 ? -half - 1 : half;
      }
    }
    return this.#fail();
  }

  /** Steps over bytes; a negative length is a failure. */
  skip(length: number): void {
    if (length < 0 || length > this.end - this.at) this.#fail();
    else this.at += length;
  }

  #fail(): number {
    this.failed = true;
    return 0;
  }
}

/**
 * The zigzag varint of 64 bits that begins here, whole, as Java reads it: bits beyond the 64th are dropped.
 */
export function readVarlong(bytes: Uint8Array, at: number): bigint {
  let value = 0n;
  for (let i = 0; i < VARLONG_BYTES; i++) {
    const byte = bytes[at + i] ?? 0;
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) break;
  }
  const unsigned = BigInt.asUintN(64, value);
  return BigInt.asIntN(64, (unsigned >> 1n) ^ -(unsigned & 1n));
}

/** How many bytes the zigzag varint of a safe integer, or of any int64 as a bigint, takes. */
export function varintSize(value: number | bigint): number {
  if (!isSmall(value)) return writeVarlong(VARLONG, 0, BigInt(value));
  let rest = zigzag(value);
  let size = 1;
  while (rest >= 0x80) {
    rest = Math.floor(rest / 0x80);
    size++;
  }
  return size;
}

/**
 * Writes the zigzag varint of a safe integer, or of any int64 as a bigint, and returns where the next byte
 * goes.
 */
export function writeVarint(into: Uint8Array, at: number, value: number | bigint): number {
  if (!isSmall(value)) return writeVarlong(into, at, BigInt(value));
  let rest = zigzag(value);
  let next = at;
  while (rest >= 0x80) {
    into[next++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  into[next++] = rest;
  return next;
}

const VARLONG = new Uint8Array(VARLONG_BYTES);

function writeVarlong(into: Uint8Array, at: number, value: bigint): number {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  let next = at;
  while (rest >= 0x80n) {
    into[next++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  into[next++] = Number(rest);
  return next;
}

/** Whether `zigzag` is exact. */
function isSmall(value: number | bigint): value is number {
  return typeof value === 'number' && value < TWO_52 && value > -TWO_52;
}

function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}
