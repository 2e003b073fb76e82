import { describe, expect, test } from 'vitest';
import { assignOffsets, batches, batchSizeAt, checkBatch, checkIntegrity, readBatchHeader } from './batch.ts';
import { crc32c } from './crc32c.ts';
import { buildBatch, readRecords } from './record.ts';
import { RecordError } from './record-error.ts';
import recorded from './vectors/kafka-clients.json' with { type: 'json' };

const vectors = recorded.vectors.map((vector) => ({ ...vector, bytes: Buffer.from(vector.hex, 'hex') }));

function uncompressed(): Buffer {
  const vector = vectors.find(({ name }) => name === 'none');
  if (!vector) throw new Error('no vector');
  return Buffer.from(vector.bytes);
}

/** Alters the bytes and makes the checksum fit again: what a broken or hostile producer may send. */
function altered(alter: (bytes: Buffer) => void): Buffer {
  const bytes = uncompressed();
  alter(bytes);
  bytes.writeUInt32BE(crc32c(bytes, 21), 17);
  return bytes;
}

test.each(vectors)(
  'the header of a batch that kafka-clients wrote is read: $name',
  ({ bytes, batches: [expected] }) => {
    const header = readBatchHeader(bytes, 0);
    expect(header).toMatchObject({
      baseOffset: expected?.baseOffset,
      sizeInBytes: expected?.sizeInBytes,
      partitionLeaderEpoch: expected?.partitionLeaderEpoch,
      magic: 2,
      crc: expected?.crc,
      compression: expected?.compression,
      timestampType: expected?.timestampType,
      isTransactional: expected?.isTransactional,
      isControl: expected?.isControl,
      deleteHorizon: false,
      maxTimestamp: expected?.maxTimestamp,
      producerId: expected?.producerId,
      producerEpoch: expected?.producerEpoch,
      baseSequence: expected?.baseSequence,
      recordCount: expected?.recordCount,
      lastOffset: expected?.lastOffset,
      nextOffset: expected?.nextOffset,
    });
    expect(checkBatch(bytes)).toBe(null);
    expect(checkIntegrity(bytes)).toBe(null);
  },
);

describe('batches', () => {
  test('are found one after the other, and one that is cut off is left out', () => {
    const whole = vectors.slice(0, 4).map(({ bytes }) => bytes);
    const joined = Buffer.concat([...whole, uncompressed().subarray(0, 80)]);
    const found = [...batches(joined)];
    expect(found.map(({ bytes }) => bytes)).toEqual(whole);
    expect(found.map(({ header }) => header.sizeInBytes)).toEqual(whole.map((bytes) => bytes.length));
  });

  test.each([-1, 0, 48, -0x8000_0000])('a length field of %i ends the search with an error', (length) => {
    const bytes = uncompressed();
    bytes.writeInt32BE(length, 8);
    expect(() => [...batches(bytes)]).toThrow(RecordError);
  });

  test('the stated size is told without believing it', () => {
    const bytes = uncompressed();
    expect(batchSizeAt(bytes, 0)).toBe(bytes.length);
    expect(batchSizeAt(bytes, bytes.length - 11)).toBe(-1);
    bytes.writeInt32BE(0x7fff_ffff, 8);
    expect(batchSizeAt(bytes, 0)).toBe(0x7fff_ffff + 12);
  });
});

describe('a producer’s batch is refused', () => {
  test('when the checksum does not fit', () => {
    const bytes = uncompressed();
    bytes.writeUInt8((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1);
    expect(checkBatch(bytes)).toBe('CORRUPT_MESSAGE');
    expect(checkIntegrity(bytes)).toBe('CORRUPT_MESSAGE');
  });

  test.each([
    [0, 'INVALID_RECORD'],
    [1, 'INVALID_RECORD'],
    [3, 'CORRUPT_MESSAGE'],
  ])('when its magic is %i, with %s as Kafka answers', (magic, error) => {
    expect(checkBatch(altered((bytes) => bytes.writeInt8(magic, 16)))).toBe(error);
  });

  test('when it is followed by another', () => {
    expect(checkBatch(Buffer.concat([uncompressed(), uncompressed()]))).toBe('INVALID_RECORD');
  });

  test('when there is nothing at all', () => {
    expect(checkBatch(Buffer.alloc(0))).toBe('CORRUPT_MESSAGE');
  });

  test.each([
    ['no records', (bytes: Buffer) => bytes.writeInt32BE(0, 57)],
    ['a negative count', (bytes: Buffer) => bytes.writeInt32BE(-1, 57)],
    [
      'one record more than there is',
      (bytes: Buffer) => bytes.fill(Buffer.from([0, 0, 0, 5]), 57, 61).writeInt32BE(4, 23),
    ],
    ['a last offset that does not fit the count', (bytes: Buffer) => bytes.writeInt32BE(9, 23)],
    ['a producer id without a sequence', (bytes: Buffer) => bytes.writeBigInt64BE(7n, 43)],
    ['a producer id beyond 2^53', (bytes: Buffer) => bytes.writeBigInt64BE(2n ** 60n, 43)],
  ])('when it states %s', (_, alter) => {
    expect(checkBatch(altered(alter))).toBe('INVALID_RECORD');
  });

  test.each([5, 6, 7])('when its compression is the unknown id %i', (id) => {
    expect(checkBatch(altered((bytes) => bytes.writeInt16BE(id, 21)))).toBe('UNSUPPORTED_COMPRESSION_TYPE');
  });

  test('when offset deltas do not count from 0', () => {
    const batch = buildBatch({
      records: [
        { timestamp: 1, key: null, value: null, offsetDelta: 1 },
        { timestamp: 1, key: null, value: null, offsetDelta: 1 },
      ],
    });
    expect(readBatchHeader(batch).lastOffsetDelta).toBe(1);
    expect(checkBatch(batch)).toBe('INVALID_RECORD');
  });
});

test('a maxTimestamp that the records contradict is put right, with the checksum', () => {
  const bytes = altered((batch) => batch.writeBigInt64BE(5n, 35));
  expect(checkBatch(bytes)).toBe(null);
  expect(bytes).toEqual(uncompressed());
});

test('offsets and leader epoch are given without touching what the checksum covers', () => {
  const bytes = uncompressed();
  assignOffsets(bytes, { baseOffset: 2 ** 40 + 3, leaderEpoch: 9 });
  expect(checkIntegrity(bytes)).toBe(null);
  expect(readBatchHeader(bytes)).toMatchObject({
    baseOffset: 2 ** 40 + 3,
    partitionLeaderEpoch: 9,
    nextOffset: 2 ** 40 + 7,
  });
  expect(bytes.subarray(16)).toEqual(uncompressed().subarray(16));
});

test('a log append time becomes the timestamp of every record', () => {
  const bytes = uncompressed();
  assignOffsets(bytes, { baseOffset: 8, leaderEpoch: 0, logAppendTime: 1_800_000_000_000 });
  expect(checkBatch(bytes)).toBe(null);
  expect(readRecords(bytes).map(({ timestamp }) => timestamp)).toEqual(Array(4).fill(1_800_000_000_000));
});

describe('hostile bytes', () => {
  const outcome = (bytes: Buffer): void => {
    checkBatch(bytes);
    for (const read of [() => readRecords(bytes, { maxBytes: 1 << 20 }), () => [...batches(bytes)]]) {
      try {
        read();
      } catch (error) {
        expect(error).toBeInstanceOf(RecordError);
      }
    }
  };

  test.each(vectors.filter(({ bytes }) => bytes.length < 500))(
    'every truncation is answered: $name',
    ({ bytes }) => {
      for (let length = 0; length < bytes.length; length++) {
        const cut = Buffer.from(bytes.subarray(0, length));
        expect(checkBatch(Buffer.from(cut))).not.toBe(null);
        outcome(cut);
      }
    },
  );

  test.each(vectors.filter(({ bytes }) => bytes.length < 500))(
    'every changed byte is answered: $name',
    ({ bytes }) => {
      for (let at = 0; at < bytes.length; at++) {
        for (const change of [0x01, 0x80, 0xff]) {
          const flipped = Buffer.from(bytes);
          flipped[at] = (flipped[at] ?? 0) ^ change;
          outcome(Buffer.from(flipped));
          // The same with a checksum that fits, so that what lies behind it is reached.
          flipped.writeUInt32BE(crc32c(flipped, 21), 17);
          outcome(flipped);
        }
      }
    },
  );
});
