import { expect, test } from 'vitest';
import { data } from './data.ts';
import { errorCode, errorName, errors, isRetriable } from './errors.ts';
import { array, int32, offset, records, string, struct } from './field.ts';
import { frameLength } from './frame.ts';
import { ProtocolError, Reader } from './reader.ts';
import { BY_REFERENCE_MIN, UnencodableError, Writer } from './writer.ts';

function offsetBytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

test('an offset is exact up to 2^53, means no limit at the greatest int64, and is the nearest number between', () => {
  const read = (value: bigint) => new Reader(offsetBytes(value)).offset();
  for (const value of [0n, -1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, -(2n ** 53n)])
    expect(read(value)).toBe(Number(value));
  expect(read(2n ** 63n - 1n)).toBe(Number.POSITIVE_INFINITY);
  for (const value of [2n ** 53n + 1n, -(2n ** 53n) - 1n, 1_764_326_400_123_456_789n, -(2n ** 63n)]) {
    expect(read(value)).toBe(Number(value));
    const writer = new Writer();
    writer.offset(read(value));
    expect(Number(writer.done().readBigInt64BE(0))).toBe(Number(value));
  }
  const nearest = new Writer();
  nearest.offset(read(2n ** 63n - 2n));
  expect(nearest.done()).toEqual(offsetBytes(2n ** 63n - 1n));
});

test('an exact offset is a bigint where a number is not exact, and is written as it was read', () => {
  for (const value of [0n, -1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n]) {
    const read = new Reader(offsetBytes(value)).exactOffset();
    expect(BigInt(read)).toBe(value);
    expect(typeof read).toBe(Number.isSafeInteger(Number(value)) ? 'number' : 'bigint');
    const writer = new Writer();
    writer.exactOffset(read);
    expect(writer.done()).toEqual(offsetBytes(value));
  }
});

test('a number that its type cannot hold is not written', () => {
  const refused: ((writer: Writer) => void)[] = [
    (writer) => writer.int8(128),
    (writer) => writer.int16(-32769),
    (writer) => writer.int32(2 ** 31),
    (writer) => writer.int32(0.5),
    (writer) => writer.int32(Number.NaN),
    (writer) => writer.uint16(-1),
    (writer) => writer.uint32(2 ** 32),
    (writer) => writer.int64(2n ** 63n),
    (writer) => writer.offset(2 ** 64),
    (writer) => writer.exactOffset(2n ** 63n),
    (writer) => writer.offset(0.5),
    (writer) => writer.offset(Number.NaN),
    (writer) => writer.uuid('short'),
    (writer) => writer.string('x'.repeat(32768)),
    (writer) => writer.compactString('x'.repeat(32768)),
  ];
  for (const write of refused) expect(() => write(new Writer()), String(write)).toThrow(UnencodableError);
});

test('a varint has at most 32 bits', () => {
  expect(new Reader(Buffer.from('ffffffff0f', 'hex')).uvarint()).toBe(2 ** 32 - 1);
  for (const bytes of ['ffffffff10', 'ffffffffff01', 'ff'])
    expect(() => new Reader(Buffer.from(bytes, 'hex')).uvarint(), bytes).toThrow(ProtocolError);
});

const withRecords = data({
  name: 'WithRecords',
  versions: [0, 1],
  flexible: 1,
  fields: { before: int32, batches: array({ records: records.nullable() }), after: int32 },
});

test('large records are handed on by reference, small ones are copied', () => {
  const large = Buffer.alloc(BY_REFERENCE_MIN, 1);
  const small = Buffer.alloc(BY_REFERENCE_MIN - 1, 2);
  for (const version of [0, 1]) {
    const writer = new Writer(16, 4);
    const batches = [{ records: [small, large, small] }, { records: large }, { records: null }];
    withRecords.at(version).encode(writer, { before: 7, batches, after: 8 });
    writer.setLength();
    const parts = writer.parts();
    expect(parts.filter((part) => part === large)).toHaveLength(2);
    expect(parts).not.toContain(small);
    const bytes = Buffer.concat(parts);
    expect(bytes.length).toBe(writer.byteLength);
    expect(bytes.readInt32BE(0)).toBe(bytes.length - 4);
    const decoded = withRecords.at(version).decode(new Reader(bytes.subarray(4)));
    const whole = Buffer.concat([small, large, small]);
    expect(decoded).toEqual({
      before: 7,
      batches: [{ records: whole }, { records: large }, { records: null }],
      after: 8,
    });
  }
});

test('records and bytes are views of the frame', () => {
  const frame = Buffer.from('00000001 00000001 00000002 aabb 00000000'.replaceAll(' ', ''), 'hex');
  const [batch] = withRecords.at(0).decode(new Reader(frame)).batches;
  frame[12] = 0xcc;
  expect(batch?.records?.[0]).toBe(0xcc);
});

const withTags = data({
  name: 'WithTags',
  versions: [0, 0],
  flexible: 0,
  fields: {
    last: string.tagged(200),
    pair: struct({ left: int32.default(-1), right: string }).tagged(1),
    list: array(int32).nullable().default(null).tagged(0),
    batches: records.nullable().default(null).tagged(2),
  },
});

test('tagged fields are written by ascending tag, with their size, and only when they are not at their default', () => {
  const writer = new Writer();
  withTags.at(0).encode(writer, { last: 'z', pair: { left: -1, right: 'r' }, list: [] });
  expect(writer.done().toString('hex')).toBe(`03${'000101'}${'0107ffffffff027200'}${'c80102027a'}`);
  const empty = new Writer();
  withTags.at(0).encode(empty, { last: '', pair: { right: '' }, list: null });
  expect(empty.done().toString('hex')).toBe('00');
});

test('a tagged field may be longer than one byte of size says, and holds its records itself', () => {
  const last = 'long'.repeat(1000);
  const batches = Buffer.alloc(BY_REFERENCE_MIN, 3);
  const writer = new Writer(16);
  withTags.at(0).encode(writer, { last, batches });
  expect(writer.parts()).toHaveLength(1);
  expect(withTags.at(0).decode(new Reader(writer.done()))).toMatchObject({ last, batches });
});

test('a tagged field must fill the size it states', () => {
  const reader = new Reader(Buffer.from('0101080000000001000000', 'hex'));
  expect(() => withTags.at(0).decode(reader)).toThrow(ProtocolError);
});

test('more tags than there are bytes for are refused at once', () => {
  const reader = new Reader(Buffer.from('ffffffff0f00', 'hex'));
  expect(() => withTags.at(0).decode(reader)).toThrow(ProtocolError);
});

test('a count is checked against what its elements take at least', () => {
  const schema = data({ name: 'Pairs', versions: [0, 0], fields: { pairs: array({ a: int32, b: offset }) } });
  const bytes = Buffer.alloc(4 + 23);
  bytes.writeInt32BE(2);
  expect(() => schema.at(0).decode(new Reader(bytes))).toThrow('2 elements in 23 bytes');
});

test('a frame that is longer than allowed, or of negative length, is refused', () => {
  const frame = Buffer.alloc(8);
  frame.writeInt32BE(100, 2);
  expect(frameLength(frame, 2, 100)).toBe(100);
  expect(() => frameLength(frame, 2, 99)).toThrow(ProtocolError);
  frame.writeInt32BE(-1, 2);
  expect(() => frameLength(frame, 2, 100)).toThrow(ProtocolError);
});

test('errors have the codes of the protocol, each its own and none left out', () => {
  expect([errorCode('UNKNOWN_SERVER_ERROR'), errorCode('NONE'), errorCode('UNSUPPORTED_VERSION')]).toEqual([
    -1, 0, 35,
  ]);
  const codes = Object.values(errors).map(({ code }) => code);
  expect(codes).toEqual(codes.map((_, i) => i - 1));
  expect(errorName(6)).toBe('NOT_LEADER_OR_FOLLOWER');
  expect(errorName(9999)).toBe('UNKNOWN_SERVER_ERROR');
  expect([isRetriable('NOT_LEADER_OR_FOLLOWER'), isRetriable('TOPIC_AUTHORIZATION_FAILED')]).toEqual([
    true,
    false,
  ]);
});
