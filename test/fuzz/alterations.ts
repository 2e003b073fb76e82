import type { Random } from '../../src/base/random.ts';
import type { AnyApi } from '../../src/protocol/api.ts';
import type { Wire } from '../../src/protocol/field.ts';
import { buildBatch } from '../../src/protocol/records/record.ts';
import { type Leaf, leaves, type Message } from '../../src/protocol/testing/sample-requests.ts';
import { CONSUMERS, SHARERS, STREAMERS } from './lively-groups.ts';

/** Properties of a request that an alteration may have changed. */
export interface Altered {
  /** It may wait for other requests, or want no answer. */
  readonly mayWait: boolean;
}

const INTEGERS = [-2, -1, 0, 1, 2, 3, 7, 100, 127, 128, 255, 32_767, 65_535, 2 ** 31 - 1, -(2 ** 31)];
const INT64S = [
  -2n,
  -1n,
  0n,
  1n,
  2n,
  5n,
  2n ** 31n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  1_764_326_400_123_456_789n,
];
const STRINGS = [
  '',
  'x',
  '1',
  '-1',
  'group',
  CONSUMERS,
  SHARERS,
  STREAMERS,
  'orders',
  'transactional',
  '__consumer_offsets',
  '__transaction_state',
  '__cluster_metadata',
  'retention.ms',
  'cleanup.policy',
  'no such thing',
  '..',
  'a/b',
  '\u0000',
  '\ud800',
  '\u{1f984}',
  'x'.repeat(300),
  'x'.repeat(20_000),
  'x'.repeat(32_767),
  'x'.repeat(40_000),
  '%',
  '(a+)+$',
  '__proto__',
  'constructor',
];
/**
 * Fields that say how long a request may wait, and whether it wants an answer, are not changed: otherwise
 * every second request would only wait.
 */
const LEFT_ALONE = /^(maxWaitMs|timeoutMs|rebalanceTimeoutMs|sessionTimeoutMs|acks|minBytes)$/;
/** The values in a list that was made long, with those of the lists in it. */
const LONG_VALUES = 30_000;
const WAITING = /^(JoinGroup|SyncGroup|Fetch)$/;

/** Changes up to four values of a message, in place. */
export function alterMessage(api: AnyApi, version: number, message: Message, random: Random): Altered {
  for (let left = random.uint32() % 5; left > 0; left--) {
    // Found again each time: an array may have got or lost elements.
    const all = [...leaves(api.definition.request.fields, version, message)].filter(
      ({ name }) => !LEFT_ALONE.test(name),
    );
    const leaf = all[random.uint32() % Math.max(all.length, 1)];
    if (leaf) leaf.set(altered(leaf, version, random));
  }
  return { mayWait: WAITING.test(api.name) };
}

function altered(leaf: Leaf, version: number, random: Random): unknown {
  const { spec } = leaf.field;
  const isNullable = leaf.wire === spec.wire && version >= spec.nullableFrom;
  if (isNullable && random.uint32() % 4 === 0) return null;
  return value(leaf.wire, leaf.get(), random);
}

function value(wire: Wire, now: unknown, random: Random): unknown {
  const pick = <T>(from: readonly T[]): T | undefined => from[random.uint32() % from.length];
  if (wire.kind === 'struct') return now;
  if (wire.kind === 'array') {
    if (!Array.isArray(now)) return [];
    const isLong = random.uint32() % 20 === 0;
    const times = isLong ? Math.floor(LONG_VALUES / sizeOf(now)) : (pick([0, 0, 2, 3, 20]) ?? 0);
    // Clones, so that a later change affects only one of them.
    return Array.from({ length: times }, () => now.map((element) => structuredCloneOf(element))).flat();
  }
  switch (wire.name) {
    case 'bool':
      return random.uint32() % 2 === 0;
    case 'int8':
      return ((pick(INTEGERS) ?? 0) << 24) >> 24;
    case 'int16':
      return ((pick(INTEGERS) ?? 0) << 16) >> 16;
    case 'int32':
      return pick(INTEGERS);
    case 'uint16':
      return (pick(INTEGERS) ?? 0) & 0xffff;
    case 'uint32':
      return (pick(INTEGERS) ?? 0) >>> 0;
    case 'int64':
      return pick(INT64S);
    case 'exactOffset': {
      const exact = pick(INT64S) ?? 0n;
      return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
    }
    case 'offset': {
      const exact = pick(INT64S) ?? 0n;
      return exact === 2n ** 63n - 1n ? Number.POSITIVE_INFINITY : Number(exact);
    }
    case 'float64':
      return pick([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e308]);
    case 'string':
      return pick(STRINGS);
    case 'uuid':
      return pick(['AAAAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAAAQ', '_____________________w']);
    case 'bytes':
      return Buffer.from(random.bytes(random.uint32() % 40));
    case 'records':
      return alteredBatch(random);
  }
}

/** A batch that a client might send, with some of it wrong. */
export function alteredBatch(random: Random): Buffer {
  const count = 1 + (random.uint32() % 3);
  const batch = buildBatch({
    records: Array.from({ length: count }, (_, i) => ({
      timestamp: INT64S[random.uint32() % INT64S.length] ?? 0,
      key: random.uint32() % 2 === 0 ? null : Buffer.from(`k${i}`),
      value: random.uint32() % 3 === 0 ? null : Buffer.from('value'.repeat(random.uint32() % 20)),
      headers: random.uint32() % 4 === 0 ? [{ key: 'h', value: null }] : [],
    })),
    compression: (['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)[random.uint32() % 5] ?? 'none',
    producerId: random.uint32() % 2 === 0 ? -1 : random.uint32() % 2000,
    producerEpoch: random.uint32() % 3,
    baseSequence: random.uint32() % 3,
    isTransactional: random.uint32() % 4 === 0,
    isControl: random.uint32() % 6 === 0,
    timestampType: random.uint32() % 4 === 0 ? 'LogAppendTime' : 'CreateTime',
  });
  return random.uint32() % 3 === 0 ? alterBytes(batch, random, 0) : batch;
}

/** Key, version, correlation id and client id of the samples. */
const HEADER_BYTES = 16;

/** The same bytes, with some of them behind the header changed, removed or inserted. */
export function alterBytes(bytes: Buffer, random: Random, from = HEADER_BYTES): Buffer {
  if (bytes.length <= from) return bytes;
  const at = from + (random.uint32() % (bytes.length - from));
  const length = 1 + (random.uint32() % 4);
  switch (random.uint32() % 4) {
    case 0: {
      const changed = Buffer.from(bytes);
      for (let i = 0; i < length; i++)
        changed[from + (random.uint32() % (bytes.length - from))] = random.uint32() % 256;
      return changed;
    }
    case 1: {
      const changed = Buffer.from(bytes);
      changed.fill(random.uint32() % 2 === 0 ? 0xff : 0x7f, at, Math.min(at + length, bytes.length));
      return changed;
    }
    case 2:
      return bytes.subarray(0, at);
    default:
      return Buffer.concat([bytes.subarray(0, at), random.bytes(length), bytes.subarray(at)]);
  }
}

/** How many values there are in this one; itself is one. */
function sizeOf(value: unknown): number {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + sizeOf(inner), 1);
}

function structuredCloneOf(element: unknown): unknown {
  if (Array.isArray(element)) return element.map(structuredCloneOf);
  if (typeof element !== 'object' || element === null || element instanceof Uint8Array) return element;
  return Object.fromEntries(Object.entries(element).map(([key, inner]) => [key, structuredCloneOf(inner)]));
}
