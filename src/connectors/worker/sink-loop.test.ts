import { expect, test } from 'vitest';
import { ZERO_UUID } from '../../base/brand.ts';
import type { Clock } from '../../base/clock.ts';
import { silent } from '../../base/log.ts';
import type { RebalanceListener } from '../../kafka-client/consumer/consumer.ts';
import type { ConsumedRecord } from '../../kafka-client/consumer/consumer-options.ts';
import { KafkaClientError } from '../../kafka-client/kafka-client-error.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { stringConverter } from '../converters/string-converter.ts';
import type { SinkRecord } from '../kernel/connect-record.ts';
import { compiledRegex } from '../kernel/java-regex.ts';
import type { PartitionOffset, SinkTask, SinkTaskContext } from '../kernel/sink-task.ts';
import { RetriableError } from '../kernel/task-errors.ts';
import { HandClock } from '../testing/hand-kernel.ts';
import { TransformChain } from '../transforms/transform-chain.ts';
import { ActiveTopics } from './active-topics.ts';
import { RecordErrors } from './record-errors.ts';
import { Retries } from './retries.ts';
import { SinkLoop } from './sink-loop.ts';
import type { SinkClient } from './sink-loop-options.ts';
import { SinkRecords } from './sink-records.ts';
import type { SinkTopics } from './sink-topics.ts';

const PARTITION = { topic: 't', partition: 0 };

/**
 * One partition whose records are their offsets as text: what a consumer hands out, and what is committed.
 */
class Partition {
  readonly committed: number[] = [];
  subscribed: readonly string[] = [];
  polls = 0;
  /** What all topics are called; an error where no broker answers. */
  topics: readonly string[] | KafkaClientError;
  paused = false;
  readonly client: SinkClient;
  #position = 0;
  readonly #end: number;
  readonly #most: number;
  #listener: RebalanceListener | null = null;
  #subscriber: RebalanceListener = {};

  /** `end`: of the records there are; `most`: how many a poll has. */
  constructor(end: number, most: number, topics: readonly string[] = ['t']) {
    this.#end = end;
    this.#most = most;
    this.topics = topics;
    this.client = {
      admin: {
        topics: {
          list: async () => {
            if (this.topics instanceof KafkaClientError) throw this.topics;
            return this.topics.map((name) => ({
              name,
              id: ZERO_UUID,
              partitions: [],
              isInternal: name.startsWith('__'),
            }));
          },
        },
      },
      consumer: () => ({
        subscribe: (names, listener = {}) => {
          this.subscribed = names;
          this.#listener = listener;
          this.#subscriber = listener;
        },
        changeTopics: (names) => {
          this.subscribed = names;
        },
        poll: () => this.#poll(),
        seek: (_, offset) => {
          this.#position = offset;
        },
        pause: () => {
          this.paused = true;
        },
        resume: () => {
          this.paused = false;
        },
        commit: async (offsets = []) => void this.committed.push(...offsets.map(({ offset }) => offset)),
        close: async () => {},
      }),
      close: () => {},
    };
  }

  /** Resolves when the loop has given the partition back. */
  async revoke(): Promise<void> {
    await this.#subscriber.revoked?.([PARTITION]);
  }

  async #poll(): Promise<ConsumedRecord[]> {
    this.polls++;
    const listener = this.#listener;
    this.#listener = null;
    await listener?.assigned?.([PARTITION]);
    await new Promise((done) => setImmediate(done));
    if (this.paused) return [];
    const from = this.#position;
    this.#position = Math.min(this.#end, from + this.#most);
    return Array.from({ length: this.#position - from }, (_, at) => ({
      ...{ ...PARTITION, offset: from + at, leaderEpoch: 0, key: null, headers: [] },
      ...{ value: Buffer.from(String(from + at)), timestamp: 0 },
    }));
  }
}

/** Keeps what it is given; `onPut` may throw, or ask for another place. */
class KeepingTask implements SinkTask {
  readonly values: unknown[] = [];
  context: SinkTaskContext | null = null;
  readonly #onPut: (records: readonly SinkRecord[], context: SinkTaskContext) => void;

  constructor(onPut: (records: readonly SinkRecord[], context: SinkTaskContext) => void) {
    this.#onPut = onPut;
  }

  async start(context: SinkTaskContext): Promise<void> {
    this.context = context;
  }

  async open(): Promise<void> {}

  async put(records: readonly SinkRecord[]): Promise<void> {
    if (this.context) this.#onPut(records, this.context);
    this.values.push(...records.map(({ value }) => Number(value)));
  }

  async preCommit(offsets: readonly PartitionOffset[]): Promise<readonly PartitionOffset[]> {
    return offsets;
  }

  async close(): Promise<void> {}

  async stop(): Promise<void> {}
}

function loopOf(
  partition: Partition,
  task: SinkTask,
  topics: SinkTopics = { names: ['t'] },
  clock: Clock | null = null,
  transforms = new TransformChain([]),
): SinkLoop {
  const node = nodeWorld(silent, undefined, false);
  const world = clock === null ? node : { ...node, clock };
  const errors = new RecordErrors(world.log, { tolerates: false, logs: false, logsRecords: false }, null);
  const retries = new Retries(world, { timeoutMs: 60_000, maxDelayMs: 60_000 });
  const text = { className: stringConverter.className, converter: stringConverter.make({}) };
  const activeTopics = new ActiveTopics();
  return new SinkLoop(
    {
      ...{ world, client: partition.client, task, errors, retries, queue: null },
      records: new SinkRecords({
        key: text,
        value: text,
        transforms,
        attempts: retries,
        errors,
        activeTopics,
      }),
    },
    {
      name: 'n',
      taskId: 0,
      taskClass: 'T',
      topics,
      topicsEveryMs: 30_000,
      consumer: {},
      commitEveryMs: 1,
      bufferBytes: 1_000_000,
    },
  );
}

const upTo = (end: number) => Array.from({ length: end }, (_, at) => at);

test('a task that goes back is given the records from there again, and what it had is not committed meanwhile', async () => {
  const partition = new Partition(10, 4);
  let wentBack = false;
  const task = new KeepingTask((records, context) => {
    if (wentBack || !records.some(({ offset }) => offset === 6)) return;
    wentBack = true;
    context.offset({ ...PARTITION, offset: 2 });
  });
  const loop = loopOf(partition, task);
  const running = loop.run();
  while (task.values.length < 16) await new Promise((done) => setImmediate(done));
  loop.stop();
  await running;
  expect(task.values).toEqual([...upTo(8), ...upTo(10).slice(2)]);
  const back = partition.committed.indexOf(2);
  expect(partition.committed.slice(0, Math.max(0, back)).every((offset) => offset <= 8)).toBe(true);
  expect(partition.committed.at(-1)).toBe(10);
});

test('a task that goes back and then asks for more time is given the records from there', async () => {
  const partition = new Partition(6, 3);
  let calls = 0;
  const task = new KeepingTask((records, context) => {
    if (records.length === 0) return;
    calls++;
    if (calls !== 2) return;
    context.offset({ ...PARTITION, offset: 1 });
    throw new RetriableError('not now', { retryAfterMs: 1 });
  });
  const loop = loopOf(partition, task);
  const running = loop.run();
  while (task.values.length < 8) await new Promise((done) => setImmediate(done));
  loop.stop();
  await running;
  expect(task.values).toEqual([0, 1, 2, 1, 2, 3, 4, 5]);
  expect(partition.committed.at(-1)).toBe(6);
});

test('a pattern means the topics whose whole names match, and none of Kafka itself', async () => {
  const partition = new Partition(1, 1, ['t', 'tt', '__consumer_offsets', 'xt']);
  const task = new KeepingTask(() => {});
  const loop = loopOf(partition, task, { pattern: compiledRegex('(t|__c).*') });
  const running = loop.run();
  while (task.values.length < 1) await new Promise((done) => setImmediate(done));
  loop.stop();
  await running;
  expect(partition.subscribed).toEqual(['t', 'tt']);
});

test('a topic that is made later is read under a pattern, and one that is deleted no longer, also after no broker answered', async () => {
  const partition = new Partition(1, 1, ['t']);
  const clock = new HandClock();
  const loop = loopOf(partition, new KeepingTask(() => {}), { pattern: compiledRegex('t+') }, clock);
  const running = loop.run();
  const turns = async () => {
    // The second of them began after what the test changed.
    const until = partition.polls + 2;
    while (partition.polls < until) await new Promise((done) => setImmediate(done));
    return partition.subscribed;
  };
  expect(await turns()).toEqual(['t']);
  partition.topics = ['t', 'tt', 'x'];
  clock.time += 29_999;
  expect(await turns()).toEqual(['t']);
  clock.time += 1;
  expect(await turns()).toEqual(['t', 'tt']);
  partition.topics = new KafkaClientError('NO_CONNECTION', 'no broker answers');
  clock.time += 30_000;
  expect(await turns()).toEqual(['t', 'tt']);
  partition.topics = ['tt'];
  clock.time += 30_000;
  expect(await turns()).toEqual(['tt']);
  loop.stop();
  await running;
});

test('records that a transform could not change for the moment are put once it can, and none is lost when the task stops meanwhile', async () => {
  const partition = new Partition(4, 4);
  const chain = (mayPass: () => boolean) =>
    new TransformChain([
      {
        ...{ className: 'Slow', predicate: null, negates: false },
        transform: {
          apply: (record) => {
            if (!mayPass() && String(record.value) === '2') throw new RetriableError('not now');
            return record;
          },
        },
      },
    ]);
  const clock = new HandClock();
  let isReady = false;
  const task = new KeepingTask(() => {});
  const loop = loopOf(
    partition,
    task,
    { names: ['t'] },
    clock,
    chain(() => isReady),
  );
  const running = loop.run();
  while (partition.polls < 1) await new Promise((done) => setImmediate(done));
  isReady = true;
  while (task.values.length < 4) await new Promise((done) => setImmediate(done));
  loop.stop();
  await running;
  expect(task.values).toEqual(upTo(4));

  const other = new Partition(4, 4);
  const stopped = new KeepingTask(() => {});
  const never = loopOf(
    other,
    stopped,
    { names: ['t'] },
    clock,
    chain(() => false),
  );
  const ending = never.run();
  while (other.polls < 1) await new Promise((done) => setImmediate(done));
  await new Promise((done) => setImmediate(done));
  never.stop();
  await ending;
  expect([stopped.values, other.committed]).toEqual([[], []]);
});

test('nothing is asked of a task, and nothing committed, after a call of it failed', async () => {
  const partition = new Partition(4, 4);
  let revoked: Promise<unknown> = Promise.resolve();
  const task = new KeepingTask(() => {
    // The group takes the partition back, and at the same time the worker is to stop.
    revoked = partition.revoke().catch((error: unknown) => error);
    loop.stop();
  });
  const calls: string[] = [];
  task.preCommit = async (offsets) => {
    calls.push('preCommit');
    if (calls.length === 1) throw new Error('the device did not take it');
    return offsets;
  };
  task.close = async () => void calls.push('close');
  const loop = loopOf(partition, task, { names: ['t'] }, new HandClock());
  await expect(loop.run()).rejects.toThrow('the device did not take it');
  expect(await revoked).toEqual(new Error('the device did not take it'));
  expect(calls).toEqual(['preCommit']);
  expect(partition.committed).toEqual([]);
});
