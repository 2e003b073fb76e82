import { gzipSync } from 'node:zlib';
import { crc32c } from '../../src/protocol/records/crc32c.ts';

/**
 * Frames of a hostile or broken peer, made by hand, so that no encoder of the broker decides what they
 * contain.
 */
export interface HostileInput {
  readonly name: string;
  readonly bytes: Buffer;
}

function frame(body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** Header version 1 (before flexible versions): key, version, correlation id, client id. */
function request(key: number, version: number, body: Buffer, correlationId = 7): Buffer {
  const header = Buffer.alloc(14);
  header.writeInt16BE(key, 0);
  header.writeInt16BE(version, 2);
  header.writeInt32BE(correlationId, 4);
  header.writeInt16BE(4, 8);
  header.write('evil', 10);
  return frame(Buffer.concat([header, body]));
}

/** Produce v7 of one record set to one partition, acks=1. */
function produce(topic: string, records: Buffer): Buffer {
  const body = Buffer.concat([
    int16(-1),
    int16(1),
    int32(5000),
    int32(1),
    int16(topic.length),
    Buffer.from(topic),
    int32(1),
    int32(0),
    int32(records.length),
    records,
  ]);
  return request(0, 7, body);
}

/**
 * A batch of magic 2 around bytes that are already encoded as records; the checksum is right unless altered
 * later.
 */
function batch(
  records: Buffer,
  fields: {
    count: number;
    lastOffsetDelta?: number;
    attributes?: number;
    magic?: number;
    timestamp?: bigint;
  },
): Buffer {
  const bytes = Buffer.alloc(61 + records.length);
  bytes.writeInt32BE(49 + records.length, 8);
  bytes.writeInt32BE(-1, 12);
  bytes.writeInt8(fields.magic ?? 2, 16);
  bytes.writeInt16BE(fields.attributes ?? 0, 21);
  bytes.writeInt32BE(fields.lastOffsetDelta ?? fields.count - 1, 23);
  bytes.writeBigInt64BE(fields.timestamp ?? 1_700_000_000_000n, 27);
  bytes.writeBigInt64BE(fields.timestamp ?? 1_700_000_000_000n, 35);
  bytes.writeBigInt64BE(-1n, 43);
  bytes.writeInt16BE(-1, 51);
  bytes.writeInt32BE(-1, 53);
  bytes.writeInt32BE(fields.count, 57);
  records.copy(bytes, 61);
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
}

/**
 * length, attributes, timestamp delta, offset delta, key length -1, value length, value, no headers: all
 * zigzag varints of one byte.
 */
const ONE_RECORD = Buffer.from([0x10, 0, 0, 0, 0x01, 0x04, 0x68, 0x69, 0x00]);

export function hostileInputs(topic: string): HostileInput[] {
  const good = batch(ONE_RECORD, { count: 1 });
  const wrongCrc = Buffer.from(good);
  wrongCrc[20] = (wrongCrc[20] ?? 0) ^ 1;
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
  return [
    { name: 'a frame of length -1', bytes: int32(-1) },
    { name: 'a frame of length 0', bytes: int32(0) },
    { name: 'a frame of length 2^31-1', bytes: int32(2 ** 31 - 1) },
    { name: 'a frame one byte above socket.request.max.bytes', bytes: int32(104_857_601) },
    { name: 'a frame of three bytes', bytes: frame(Buffer.from([0, 3, 0])) },
    { name: 'an unknown key', bytes: request(9999, 0, Buffer.alloc(0)) },
    { name: 'a negative key', bytes: request(-5, 0, Buffer.alloc(0)) },
    { name: 'an unknown version of Metadata', bytes: request(3, 99, int32(-1)) },
    { name: 'a negative version of Metadata', bytes: request(3, -1, int32(-1)) },
    {
      name: 'an unknown version of ApiVersions',
      bytes: request(18, 99, Buffer.from([0, 2, 0x63, 2, 0x31, 0])),
    },
    { name: 'ApiVersions v0', bytes: request(18, 0, Buffer.alloc(0)) },
    { name: 'a Metadata request of 2^31-1 topics', bytes: request(3, 1, int32(2 ** 31 - 1)) },
    { name: 'a Metadata request of -2 topics', bytes: request(3, 1, int32(-2)) },
    {
      name: 'a topic name longer than the frame',
      bytes: request(3, 1, Buffer.concat([int32(1), int16(32767), Buffer.from('abc')])),
    },
    {
      name: 'a Metadata request that ends in the middle',
      bytes: request(3, 1, Buffer.concat([int32(3), int16(1), Buffer.from('a')])),
    },
    { name: 'a request of the controller (BrokerRegistration)', bytes: request(62, 0, Buffer.alloc(64)) },
    { name: 'Produce of nothing at all', bytes: produce(topic, Buffer.alloc(0)) },
    { name: 'Produce of a good batch', bytes: produce(topic, good) },
    { name: 'Produce with a wrong checksum', bytes: produce(topic, wrongCrc) },
    { name: 'Produce of magic 0', bytes: produce(topic, batch(ONE_RECORD, { count: 1, magic: 0 })) },
    { name: 'Produce of magic 1', bytes: produce(topic, batch(ONE_RECORD, { count: 1, magic: 1 })) },
    { name: 'Produce of magic 3', bytes: produce(topic, batch(ONE_RECORD, { count: 1, magic: 3 })) },
    { name: 'Produce of a batch cut short', bytes: produce(topic, good.subarray(0, good.length - 2)) },
    { name: 'Produce of a header cut short', bytes: produce(topic, good.subarray(0, 40)) },
    { name: 'Produce of two batches in one request', bytes: produce(topic, Buffer.concat([good, good])) },
    {
      name: 'Produce whose count is more than its records',
      bytes: produce(topic, batch(ONE_RECORD, { count: 5 })),
    },
    {
      name: 'Produce whose last offset delta does not fit its count',
      bytes: produce(topic, batch(ONE_RECORD, { count: 1, lastOffsetDelta: 9 })),
    },
    {
      name: 'Produce of no records',
      bytes: produce(topic, batch(Buffer.alloc(0), { count: 0, lastOffsetDelta: 0 })),
    },
    {
      name: 'Produce of a control batch',
      bytes: produce(topic, batch(ONE_RECORD, { count: 1, attributes: 0x20 })),
    },
    {
      name: 'Produce of a record that claims more bytes than there are',
      bytes: produce(topic, batch(Buffer.from([0x7e, 0, 0, 0, 1, 4, 0x68, 0x69, 0]), { count: 1 })),
    },
    ...INT64_EDGES.flatMap(([what, value]) => [
      { name: `ListOffsets at ${what}`, bytes: request(2, 1, onePartition(topic, int64(value), int32(-1))) },
      {
        name: `DeleteRecords up to ${what}`,
        bytes: request(21, 0, Buffer.concat([onePartition(topic, int64(value)), int32(1000)])),
      },
      { name: `Fetch from ${what}`, bytes: fetch(topic, value) },
      {
        name: `Produce of a record at ${what}`,
        bytes: produce(topic, batch(ONE_RECORD, { count: 1, timestamp: value })),
      },
    ]),
    {
      name: 'Produce of a batch that claims the time of its append',
      bytes: produce(topic, batch(ONE_RECORD, { count: 1, attributes: 0x08 })),
    },
    { name: 'Fetch of all that was taken', bytes: fetch(topic, 0n) },
    { name: 'a decompression bomb', bytes: produce(topic, batch(bomb, { count: 1, attributes: 1 })) },
  ];
}

/** Values of an int64 that a double cannot represent, or only just. */
const INT64_EDGES: readonly (readonly [string, bigint])[] = [
  ['a time in nanoseconds', 1_764_326_400_123_456_789n],
  ['2^53 + 1', 2n ** 53n + 1n],
  ['-2^53 - 1', -(2n ** 53n) - 1n],
  ['the greatest int64', 2n ** 63n - 1n],
  ['the least int64', -(2n ** 63n)],
  ['-2', -2n],
];

/** An array of topics: one topic with partition 0, followed by its content. */
function onePartition(topic: string, of: Buffer, before: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([before, int32(1), int16(topic.length), Buffer.from(topic), int32(1), int32(0), of]);
}

/** Fetch v4 that does not wait. */
function fetch(topic: string, offset: bigint): Buffer {
  const limits = Buffer.concat([int32(-1), int32(0), int32(0), int32(1000), Buffer.from([0])]);
  return request(1, 4, onePartition(topic, Buffer.concat([int64(offset), int32(1000)]), limits));
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}
