import { addInt64 } from './int64.ts';
import { readVarlong, VarintCursor } from './varint.ts';

/**
 * Told of each record of a walk: the nearest number to its timestamp delta, where that begins in the bytes,
 * and the length of its key (-1 without one).
 */
export type RecordVisitor = (
  index: number,
  record: { readonly timestampDelta: number; readonly timestampAt: number; readonly keyLength: number },
) => void;

/**
 * Walks every record of an uncompressed batch, from `start` to the end of the bytes, without making an object
 * of any: lengths must add up, offset deltas count from 0, header keys must be there. Returns the largest
 * timestamp delta, or the nearest number to it, or null when the records are not sound. `visit` is given the
 * same object for each record.
 */
export function walkRecords(
  bytes: Buffer,
  start: number,
  recordCount: number,
  visit?: RecordVisitor,
): number | null {
  const visited = visit && { timestampDelta: 0, timestampAt: 0, keyLength: 0 };
  const cursor = new VarintCursor(bytes, start, bytes.length);
  let maxDelta = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < recordCount; i++) {
    const length = cursor.int();
    const end = cursor.at + length;
    if (length < 0 || end > bytes.length) return null;
    cursor.byte();
    const timestampAt = cursor.at;
    const timestampDelta = cursor.long();
    if (timestampDelta > maxDelta) maxDelta = timestampDelta;
    if (cursor.int() !== i) return null;
    const keyLength = cursor.int();
    if (keyLength >= 0) cursor.skip(keyLength);
    const valueLength = cursor.int();
    if (valueLength >= 0) cursor.skip(valueLength);
    const headers = cursor.int();
    // A header takes two bytes at least, so a count beyond that is a lie that would cost time.
    if (headers < 0 || headers > length) return null;
    for (let h = 0; h < headers; h++) {
      cursor.skip(cursor.int());
      const headerLength = cursor.int();
      if (headerLength >= 0) cursor.skip(headerLength);
    }
    if (cursor.failed || cursor.at !== end) return null;
    if (!visit || !visited) continue;
    visited.timestampDelta = timestampDelta;
    visited.timestampAt = timestampAt;
    visited.keyLength = keyLength;
    visit(i, visited);
  }
  if (cursor.at !== bytes.length) return null;
  return maxDelta;
}

/**
 * The largest timestamp of records that were walked and found sound, to the last digit, as Java adds int64s;
 * -1 at least, as Kafka counts it.
 */
export function exactMaxTimestamp(bytes: Buffer, start: number, baseTimestamp: number | bigint): bigint {
  const cursor = new VarintCursor(bytes, start, bytes.length);
  let max: number | bigint = -1;
  while (cursor.at < bytes.length) {
    const length = cursor.int();
    const end = cursor.at + length;
    const timestamp = addInt64(baseTimestamp, readVarlong(bytes, cursor.at + 1));
    if (timestamp > max) max = timestamp;
    cursor.at = end;
  }
  return BigInt(max);
}
