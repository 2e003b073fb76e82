import type { Uuid } from '../base/brand.ts';

/**
 * The bytes are not what the protocol says. The only error a decoder throws; the connection it came from is
 * closed.
 */
export class ProtocolError extends Error {}

/** Kafka's strings have a signed 16-bit length, and the compact ones keep that bound. */
export const STRING_BYTES_MAX = 0x7fff;

/** Up to here an array is made at its stated length; a longer one grows as its elements are really read. */
const ARRAY_PREALLOCATED_MAX = 1024;

/**
 * What a client may list in one request, all its lists together: more than ten times the partitions of the
 * largest broker of MSK. An element may be one byte of a frame, and hundreds in memory with what it is
 * answered: the size of a frame bounds nothing.
 */
export const REQUESTED_ELEMENTS_MAX = 100_000;

/**
 * In bytes. JavaScript's maps hash longer texts by their length alone and compare all of one length with each
 * other: 3,000 of them in one set take a minute.
 */
const LONG_TEXT_BYTES = 16_383;
/**
 * What a client may have of those in one request. Names of topics are far shorter; a few values of configs
 * (certificates) may be as long.
 */
const LONG_TEXTS_MAX = 32;

const TWO_32 = 0x1_0000_0000;

/**
 * Reads a frame front to back. Every length is checked against the bytes that are left before anything is
 * sliced or allocated. What is returned for bytes and records is a view of the buffer: it lives as long as
 * the frame does.
 */
export class Reader {
  pos = 0;
  readonly buffer: Buffer;
  readonly #view: DataView;
  readonly #end: number;
  /** The elements of all lists that were read. */
  elements = 0;
  readonly #elementsMax: number;
  #longTexts = 0;

  /**
   * `elementsMax`: of all lists together, in what a client sends, whose long texts are bounded as well; by
   * default the bytes alone bound both.
   */
  constructor(buffer: Buffer, elementsMax = Number.POSITIVE_INFINITY) {
    this.buffer = buffer;
    this.#elementsMax = elementsMax;
    this.#end = buffer.byteLength;
    this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  get remaining(): number {
    return this.#end - this.pos;
  }

  #take(length: number): number {
    const at = this.pos;
    if (length > this.#end - at) throw new ProtocolError(`${length} bytes wanted, ${this.#end - at} left`);
    this.pos = at + length;
    return at;
  }

  bool(): boolean {
    return this.#view.getInt8(this.#take(1)) !== 0;
  }
  int8(): number {
    return this.#view.getInt8(this.#take(1));
  }
  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }
  int16(): number {
    return this.#view.getInt16(this.#take(2));
  }
  uint16(): number {
    return this.#view.getUint16(this.#take(2));
  }
  int32(): number {
    return this.#view.getInt32(this.#take(4));
  }
  uint32(): number {
    return this.#view.getUint32(this.#take(4));
  }
  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }
  /** An int64 as a number; see `offset` in field.ts. */
  offset(): number {
    const at = this.#take(8);
    const high = this.#view.getInt32(at);
    const low = this.#view.getUint32(at + 4);
    if (high === 0x7fff_ffff && low === 0xffff_ffff) return Number.POSITIVE_INFINITY;
    return high * TWO_32 + low;
  }
  /** An int64 as a number where that is exact, else as a bigint. */
  exactOffset(): number | bigint {
    const at = this.#take(8);
    const value = this.#view.getInt32(at) * TWO_32 + this.#view.getUint32(at + 4);
    return Number.isSafeInteger(value) ? value : this.#view.getBigInt64(at);
  }
  float64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  /** An unsigned 32-bit number in one to five bytes. */
  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#view.getUint8(this.#take(1));
      if (shift === 28 && byte > 0x0f) throw new ProtocolError('varint is beyond 32 bits');
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new ProtocolError('varint is longer than 5 bytes');
  }

  uuid(): Uuid {
    const at = this.#take(16);
    return this.buffer.toString('base64url', at, at + 16);
  }

  /** UTF-8 of this many bytes. */
  text(length: number): string {
    if (length > LONG_TEXT_BYTES) this.#longText(length);
    const at = this.#take(length);
    const text = this.buffer.toString('utf8', at, at + length);
    // Each byte that is no UTF-8 becomes a character of three, and the text could not be written again.
    if (length > STRING_BYTES_MAX / 3 && Buffer.byteLength(text) > STRING_BYTES_MAX)
      throw new ProtocolError(`string of ${length} bytes that are no UTF-8`);
    return text;
  }

  #longText(length: number): void {
    if (length > STRING_BYTES_MAX) throw new ProtocolError(`string of ${length} bytes`);
    this.#longTexts++;
    if (this.#longTexts > LONG_TEXTS_MAX && this.#elementsMax !== Number.POSITIVE_INFINITY)
      throw new ProtocolError(`more than ${LONG_TEXTS_MAX} strings with more than ${LONG_TEXT_BYTES} bytes`);
  }

  slice(length: number): Buffer {
    const at = this.#take(length);
    return this.buffer.subarray(at, at + length);
  }

  /**
   * Refuses a count of elements, each of at least `floor` bytes, for which there are not enough bytes left,
   * and one with which there are more than there may be.
   */
  count(stated: number, floor: number): number {
    if (stated * floor > this.#end - this.pos)
      throw new ProtocolError(`${stated} elements in ${this.#end - this.pos} bytes`);
    this.elements += stated;
    if (this.elements > this.#elementsMax)
      throw new ProtocolError(`${stated} elements of a list are too many`);
    return stated;
  }

  /** An array for a count that was checked. */
  list(count: number): unknown[] {
    return count > ARRAY_PREALLOCATED_MAX ? [] : new Array(count);
  }

  /** The number of tagged fields that follow; each takes two bytes at least. */
  tags(): number {
    return this.count(this.uvarint(), 2);
  }

  /** Where the tagged field that begins here ends. */
  tagEnd(): number {
    const length = this.uvarint();
    if (length > this.#end - this.pos) throw new ProtocolError(`tagged field of ${length} bytes`);
    return this.pos + length;
  }

  /** A tagged field that we know must fill its stated size, or what follows would be read askew. */
  checkTagEnd(end: number): void {
    if (this.pos !== end) throw new ProtocolError(`tagged field ends at ${this.pos}, not ${end}`);
  }

  skipTags(): void {
    for (let left = this.tags(); left > 0; left--) {
      this.uvarint();
      this.pos = this.tagEnd();
    }
  }

  nullRefused(field: string): never {
    throw new ProtocolError(`${field} is null, which this version does not allow`);
  }
}
