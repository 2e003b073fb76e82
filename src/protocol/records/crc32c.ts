import { hasFunctions, loadNative } from './native.ts';

/**
 * Below this many bytes a call into native code costs more than the whole table loop (measured on Node 24).
 */
const NATIVE_FROM_BYTES = 256;

/** The reversed polynomial of CRC-32C (Castagnoli), which Kafka uses for batches of magic 2. */
const POLYNOMIAL = 0x82f63b78;

/** The CRC-32C of bytes[start, end), as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  if (native !== null && end - start >= NATIVE_FROM_BYTES) return native.crc32c(bytes.subarray(start, end));
  return crc32cInJavaScript(bytes, start, end);
}

/** The same without native code: for short inputs, and for platforms that the package has no binary for. */
export function crc32cInJavaScript(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1;
  let at = start;
  // Slicing by eight: eight table look-ups per 64 bits that do not wait for each other.
  for (const last = end - 7; at < last; at += 8) {
    crc ^=
      byte(bytes, at) |
      (byte(bytes, at + 1) << 8) |
      (byte(bytes, at + 2) << 16) |
      (byte(bytes, at + 3) << 24);
    crc =
      entry(7, crc & 0xff) ^
      entry(6, (crc >>> 8) & 0xff) ^
      entry(5, (crc >>> 16) & 0xff) ^
      entry(4, crc >>> 24) ^
      entry(3, byte(bytes, at + 4)) ^
      entry(2, byte(bytes, at + 5)) ^
      entry(1, byte(bytes, at + 6)) ^
      entry(0, byte(bytes, at + 7));
  }
  for (; at < end; at++) crc = entry(0, (crc ^ byte(bytes, at)) & 0xff) ^ (crc >>> 8);
  return ~crc >>> 0;
}

const native = loadNative('@node-rs/crc32', isCrc32).module;

function isCrc32(value: unknown): value is { crc32c(bytes: Uint8Array): number } {
  return hasFunctions(value, 'crc32c');
}

const SLICES = 8;
const TABLES = buildTables();

function buildTables(): Int32Array {
  const tables = new Int32Array(SLICES * 256);
  for (let n = 0; n < 256; n++) {
    let crc = n;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[n] = crc;
  }
  for (let slice = 1; slice < SLICES; slice++) {
    for (let n = 0; n < 256; n++) {
      const previous = tables[(slice - 1) * 256 + n] ?? 0;
      tables[slice * 256 + n] = (tables[previous & 0xff] ?? 0) ^ (previous >>> 8);
    }
  }
  return tables;
}

function entry(slice: number, n: number): number {
  return TABLES[slice * 256 + n] ?? 0;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}
