import type { Uuid } from '../base/brand.ts';
import { STRING_BYTES_MAX } from './reader.ts';

/** A value that the protocol, or the version in use, cannot carry. The message is not sent. */
export class UnencodableError extends Error {}

/** From this size on, a gathered write of the caller's bytes is cheaper than copying them. */
export const BY_REFERENCE_MIN = 4096;

const TWO_32 = 0x1_0000_0000;
const TWO_63 = 2 ** 63;
const INT64_MAX_HIGH = 0x7fff_ffff;
const INT64_MAX_LOW = 0xffff_ffff;

/**
 * Collects a message. Small values go into a growing buffer; large records are kept by reference, so they
 * must stay unchanged until the parts were sent. Not to be used again after `parts` or `done`.
 */
export class Writer {
  #buffer: Buffer;
  #pos: number;
  /** Where the part of the buffer begins that is in none of `#parts` yet. */
  #partStart = 0;
  readonly #parts: Uint8Array[] = [];
  #referencedBytes = 0;
  /** Inside a tagged field bytes may still be moved, so nothing is kept by reference. */
  #openTags = 0;

  /** `reserved` bytes are left free at the front, for a length that is known at the end. */
  constructor(sizeHint = 512, reserved = 0) {
    this.#buffer = Buffer.allocUnsafe(Math.max(sizeHint, reserved, 16));
    this.#pos = reserved;
  }

  get byteLength(): number {
    return this.#pos + this.#referencedBytes;
  }

  /** The message as a list for one gathered write. */
  parts(): Uint8Array[] {
    this.#closePart();
    return this.#parts;
  }

  /** The message in one buffer. */
  done(): Buffer {
    if (this.#parts.length === 0) return this.#buffer.subarray(0, this.#pos);
    return Buffer.concat(this.parts(), this.byteLength);
  }

  /** Fills in the length (int32) that the constructor reserved the first four bytes for: the frame's own. */
  setLength(): void {
    putInt32(this.#parts[0] ?? this.#buffer, 0, this.byteLength - 4);
  }

  #closePart(): void {
    if (this.#pos > this.#partStart) this.#parts.push(this.#buffer.subarray(this.#partStart, this.#pos));
    this.#partStart = this.#pos;
  }

  /**
   * Where the next bytes go. Replaces the buffer when it is full; parts that were closed keep the old one
   * alive.
   */
  #room(length: number): number {
    const at = this.#pos;
    if (at + length > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, at + length));
      this.#buffer.copy(grown, this.#partStart, this.#partStart, at);
      this.#buffer = grown;
    }
    this.#pos = at + length;
    return at;
  }

  bool(value: boolean): void {
    const at = this.#room(1);
    this.#buffer[at] = value ? 1 : 0;
  }
  int8(value: number): void {
    if ((value << 24) >> 24 !== value) refuse('int8', value);
    const at = this.#room(1);
    this.#buffer[at] = value;
  }
  int16(value: number): void {
    if ((value << 16) >> 16 !== value) refuse('int16', value);
    const at = this.#room(2);
    this.#buffer[at] = value >> 8;
    this.#buffer[at + 1] = value;
  }
  uint16(value: number): void {
    if ((value & 0xffff) !== value) refuse('uint16', value);
    const at = this.#room(2);
    this.#buffer[at] = value >> 8;
    this.#buffer[at + 1] = value;
  }
  int32(value: number): void {
    if ((value | 0) !== value) refuse('int32', value);
    const at = this.#room(4);
    putInt32(this.#buffer, at, value);
  }
  uint32(value: number): void {
    if (value >>> 0 !== value) refuse('uint32', value);
    const at = this.#room(4);
    putInt32(this.#buffer, at, value);
  }
  int64(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) refuse('int64', value);
    const at = this.#room(8);
    this.#buffer.writeBigInt64BE(value, at);
  }
  /** An int64 from a number; see `offset` in field.ts. */
  offset(value: number): void {
    let high = Math.floor(value / TWO_32);
    let low = value - high * TWO_32;
    if (!Number.isInteger(value) || value >= TWO_63 || value < -TWO_63) {
      // The nearest number to an int64 just below 2^63 is 2^63.
      if (value !== Number.POSITIVE_INFINITY && value !== TWO_63) refuse('offset', value);
      high = INT64_MAX_HIGH;
      low = INT64_MAX_LOW;
    }
    const at = this.#room(8);
    putInt32(this.#buffer, at, high);
    putInt32(this.#buffer, at + 4, low);
  }
  exactOffset(value: number | bigint): void {
    if (typeof value === 'bigint') this.int64(value);
    else this.offset(value);
  }
  float64(value: number): void {
    if (typeof value !== 'number') refuse('float64', value);
    const at = this.#room(8);
    this.#buffer.writeDoubleBE(value, at);
  }

  uvarint(value: number): void {
    if (value >>> 0 !== value) refuse('uvarint', value);
    let left = value;
    while (left > 0x7f) {
      const at = this.#room(1);
      this.#buffer[at] = (left & 0x7f) | 0x80;
      left >>>= 7;
    }
    const at = this.#room(1);
    this.#buffer[at] = left;
  }

  uuid(value: Uuid): void {
    const at = this.#room(16);
    if (value.length !== 22 || this.#buffer.write(value, at, 16, 'base64url') !== 16) refuse('uuid', value);
  }

  /** A message as far as a string has room for it: the error that it explains must reach the client. */
  clipped(message: string | null): string | null {
    if (message === null || message.length <= MESSAGE_LENGTH_MAX) return message;
    return `${message.slice(0, MESSAGE_LENGTH_MAX)}…`;
  }

  string(value: string): void {
    const length = textLength(value);
    this.int16(length);
    this.#text(value, length);
  }
  compactString(value: string): void {
    const length = textLength(value);
    this.uvarint(length + 1);
    this.#text(value, length);
  }
  #text(value: string, length: number): void {
    const at = this.#room(length);
    if (length === value.length && length <= SHORT_TEXT_MAX)
      for (let i = 0; i < length; i++) this.#buffer[at + i] = value.charCodeAt(i);
    else this.#buffer.write(value, at, length, 'utf8');
  }

  /** Copies the bytes. */
  raw(value: Uint8Array): void {
    const at = this.#room(value.length);
    this.#buffer.set(value, at);
  }

  bytes(value: Uint8Array): void {
    this.int32(value.length);
    this.raw(value);
  }
  compactBytes(value: Uint8Array): void {
    this.uvarint(value.length + 1);
    this.raw(value);
  }

  records(value: Uint8Array | readonly Uint8Array[]): void {
    this.int32(recordsLength(value));
    this.#recordParts(value);
  }
  compactRecords(value: Uint8Array | readonly Uint8Array[]): void {
    this.uvarint(recordsLength(value) + 1);
    this.#recordParts(value);
  }
  #recordParts(value: Uint8Array | readonly Uint8Array[]): void {
    if (value instanceof Uint8Array) this.#part(value);
    else for (const part of value) this.#part(part);
  }
  #part(part: Uint8Array): void {
    if (part.length < BY_REFERENCE_MIN || this.#openTags > 0) {
      this.raw(part);
      return;
    }
    this.#closePart();
    this.#parts.push(part);
    this.#referencedBytes += part.length;
  }

  /** Begins a tagged field; returns what `endTag` wants. */
  beginTag(tag: number): number {
    this.uvarint(tag);
    this.#openTags++;
    return this.#pos;
  }
  /** Puts the size of what was written since `beginTag` in front of it. */
  endTag(start: number): void {
    const length = this.#pos - start;
    const prefix = uvarintLength(length);
    this.#room(prefix);
    this.#buffer.copyWithin(start + prefix, start, start + length);
    let left = length;
    let at = start;
    while (left > 0x7f) {
      this.#buffer[at++] = (left & 0x7f) | 0x80;
      left >>>= 7;
    }
    this.#buffer[at] = left;
    this.#openTags--;
  }

  /** For the codecs: the version lacks a field that may not be dropped. */
  absentRefused(field: string): never {
    throw new UnencodableError(`${field} is not at its default, and this version does not have it`);
  }
  nullRefused(field: string): never {
    throw new UnencodableError(`${field} is null, which this version does not allow`);
  }
}

function uvarintLength(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5;
}

/** In characters, which take three bytes of UTF-8 at most. */
const MESSAGE_LENGTH_MAX = 10_000;

/** Names are short and ASCII as a rule: then a loop is faster than a call out of JavaScript. */
const SHORT_TEXT_MAX = 32;

function textLength(value: string): number {
  if (value.length <= SHORT_TEXT_MAX && isAscii(value)) return value.length;
  const length = Buffer.byteLength(value, 'utf8');
  if (length > STRING_BYTES_MAX) throw new UnencodableError(`string of ${length} bytes`);
  return length;
}

function isAscii(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** Keeps the low 32 bits, signed or not. */
function putInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 24;
  bytes[at + 1] = value >> 16;
  bytes[at + 2] = value >> 8;
  bytes[at + 3] = value;
}

function recordsLength(value: Uint8Array | readonly Uint8Array[]): number {
  if (value instanceof Uint8Array) return value.length;
  let length = 0;
  for (const part of value) length += part.length;
  return length;
}

function refuse(type: string, value: unknown): never {
  throw new UnencodableError(`${String(value)} is no ${type}`);
}
