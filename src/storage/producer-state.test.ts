import { describe, expect, test } from 'vitest';
import { readBatchHeader } from '../protocol/records/batch.ts';
import { endTransactionBatch } from '../protocol/records/control.ts';
import { buildBatch } from '../protocol/records/record.ts';
import { markerIn } from './marker.ts';
import type { AppendOrigin } from './producer-append.ts';
import { type ProducerAppendResult, ProducerState } from './producer-state.ts';
import type { AbortedTxn } from './txn-index.ts';

const MAX = 0x7fff_ffff;

/** One partition that gives offsets to what producers write. */
class Partition {
  readonly producers = new ProducerState();
  readonly aborted: AbortedTxn[] = [];
  end = 0;

  write(
    batch: { pid?: number; epoch?: number; seq?: number; count?: number; txn?: boolean },
    origin: AppendOrigin = 'client',
  ): ProducerAppendResult {
    const bytes = buildBatch({
      baseOffset: this.end,
      producerId: batch.pid ?? 7,
      producerEpoch: batch.epoch ?? 0,
      baseSequence: batch.seq ?? 0,
      isTransactional: batch.txn ?? false,
      records: Array.from({ length: batch.count ?? 1 }, () => ({ timestamp: 1000, key: null, value: null })),
    });
    return this.#append(bytes, origin);
  }

  mark(
    outcome: 'COMMIT' | 'ABORT',
    { pid = 7, epoch = 0, coordinatorEpoch = 0 } = {},
    origin: AppendOrigin = 'coordinator',
  ): ProducerAppendResult {
    const marker = { producerId: pid, producerEpoch: epoch, outcome, coordinatorEpoch, timestamp: 1000 };
    return this.#append(endTransactionBatch({ ...marker, baseOffset: this.end }), origin);
  }

  #append(bytes: Buffer, origin: AppendOrigin): ProducerAppendResult {
    const header = readBatchHeader(bytes, 0);
    const produced = [{ header, marker: markerIn(header, () => bytes) }];
    const result = this.producers.append(produced, origin, (txn) => this.aborted.push(txn));
    if ('accepted' in result) this.end = header.nextOffset;
    return result;
  }
}

const accepted = { accepted: true };
const outOfOrder = expect.objectContaining({ error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' });
const oldEpoch = expect.objectContaining({ error: 'INVALID_PRODUCER_EPOCH' });

/** What Kafka's ProducerAppendInfo answers: [what the producer wrote, what it writes next, the answer]. */
const sequences: [string, Parameters<Partition['write']>[0][], Parameters<Partition['write']>[0], unknown][] =
  [
    ['an unknown producer may begin anywhere', [], { seq: 41 }, accepted],
    ['the next sequence follows', [{ seq: 0, count: 3 }], { seq: 3 }, accepted],
    ['a gap is refused', [{ seq: 0, count: 3 }], { seq: 4 }, outOfOrder],
    ['a step back that is no retry is refused', [{ seq: 0, count: 3 }], { seq: 1 }, outOfOrder],
    ['after 2^31-1 comes 0', [{ seq: MAX }], { seq: 0 }, accepted],
    ['a batch may wrap within', [{ seq: MAX - 1 }], { seq: MAX, count: 3 }, accepted],
    ['and is followed by what comes after', [{ seq: MAX, count: 3 }], { seq: 2 }, accepted],
    ['but not by 0', [{ seq: MAX, count: 3 }], { seq: 0 }, outOfOrder],
    ['a new epoch begins with 0', [{ seq: 5 }], { epoch: 1, seq: 0 }, accepted],
    ['and with nothing else', [{ seq: 5 }], { epoch: 1, seq: 6 }, outOfOrder],
    ['an old epoch is refused', [{ epoch: 2, seq: 0 }], { epoch: 1, seq: 1 }, oldEpoch],
    ['another producer is another matter', [{ pid: 1, seq: 0 }], { pid: 2, seq: 9 }, accepted],
  ];

describe('sequences', () => {
  test.each(sequences)('%s', (_, before, next, answer) => {
    const partition = new Partition();
    for (const batch of before) expect(partition.write(batch)).toEqual(accepted);
    expect(partition.write(next)).toEqual(answer);
  });

  test('a retry of any of the last five batches is answered with its offsets', () => {
    const partition = new Partition();
    for (let i = 0; i < 6; i++) partition.write({ seq: i * 2, count: 2 });
    for (let i = 1; i < 6; i++) {
      const duplicate = { baseOffset: i * 2, lastOffset: i * 2 + 1, timestamp: 1000 };
      expect(partition.write({ seq: i * 2, count: 2 })).toEqual({ duplicate });
    }
    expect(partition.write({ seq: 0, count: 2 })).toEqual(outOfOrder);
    expect(partition.end).toBe(12);
  });

  test('a retry that wraps is recognised', () => {
    const partition = new Partition();
    partition.write({ seq: MAX - 1, count: 4 });
    expect(partition.write({ seq: MAX - 1, count: 4 })).toEqual({
      duplicate: { baseOffset: 0, lastOffset: 3, timestamp: 1000 },
    });
  });

  test('a batch of another length at the same sequence is no retry', () => {
    const partition = new Partition();
    partition.write({ seq: 0, count: 2 });
    expect(partition.write({ seq: 0, count: 3 })).toEqual(outOfOrder);
  });

  test('a replica takes what its leader took', () => {
    const partition = new Partition();
    partition.write({ epoch: 3, seq: 10 });
    expect(partition.write({ epoch: 1, seq: 99 }, 'replication')).toEqual(accepted);
  });

  test('the coordinator is held to epochs and not to sequences', () => {
    const partition = new Partition();
    partition.write({ epoch: 3, seq: -1 }, 'coordinator');
    expect(partition.write({ epoch: 3, seq: -1 }, 'coordinator')).toEqual(accepted);
    expect(partition.write({ epoch: 2, seq: -1 }, 'coordinator')).toEqual(oldEpoch);
  });

  test('a producer that was idle too long is forgotten, one with an open transaction is not', () => {
    const partition = new Partition();
    partition.write({ pid: 1, seq: 0 });
    partition.write({ pid: 2, seq: 0, txn: true });
    partition.producers.removeExpired(1000 + 500, 500);
    expect([...partition.producers.entries].map((entry) => entry.producerId)).toEqual([2]);
  });
});

describe('transactions', () => {
  test('the first unstable offset is that of the oldest open one', () => {
    const partition = new Partition();
    expect(partition.producers.firstUnstableOffset).toBe(null);
    partition.write({ pid: 1, seq: 0, txn: true });
    partition.write({ pid: 2, seq: 0, txn: true });
    partition.write({ pid: 1, seq: 1, txn: true });
    expect(partition.producers.firstUnstableOffset).toBe(0);
    partition.mark('COMMIT', { pid: 1 });
    partition.producers.onHighWatermark(partition.end);
    expect(partition.producers.firstUnstableOffset).toBe(1);
  });

  test('one that ended stays unstable until the high watermark passed its marker', () => {
    const partition = new Partition();
    partition.write({ seq: 0, txn: true });
    partition.mark('COMMIT');
    partition.producers.onHighWatermark(1);
    expect(partition.producers.firstUnstableOffset).toBe(0);
    partition.producers.onHighWatermark(2);
    expect(partition.producers.firstUnstableOffset).toBe(null);
  });

  test('an abort tells the index from where to where, and where the stable offset is then', () => {
    const partition = new Partition();
    partition.write({ pid: 1, seq: 0, txn: true });
    partition.write({ pid: 2, seq: 0, txn: true });
    partition.mark('ABORT', { pid: 2 });
    partition.mark('ABORT', { pid: 1 });
    expect(partition.aborted).toEqual([
      { producerId: 2, firstOffset: 1, lastOffset: 2, lastStableOffset: 0 },
      { producerId: 1, firstOffset: 0, lastOffset: 3, lastStableOffset: 4 },
    ]);
  });

  test('a marker without data changes no stable offset and no index', () => {
    const partition = new Partition();
    expect(partition.mark('ABORT')).toEqual(accepted);
    expect(partition.aborted).toEqual([]);
    expect(partition.producers.firstUnstableOffset).toBe(null);
  });

  test('data outside of the open transaction is refused', () => {
    const partition = new Partition();
    partition.write({ seq: 0, txn: true });
    expect(partition.write({ seq: 1 })).toEqual(expect.objectContaining({ error: 'INVALID_TXN_STATE' }));
  });

  test('markers of an old coordinator or an old epoch are refused', () => {
    const partition = new Partition();
    partition.write({ epoch: 1, seq: 0, txn: true });
    partition.mark('COMMIT', { epoch: 1, coordinatorEpoch: 5 });
    expect(partition.mark('ABORT', { epoch: 1, coordinatorEpoch: 4 })).toEqual(
      expect.objectContaining({ error: 'TRANSACTION_COORDINATOR_FENCED' }),
    );
    expect(partition.mark('ABORT', { epoch: 0, coordinatorEpoch: 5 })).toEqual(oldEpoch);
  });

  test('a marker with an epoch of its own is known when it comes again, also while the next transaction is open', () => {
    const partition = new Partition();
    partition.write({ txn: true, epoch: 0 });
    const marker = { producerId: 7, producerEpoch: 1, transactionVersion: 2 };
    expect(partition.producers.hasMarker(marker)).toBe(false);
    partition.mark('COMMIT', { epoch: 1 });
    expect(partition.producers.hasMarker(marker)).toBe(true);
    partition.write({ txn: true, epoch: 1 });
    expect(partition.producers.hasMarker(marker)).toBe(true);
    expect(partition.producers.hasMarker({ ...marker, producerEpoch: 2 })).toBe(false);
    // Before KIP-890 a transaction and its marker have the same epoch.
    expect(partition.producers.hasMarker({ ...marker, transactionVersion: 1 })).toBe(false);
  });

  test('sequences go on after a marker of the same epoch and begin anew with a new one', () => {
    const partition = new Partition();
    partition.write({ seq: 0, txn: true });
    partition.mark('COMMIT');
    expect(partition.write({ seq: 1, txn: true })).toEqual(accepted);
    partition.mark('ABORT', { epoch: 1 });
    expect(partition.write({ epoch: 1, seq: 0, txn: true })).toEqual(accepted);
  });
});

describe('appends that were not written', () => {
  test('are taken back, producers that were new with them', () => {
    const partition = new Partition();
    partition.write({ pid: 1, seq: 0, txn: true });
    partition.producers.keep();
    partition.write({ pid: 1, seq: 1, txn: true });
    partition.mark('ABORT', { pid: 1 });
    partition.write({ pid: 2, seq: 0 });
    partition.producers.rollback(1);
    partition.end = 1;
    expect([...partition.producers.entries].map((entry) => entry.producerId)).toEqual([1]);
    expect(partition.producers.firstUnstableOffset).toBe(0);
    expect(partition.write({ pid: 1, seq: 1, txn: true })).toEqual(accepted);
  });
});

test('an aborted transaction tells the last stable offset of its marker, also when a follower appends what came after it at once', () => {
  const data = (producerId: number, baseOffset: number) =>
    buildBatch({
      baseOffset,
      producerId,
      producerEpoch: 0,
      baseSequence: 0,
      isTransactional: true,
      records: [{ timestamp: 1000, key: null, value: null }],
    });
  const abort = (producerId: number, baseOffset: number) =>
    endTransactionBatch({
      producerId,
      producerEpoch: 0,
      outcome: 'ABORT',
      coordinatorEpoch: 0,
      timestamp: 1000,
      baseOffset,
    });
  const stored = [data(2, 0), data(1, 1), abort(1, 2), abort(2, 3), data(3, 4), abort(3, 5), data(4, 6)];
  const produced = stored.map((bytes) => {
    const header = readBatchHeader(bytes, 0);
    return { header, marker: markerIn(header, () => bytes) };
  });
  const aborted: AbortedTxn[] = [];
  new ProducerState().append(produced, 'replication', (txn) => aborted.push(txn));
  const told = aborted.map(({ producerId, lastStableOffset }) => [producerId, lastStableOffset]);
  // While 1 is ended, 2 is open since 0; nothing is open at the ends of 2 and 3, though 4 begins later.
  expect(told).toEqual([
    [1, 0],
    [2, 4],
    [3, 6],
  ]);
});
