import { expect, test } from 'vitest';
import { readBatchHeader } from '../../protocol/records/batch.ts';
import { readRecords } from '../../protocol/records/record.ts';
import { KafkaClientError } from '../kafka-client-error.ts';
import type { Batch, BatchFormat } from './batch.ts';
import { PartitionQueue } from './partition-queue.ts';

const FORMAT: BatchFormat = { compression: 'none', isTransactional: false };
const FIRST = { producerId: 7, epoch: 0 };
const SECOND = { producerId: 8, epoch: 0 };
const error = new KafkaClientError('NOT_LEADER_OR_FOLLOWER', 'not the leader', { retriable: true });

/** A queue in which every record is a batch of its own, and what became of them. */
function queueOf(...texts: string[]) {
  const queue = new PartitionQueue({ topic: 't', partition: 0 }, 1, () => {});
  const outcomes = new Map<string, string>();
  for (const text of texts)
    queue.add({ key: null, value: Buffer.from(text), timestamp: 1 }, 1, { now: 0, deadline: 1000 }).then(
      ({ offset }) => outcomes.set(text, `at ${offset}`),
      ({ code }: KafkaClientError) => outcomes.set(text, code),
    );
  queue.adopt(FIRST);
  return { queue, outcomes };
}

function take(queue: PartitionQueue): Batch {
  const batch = queue.take(FORMAT);
  if (!batch) throw new Error('nothing to send');
  return batch;
}

/** Producer id, sequence and value of what is sent. */
function sent(batch: Batch): string {
  const bytes = batch.encoded ?? Buffer.alloc(0);
  const { producerId, baseSequence } = readBatchHeader(bytes);
  return `${producerId}:${baseSequence} ${readRecords(bytes)[0]?.value}`;
}

const written = (baseOffset: number) => ({ kind: 'written', baseOffset }) as const;

test('the first batch goes alone, since a leader that does not know the producer takes any sequence number; then five fly', () => {
  const { queue } = queueOf('a', 'b', 'c', 'd', 'e', 'f', 'g');
  const first = take(queue);
  expect(queue.take(FORMAT)).toBeNull();
  queue.answered(first, written(0));
  expect([1, 2, 3, 4, 5].map(() => sent(take(queue)))).toEqual(['7:1 b', '7:2 c', '7:3 d', '7:4 e', '7:5 f']);
  expect(queue.take(FORMAT)).toBeNull();
});

test('a batch that has to be sent again keeps its number, and the others wait for it', async () => {
  const { queue, outcomes } = queueOf('a', 'b', 'c', 'd');
  queue.answered(take(queue), written(0));
  const [b, c] = [take(queue), take(queue)];
  queue.answered(b, { kind: 'again', error, retryAt: 50 });
  expect(queue.take(FORMAT)).toBeNull();
  queue.answered(c, { kind: 'outOfOrder', error });
  expect(queue.dueAt(0)).toBe(50);
  expect(sent(take(queue))).toBe('7:1 b');
  expect(queue.take(FORMAT)).toBeNull();
  queue.answered(b, written(1));
  expect(sent(take(queue))).toBe('7:2 c');
  const d = take(queue);
  expect(sent(d)).toBe('7:3 d');
  queue.answered(c, written(2));
  queue.answered(d, written(3));
  await Promise.resolve();
  expect([...outcomes.values()]).toEqual(['at 0', 'at 1', 'at 2', 'at 3']);
});

test('after a batch that failed for good the others go on under a new identity, when it is known that they were not written', async () => {
  const { queue, outcomes } = queueOf('a', 'b', 'c', 'd', 'e');
  queue.answered(take(queue), written(0));
  const [b, c, d] = [take(queue), take(queue), take(queue)];
  queue.answered(b, { kind: 'failed', error: new KafkaClientError('MESSAGE_TOO_LARGE', 'too large') });
  queue.answered(c, { kind: 'again', error, retryAt: 0 });
  queue.answered(d, { kind: 'outOfOrder', error });
  expect(queue.needsIdentity).toBe(false);
  // Its answer was lost: only the leader knows whether it has it.
  expect(sent(take(queue))).toBe('7:2 c');
  queue.answered(c, { kind: 'outOfOrder', error });
  expect(sent(take(queue))).toBe('7:3 d');
  queue.answered(d, { kind: 'outOfOrder', error });
  expect(queue.needsIdentity).toBe(true);
  expect(queue.take(FORMAT)).toBeNull();
  expect(queue.adopt(FIRST)).toBe(false);
  expect(queue.adopt(SECOND)).toBe(true);
  for (const [offset, what] of ['8:0 c', '8:1 d', '8:2 e'].entries()) {
    const batch = take(queue);
    expect(sent(batch)).toBe(what);
    queue.answered(batch, written(offset + 1));
  }
  await Promise.resolve();
  expect(Object.fromEntries(outcomes)).toEqual({
    a: 'at 0',
    b: 'MESSAGE_TOO_LARGE',
    c: 'at 1',
    d: 'at 2',
    e: 'at 3',
  });
});

test('a gap in what the leader had acknowledged fails the batch that finds it', async () => {
  const { queue, outcomes } = queueOf('a', 'b');
  queue.answered(take(queue), written(0));
  const lost = new KafkaClientError('OUT_OF_ORDER_SEQUENCE_NUMBER', 'the leader lost records');
  expect(queue.answered(take(queue), { kind: 'outOfOrder', error: lost })).toBe(lost);
  await Promise.resolve();
  expect(outcomes.get('b')).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
});

test('a batch waits for more records, unless it is full', () => {
  const queue = new PartitionQueue({ topic: 't', partition: 0 }, 10, () => {});
  queue.adopt(FIRST);
  const record = { key: null, value: null, timestamp: 1 };
  const time = { now: 100, deadline: 1000 };
  for (const bytes of [4, 5]) expect(queue.add(record, bytes, time)).toBeInstanceOf(Promise);
  expect(queue.dueAt(5)).toBe(105);
  expect(queue.add(record, 6, time)).toBeInstanceOf(Promise);
  expect(queue.dueAt(5)).toBe(0);
  expect(take(queue).count).toBe(2);
});

test('a batch that is too large for the topic is sent in halves, before those behind it', async () => {
  const outcomes: string[] = [];
  const sizes: number[] = [];
  const queue = new PartitionQueue({ topic: 't', partition: 0 }, 3, (batch) => sizes.push(batch.bytes));
  const all = ['a', 'b', 'c', 'd'].map((text) =>
    queue
      .add({ key: null, value: Buffer.from(text), timestamp: 1 }, 1, { now: 0, deadline: 1000 })
      .then(({ offset }) => outcomes.push(`${text} at ${offset}`)),
  );
  queue.adopt(FIRST);
  const whole = take(queue);
  const isSettled = whole.settled.then(() => outcomes.push('whole'));
  queue.answered(whole, { kind: 'tooLarge', error });
  const first = take(queue);
  expect([first.count, sent(first)]).toEqual([2, '7:0 a']);
  expect(queue.take(FORMAT)).toBeNull();
  queue.answered(first, written(10));
  const second = take(queue);
  expect([second.count, sent(second)]).toEqual([1, '7:2 c']);
  queue.answered(second, written(12));
  const behind = take(queue);
  expect(sent(behind)).toBe('7:3 d');
  queue.answered(behind, written(13));
  await Promise.all([...all, isSettled]);
  expect(outcomes.filter((one) => one !== 'whole')).toEqual(['a at 10', 'b at 11', 'c at 12', 'd at 13']);
  expect(sizes).toEqual([2, 1, 1]);
});

test('one record that is too large for the topic fails alone', async () => {
  const { queue, outcomes } = queueOf('a', 'b');
  queue.answered(take(queue), {
    kind: 'tooLarge',
    error: new KafkaClientError('MESSAGE_TOO_LARGE', 'too large'),
  });
  queue.adopt(SECOND);
  queue.answered(take(queue), written(0));
  await expect
    .poll(() => [...outcomes])
    .toEqual([
      ['a', 'MESSAGE_TOO_LARGE'],
      ['b', 'at 0'],
    ]);
});

test('where the first half fails for good, the second goes on before those behind it, under a new identity', async () => {
  const queue = new PartitionQueue({ topic: 't', partition: 0 }, 2, () => {});
  const outcomes: string[] = [];
  for (const text of ['a', 'b', 'c', 'd', 'e', 'f'])
    queue
      .add({ key: null, value: Buffer.from(text), timestamp: 1 }, 1, { now: 0, deadline: 1000 })
      .then(({ offset }) => outcomes.push(`${text} at ${offset}`))
      .catch(({ code }: KafkaClientError) => outcomes.push(`${text} ${code}`));
  queue.adopt(FIRST);
  queue.answered(take(queue), written(0));
  const [whole, behind] = [take(queue), take(queue)];
  queue.answered(whole, { kind: 'tooLarge', error });
  queue.answered(behind, { kind: 'outOfOrder', error });
  const first = take(queue);
  expect(sent(first)).toBe('7:2 c');
  queue.answered(first, { kind: 'tooLarge', error: new KafkaClientError('MESSAGE_TOO_LARGE', 'too large') });
  for (const expected of ['7:3 d', '7:4 e']) {
    const again = take(queue);
    expect(sent(again)).toBe(expected);
    queue.answered(again, { kind: 'outOfOrder', error });
  }
  expect(queue.needsIdentity).toBe(true);
  queue.adopt(SECOND);
  for (const [expected, offset] of [
    ['8:0 d', 2],
    ['8:1 e', 3],
  ] as const) {
    const last = take(queue);
    expect(sent(last)).toBe(expected);
    queue.answered(last, written(offset));
  }
  await whole.settled;
  await expect
    .poll(() => [...outcomes].sort())
    .toEqual(['a at 0', 'b at 1', 'c MESSAGE_TOO_LARGE', 'd at 2', 'e at 3', 'f at 4']);
});
