/**
 * An int64 as a number. Exact within 2^53; beyond it the nearest number, on the right side of every exact
 * one.
 */
export function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}

/** A number of 2^63, which is the nearest to the greatest int64s, is written as the greatest. */
export function writeInt64(bytes: Buffer, at: number, value: number | bigint): void {
  if (typeof value === 'bigint' || value >= TWO_63) {
    bytes.writeBigInt64BE(typeof value === 'bigint' ? value : INT64_MAX, at);
    return;
  }
  const high = Math.floor(value / 0x1_0000_0000);
  bytes.writeInt32BE(high, at);
  bytes.writeUInt32BE(value - high * 0x1_0000_0000, at + 4);
}

const TWO_63 = 2 ** 63;
const INT64_MAX = 2n ** 63n - 1n;

/** The int64 at this position: a number where that is exact, else a bigint. */
export function readExactInt64(bytes: Buffer, at: number): number | bigint {
  const nearest = readInt64(bytes, at);
  return Number.isSafeInteger(nearest) ? nearest : bytes.readBigInt64BE(at);
}

/** The sum of two exact int64s, wrapped as Java wraps it: a number where that is exact, else a bigint. */
export function addInt64(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  const sum = BigInt.asIntN(64, BigInt(a) + BigInt(b));
  const nearest = Number(sum);
  return Number.isSafeInteger(nearest) ? nearest : sum;
}
