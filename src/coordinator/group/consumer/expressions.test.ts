import { expect, test } from 'vitest';
import { BenchConsumer, type HeartbeatOptions } from '../../../../test/coordinator/consumer-bench.ts';
import { GroupBench } from '../../../../test/coordinator/group-bench.ts';
import { decodeGroupRecord } from '../records.ts';

const HEARTBEAT_MS = 5000;

async function joined(on: GroupBench, memberId: string, options: HeartbeatOptions): Promise<BenchConsumer> {
  const consumer = new BenchConsumer(on, memberId, { topics: [], ...options });
  expect(await consumer.join()).toBe('NONE');
  return consumer;
}

/** Heartbeats as a client sends them; two, because what is matched in one counts in the next. */
async function rounds(on: GroupBench, count: number, ...consumers: BenchConsumer[]): Promise<void> {
  for (let round = 0; round < count; round++) {
    await on.clock.advance(HEARTBEAT_MS);
    for (const consumer of consumers) expect(await consumer.heartbeat()).toBe('NONE');
  }
}

const expressionsInLog = (on: GroupBench) =>
  on.log.entries.flatMap(({ key, value }) => {
    const record = decodeGroupRecord({ key, value });
    return record?.type === 'ConsumerGroupRegularExpression'
      ? [[record.key.regularExpression, record.value?.topics ?? null] as const]
      : [];
  });

async function shop(): Promise<GroupBench> {
  const on = await GroupBench.elected();
  on.createTopic('orders', 2);
  on.createTopic('orders-old', 1);
  on.createTopic('returns', 1);
  return on;
}

test('a member gets the topics whose whole name its expression describes, and later those that are made', async () => {
  const on = await shop();
  const a = await joined(on, 'a', { expression: 'orders.*' });
  expect(a.owned).toEqual([]);
  await rounds(on, 1, a);
  expect(a.owned.sort()).toEqual(['orders-0', 'orders-1', 'orders-old-0']);
  // As of Apache Kafka 4.3.1: the group's first epoch has no topics.
  expect(a.epoch).toBe(2);
  on.createTopic('orders-new', 1);
  on.createTopic('reorders', 1);
  // Looked at with the first heartbeat after 10 seconds, told with the next.
  await rounds(on, 3, a);
  expect(a.owned.sort()).toEqual(['orders-0', 'orders-1', 'orders-new-0', 'orders-old-0']);
  await on.deleteTopic('orders-old');
  await rounds(on, 2, a);
  expect(a.owned.sort()).toEqual(['orders-0', 'orders-1', 'orders-new-0']);
});

test('the first topics that an expression finds are given with the next heartbeat, whatever the assignment interval', async () => {
  const on = await shop();
  const a = await joined(on, 'a', { expression: 'orders.*' });
  await on.clock.advance(1);
  // As of Apache Kafka 4.3.1: a group begins with a target of epoch 1, which was made at no time.
  const [group] = await on.coordinator.descriptions.consumer(['app']);
  expect(group).toMatchObject({ groupEpoch: 2, assignmentEpoch: 1 });
  expect(await a.heartbeat()).toBe('NONE');
  expect(a.owned.sort()).toEqual(['orders-0', 'orders-1', 'orders-old-0']);
});

test('a member gets no topic that it must not describe', async () => {
  const on = await shop();
  const a = await joined(on, 'a', { expression: '.*', mayDescribe: (topic) => topic !== 'orders-old' });
  await rounds(on, 1, a);
  expect(a.owned.sort()).toEqual(['orders-0', 'orders-1', 'returns-0']);
});

test('an expression that is not valid is refused with what is wrong, and nobody joins', async () => {
  const on = await shop();
  const a = new BenchConsumer(on, 'a', { topics: [], expression: 'orders(' });
  expect(await a.join()).toBe('INVALID_REGULAR_EXPRESSION');
  expect(on.log.entries).toEqual([]);
});

test('a new expression takes away what it does not describe; the last who leaves one removes it from the log', async () => {
  const on = await shop();
  const a = await joined(on, 'a', { expression: 'orders' });
  const b = await joined(on, 'b', { topics: ['returns'] });
  await rounds(on, 3, a, b);
  expect([a.owned.sort(), b.owned]).toEqual([['orders-0', 'orders-1'], ['returns-0']]);
  expect(await a.heartbeat({ topics: [], expression: 'orders-.*', rebalanceTimeoutMs: 60_000 })).toBe('NONE');
  expect(a.owned).toEqual([]);
  await rounds(on, 5, a, b);
  expect([a.owned, b.owned]).toEqual([['orders-old-0'], ['returns-0']]);
  expect(await a.leave()).toBe('NONE');
  expect(expressionsInLog(on).slice(-3)).toEqual([
    ['orders', null],
    ['orders-.*', ['orders-old']],
    ['orders-.*', null],
  ]);
});

test('a broker that takes over goes on with what was matched, and looks once more', async () => {
  const on = await shop();
  const a = await joined(on, 'a', { expression: 'orders.*' });
  await rounds(on, 1, a);
  await on.failOver();
  expect(await a.heartbeat()).toBe('NONE');
  expect(a.owned).toHaveLength(3);
  on.createTopic('orders-new', 1);
  await rounds(on, 4, a);
  expect(a.owned).toContain('orders-new-0');
});

test('many topics are looked through in steps', async () => {
  const on = await shop();
  for (let i = 0; i < 1200; i++) on.createTopic(`t${i}`, 1);
  const a = await joined(on, 'a', { expression: 't.*7' });
  const before = on.clock.monotonic();
  await rounds(on, 1, a);
  expect(on.clock.monotonic() - before).toBe(HEARTBEAT_MS);
  expect(a.owned).toHaveLength(120);
});
