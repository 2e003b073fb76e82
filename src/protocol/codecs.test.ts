import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as groupRecords from '../coordinator/group/record-definitions.ts';
import * as transactionRecords from '../coordinator/transaction/record-definitions.ts';
import { recordDefinitions } from '../metadata/record-definitions.ts';
import { apis } from './apis.ts';
import { isPresent } from './compile.ts';
import { defaultOf } from './complete.ts';
import { consumerProtocolAssignment, consumerProtocolSubscription } from './consumer-protocol.ts';
import type { Data, MessageCodec } from './data.ts';
import type { Encodable, Fields, Primitive, Wire } from './field.ts';
import { defaultPrincipalData } from './principal-data.ts';
import { ProtocolError, Reader } from './reader.ts';
import { leaderChangeMessage, votersRecord } from './records/raft-control.ts';
import { Writer } from './writer.ts';

/** Every message there is, with values made from its definition. */
const messages: Data<Fields>[] = [
  ...Object.values(apis).flatMap(({ definition }) => [definition.request, definition.response]),
  ...Object.values(recordDefinitions).map(({ data }) => data),
  ...Object.values(groupRecords),
  ...Object.values(transactionRecords),
  consumerProtocolSubscription,
  consumerProtocolAssignment,
  leaderChangeMessage,
  votersRecord,
  defaultPrincipalData,
];

/** Many definitions share the time there is: few examples of each, other ones in every run. */
const ROUND_TRIPS = 30;
const HOSTILE_MESSAGES = 4;
const ALTERATIONS = 60;

const primitives: { readonly [Name in Primitive]: fc.Arbitrary<unknown> } = {
  bool: fc.boolean(),
  int8: fc.integer({ min: -128, max: 127 }),
  int16: fc.integer({ min: -32768, max: 32767 }),
  int32: fc.integer(),
  uint16: fc.integer({ min: 0, max: 65535 }),
  uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  offset: fc.oneof(
    { weight: 4, arbitrary: fc.maxSafeInteger() },
    { weight: 1, arbitrary: fc.constantFrom(0, -1, 2 ** 53, -(2 ** 63), 2 ** 32, Number.POSITIVE_INFINITY) },
  ),
  exactOffset: fc
    .oneof(
      fc.maxSafeInteger().map(BigInt),
      fc.constantFrom(2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    )
    .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value)),
  float64: fc.double(),
  string: fc.string({ unit: 'binary', maxLength: 6 }),
  bytes: fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
  uuid: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((b) => Buffer.from(b).toString('base64url')),
  records: fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
};

function arbitrary(wire: Wire, version: number): fc.Arbitrary<unknown> {
  if (wire.kind === 'primitive') return primitives[wire.name];
  if (wire.kind === 'array') return fc.array(arbitrary(wire.element, version), { maxLength: 2 });
  return arbitraryFields(wire.fields, version);
}

/** Whole objects, as decode returns them: what the version lacks is at its default. */
function arbitraryFields(fields: Fields, version: number): fc.Arbitrary<Encodable<Fields>> {
  const entries = Object.entries(fields);
  const values = entries.map(([, field]) => {
    const { spec } = field;
    const fallback = fc.constant(null).map(() => defaultOf(field));
    if (!isPresent(spec, version)) return fallback;
    const value = arbitrary(spec.wire, version);
    const choices = version >= spec.nullableFrom ? [value, fc.constant(null)] : [value];
    // A nested message may be null by default in a version that cannot say so.
    return spec.fallback === null && version < spec.nullableFrom
      ? value
      : fc.oneof({ weight: 3, arbitrary: fc.oneof(...choices) }, { weight: 1, arbitrary: fallback });
  });
  return fc.tuple(...values).map((chosen) => Object.fromEntries(entries.map(([key], i) => [key, chosen[i]])));
}

function encode(codec: MessageCodec<unknown, Encodable<Fields>>, message: Encodable<Fields>): Buffer {
  const writer = new Writer(16);
  codec.encode(writer, message);
  return writer.done();
}

function versionsOf({ versions: [first, last] }: Data<Fields>): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

describe('every message at every version is read as it was written, and to its last byte', () => {
  for (const data of messages)
    test(data.name, () => {
      for (const version of versionsOf(data)) {
        const codec = data.at(version);
        fc.assert(
          fc.property(arbitraryFields(data.fields, version), (message) => {
            const bytes = encode(codec, message);
            const reader = new Reader(bytes);
            const decoded = codec.decode(reader);
            if (!isDeepStrictEqual(decoded, message)) expect(decoded, `version ${version}`).toEqual(message);
            expect(reader.pos).toBe(bytes.length);
          }),
          { numRuns: ROUND_TRIPS },
        );
      }
    });
});

test('a field that is left out is written at its default, as `complete` fills it in', () => {
  for (const data of messages) {
    const newest = data.at(data.versions[1]);
    const decoded = newest.decode(new Reader(encode(newest, {})));
    expect(decoded, data.name).toEqual(data.complete({}));
  }
});

describe('bytes that were cut or altered are a value or a ProtocolError, and never more than their size', () => {
  for (const data of messages)
    test(data.name, () => {
      for (const version of versionsOf(data)) {
        const codec = data.at(version);
        fc.assert(
          fc.property(arbitraryFields(data.fields, version), alterations, (message, changes) => {
            const bytes = encode(codec, message);
            for (let length = 0; length < bytes.length; length++) survives(codec, bytes.subarray(0, length));
            for (const { at, value } of changes) {
              if (bytes.length === 0) break;
              const altered = Buffer.from(bytes);
              altered[at % bytes.length] = value;
              survives(codec, altered);
            }
          }),
          { numRuns: HOSTILE_MESSAGES, endOnFailure: true },
        );
      }
    });

  const alterations = fc.array(
    fc.record({
      at: fc.nat(),
      // Signs and lengths hide in the extremes.
      value: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xfe, 0xff), fc.integer({ min: 0, max: 255 })),
    }),
    { minLength: ALTERATIONS, maxLength: ALTERATIONS },
  );
});

function survives(codec: MessageCodec<unknown, Encodable<Fields>>, bytes: Buffer): void {
  let decoded: unknown;
  try {
    decoded = codec.decode(new Reader(bytes));
  } catch (error) {
    if (error instanceof ProtocolError) return;
    throw error;
  }
  // Each element of an array took a byte at least.
  if (elements(decoded) > bytes.length) expect(elements(decoded)).toBeLessThanOrEqual(bytes.length);
}

function elements(value: unknown): number {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 0;
  const inner = Object.values(value).reduce<number>((sum, each) => sum + elements(each), 0);
  return Array.isArray(value) ? value.length + inner : inner;
}
