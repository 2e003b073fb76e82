/**
 * Distinguished encoding (X.690): each value is a tag, a length and its content. Written as whole buffers,
 * innermost first.
 */

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const;

export function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(length)]), ...content]);
}

export function sequence(...content: readonly Uint8Array[]): Buffer {
  return der(tags.sequence, ...content);
}

/** Of an unsigned number, most significant byte first. */
export function unsignedInteger(bytes: Uint8Array): Buffer {
  let first = 0;
  while (first < bytes.length - 1 && bytes[first] === 0) first++;
  const digits = bytes.subarray(first);
  // A leading one bit would mean a negative number.
  return der(tags.integer, ...((digits[0] ?? 0) >= 0x80 ? [Buffer.from([0]), digits] : [digits]));
}

/** Of a whole number from 0 to 2^32-1. */
export function smallInteger(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return unsignedInteger(bytes);
}

export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(tags.objectIdentifier, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

/** Bits that all matter, whole bytes of them. */
export function bitString(bytes: Uint8Array): Buffer {
  return der(tags.bitString, Buffer.from([0]), bytes);
}

/** A value under a context-specific tag: `[number]`. */
export function context(number: number, isConstructed: boolean, content: Uint8Array): Buffer {
  return der(0x80 | (isConstructed ? 0x20 : 0) | number, content);
}

/** A time to the second; years from 1950 to 2049 are UTCTime (RFC 5280, 4.1.2.5). `ms` since 1970. */
export function time(ms: number): Buffer {
  // biome-ignore lint/style/noRestrictedGlobals: it spells a time that was given, and reads no clock.
  const digits = new Date(ms)
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/\D/g, '');
  const year = Number(digits.slice(0, 4));
  if (year >= 1950 && year < 2050) return der(tags.utcTime, Buffer.from(`${digits.slice(2)}Z`, 'latin1'));
  return der(tags.generalizedTime, Buffer.from(`${digits}Z`, 'latin1'));
}

/** One encoded value of a buffer, with the place where the next one begins. */
export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
  /** Tag and length, too. */
  readonly whole: Buffer;
}

/** Bytes that are not what they should be; others sent them, so it is no error of our own code. */
export class DerError extends Error {}

/** The values that stand one after the other; throws a DerError when the bytes are not whole. */
export function* readDer(bytes: Buffer): Generator<DerValue> {
  for (let at = 0; at < bytes.length; ) {
    const start = at;
    const [tag, first] = [bytes[at], bytes[at + 1]];
    if (tag === undefined || first === undefined) throw new DerError('a value without a length');
    at += 2;
    let length = first;
    if (first >= 0x80) {
      const count = first & 0x7f;
      if (count === 0 || count > 4 || at + count > bytes.length)
        throw new DerError('a length that DER does not have');
      length = bytes.readUIntBE(at, count);
      at += count;
    }
    if (at + length > bytes.length) throw new DerError('a value is longer than what holds it');
    yield { tag, content: bytes.subarray(at, at + length), whole: bytes.subarray(start, at + length) };
    at += length;
  }
}

/** A UUID as an arc has 19 bytes; a longer arc is an attack. */
const ARC_BYTES_MAX = 19;

/** The dotted digits of an identifier's content; throws a DerError when a number in it is beyond reason. */
export function dottedIdentifier(content: Buffer): string {
  const arcs: bigint[] = [];
  let arc = 0n;
  let bytes = 0;
  for (const byte of content) {
    if (++bytes > ARC_BYTES_MAX) throw new DerError('an object identifier with too large a number');
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    if (byte & 0x80) continue;
    if (arcs.length === 0) {
      const first = arc < 40n ? 0n : arc < 80n ? 1n : 2n;
      arcs.push(first, arc - first * 40n);
    } else arcs.push(arc);
    arc = 0n;
    bytes = 0;
  }
  return arcs.join('.');
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    bytes.unshift(0x80 | (rest & 0x7f));
  return bytes;
}
