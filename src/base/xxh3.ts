import { assert } from './assert.ts';

/** The default secret of XXH3. */
const SECRET = Buffer.from(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221' +
    'b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8' +
    'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb' +
    '170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
  'hex',
);
const PRIME32 = [0x9e3779b1n, 0x85ebca77n, 0xc2b2ae3dn] as const;
const PRIME64 = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
] as const;
const PRIME_MX1 = 0x165667919e3779f9n;
const PRIME_MX2 = 0x9fb21c651e98df25n;

const STRIPE = 64;
const STRIPES_IN_BLOCK = (SECRET.length - STRIPE) / 8;

/**
 * XXH3 of 64 bits, without a seed, as an unsigned integer. `input` has at least 4 bytes, and a megabyte of it
 * takes a third of a second.
 */
export function xxh3(input: Buffer): bigint {
  assert(input.length >= 4, 'shorter inputs are hashed in another way');
  if (input.length <= 8) return hashUpTo8(input);
  if (input.length <= 16) return hashUpTo16(input);
  if (input.length <= 128) return hashUpTo128(input);
  return input.length <= 240 ? hashUpTo240(input) : hashLong(input);
}

function hashUpTo8(input: Buffer): bigint {
  const high = BigInt(input.readUInt32LE(0)) << 32n;
  const word = u64(BigInt(input.readUInt32LE(input.length - 4)) + high) ^ secret(8) ^ secret(16);
  let hash = u64((word ^ rotated(word, 49n) ^ rotated(word, 24n)) * PRIME_MX2);
  hash ^= (hash >> 35n) + BigInt(input.length);
  hash = u64(hash * PRIME_MX2);
  return hash ^ (hash >> 28n);
}

function hashUpTo16(input: Buffer): bigint {
  const low = word(input, 0) ^ secret(24) ^ secret(32);
  const high = word(input, input.length - 8) ^ secret(40) ^ secret(48);
  return avalanche(u64(BigInt(input.length) + swapped(low) + high + folded(low, high)));
}

function hashUpTo128(input: Buffer): bigint {
  const { length } = input;
  let sum = BigInt(length) * PRIME64[0];
  for (let step = Math.floor((length - 1) / 32); step >= 0; step--) {
    sum += mixed(input, 16 * step, 32 * step);
    sum += mixed(input, length - 16 * (step + 1), 32 * step + 16);
  }
  return avalanche(u64(sum));
}

function hashUpTo240(input: Buffer): bigint {
  const { length } = input;
  let sum = BigInt(length) * PRIME64[0];
  for (let round = 0; round < 8; round++) sum += mixed(input, 16 * round, 16 * round);
  sum = avalanche(u64(sum));
  for (let round = 8; round < Math.floor(length / 16); round++)
    sum += mixed(input, 16 * round, 16 * (round - 8) + 3);
  sum += mixed(input, length - 16, 136 - 17);
  return avalanche(u64(sum));
}

function hashLong(input: Buffer): bigint {
  const { length } = input;
  const lanes: bigint[] = [PRIME32[2], ...PRIME64.slice(0, 4), PRIME32[1], PRIME64[4], PRIME32[0]];
  const whole = Math.floor((length - 1) / STRIPE);
  for (let stripe = 0; stripe < whole; stripe++) {
    const inBlock = stripe % STRIPES_IN_BLOCK;
    accumulate(lanes, input, stripe * STRIPE, inBlock * 8);
    if (inBlock === STRIPES_IN_BLOCK - 1) scramble(lanes);
  }
  accumulate(lanes, input, length - STRIPE, SECRET.length - STRIPE - 7);
  let sum = BigInt(length) * PRIME64[0];
  for (let pair = 0; pair < 4; pair++) {
    const [first = 0n, second = 0n] = lanes.slice(2 * pair);
    sum += folded(first ^ secret(11 + 16 * pair), second ^ secret(19 + 16 * pair));
  }
  return avalanche(u64(sum));
}

function accumulate(lanes: bigint[], input: Buffer, offset: number, secretOffset: number): void {
  for (let lane = 0; lane < 8; lane++) {
    const data = word(input, offset + 8 * lane);
    const key = data ^ secret(secretOffset + 8 * lane);
    lanes[lane ^ 1] = u64((lanes[lane ^ 1] ?? 0n) + data);
    lanes[lane] = u64((lanes[lane] ?? 0n) + (key & 0xffffffffn) * (key >> 32n));
  }
}

function scramble(lanes: bigint[]): void {
  for (const [lane, value] of lanes.entries())
    lanes[lane] = u64((value ^ (value >> 47n) ^ secret(SECRET.length - STRIPE + 8 * lane)) * PRIME32[0]);
}

function mixed(input: Buffer, offset: number, secretOffset: number): bigint {
  return folded(
    word(input, offset) ^ secret(secretOffset),
    word(input, offset + 8) ^ secret(secretOffset + 8),
  );
}

/** Both halves of the product of 128 bits, one laid over the other. */
function folded(one: bigint, other: bigint): bigint {
  const product = one * other;
  return u64(product) ^ (product >> 64n);
}

function avalanche(hash: bigint): bigint {
  const mixedHash = u64((hash ^ (hash >> 37n)) * PRIME_MX1);
  return mixedHash ^ (mixedHash >> 32n);
}

function word(input: Buffer, offset: number): bigint {
  return input.readBigUInt64LE(offset);
}

function secret(offset: number): bigint {
  return SECRET.readBigUInt64LE(offset);
}

function swapped(value: bigint): bigint {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes.readBigUInt64BE(0);
}

function rotated(value: bigint, by: bigint): bigint {
  return u64(value << by) | (value >> (64n - by));
}

function u64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
