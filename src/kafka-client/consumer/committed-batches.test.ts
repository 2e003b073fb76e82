import { expect, test } from 'vitest';
import { endTransactionBatch } from '../../protocol/records/control.ts';
import { buildBatch, readRecords } from '../../protocol/records/record.ts';
import { RecordError } from '../../protocol/records/record-error.ts';
import { committedBatches } from './committed-batches.ts';

const timestamp = 1;

function data(baseOffset: number, producerId: number, isTransactional = true): Buffer {
  const records = [{ timestamp, key: null, value: Buffer.from(`${producerId} at ${baseOffset}`) }];
  return buildBatch({ records, baseOffset, producerId, producerEpoch: 0, baseSequence: 0, isTransactional });
}

function marker(baseOffset: number, producerId: number, outcome: 'COMMIT' | 'ABORT'): Buffer {
  return endTransactionBatch({
    baseOffset,
    producerId,
    outcome,
    producerEpoch: 0,
    coordinatorEpoch: 0,
    timestamp,
  });
}

function read(batches: Buffer[], aborted: { producerId: number; firstOffset: number }[] | null): string[] {
  return [...committedBatches(Buffer.concat(batches), aborted)].flatMap(({ bytes, isData }) =>
    isData ? readRecords(bytes).map(({ value }) => String(value)) : [],
  );
}

test('several transactions of a producer in one answer: each ends with its own marker', () => {
  const batches = [
    data(0, 1),
    data(1, 2),
    marker(2, 1, 'ABORT'),
    data(3, 1),
    marker(4, 1, 'COMMIT'),
    data(5, 1),
    marker(6, 1, 'ABORT'),
    marker(7, 2, 'COMMIT'),
    data(8, 1, false),
  ];
  const aborted = [
    { producerId: 1, firstOffset: 5 },
    { producerId: 1, firstOffset: 0 },
  ];
  expect(read(batches, aborted)).toEqual(['2 at 1', '1 at 3', '1 at 8']);
});

test('a transaction that began before the answer, and whose marker comes in a later one', () => {
  expect(read([data(10, 1), data(11, 2)], [{ producerId: 1, firstOffset: 3 }])).toEqual(['2 at 11']);
});

test('without aborted transactions everything but markers is data', () => {
  expect(read([data(0, 1), marker(1, 1, 'ABORT')], null)).toEqual(['1 at 0']);
});

test('damage is told', () => {
  const damaged = data(0, 1);
  damaged.writeUInt8(damaged.readUInt8(70) ^ 1, 70);
  expect(() => read([damaged], null)).toThrow(RecordError);
});
