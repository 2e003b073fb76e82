import { expect, test } from 'vitest';
import { silent } from '../../base/log.ts';
import { Sfc32 } from '../../base/random.ts';
import type { World } from '../../base/world.ts';
import type { KafkaClient } from '../../kafka-client/kafka-client.ts';
import { KafkaClientError } from '../../kafka-client/kafka-client-error.ts';
import type { ProducerOptions, ProducerRecord } from '../../kafka-client/producer/producer-options.ts';
import { stringConverter } from '../converters/string-converter.ts';
import type { SourceRecord } from '../kernel/connect-record.ts';
import type { SourceTask } from '../kernel/source-task.ts';
import { RetriableError } from '../kernel/task-errors.ts';
import { HandClock } from '../testing/hand-kernel.ts';
import { TransformChain } from '../transforms/transform-chain.ts';
import { ActiveTopics } from './active-topics.ts';
import { OffsetStore } from './offset-store.ts';
import { RecordErrors } from './record-errors.ts';
import { Retries } from './retries.ts';
import { SourceLoop } from './source-loop.ts';

/** Each poll takes a second and has two records, whose values and positions count from 1. */
const POLL_MS = 1_000;

/** What a source's loop does, in its order, with a task and a producer that tell it. */
class Told {
  readonly did: string[] = [];
  readonly clock = new HandClock();
  readonly activeTopics = new ActiveTopics();
  producer: ProducerOptions = {};
  polls = 0;
  /** Of the polls that ask for time in the place of records. */
  asksForTime = 0;
  /** What `begin` rejects with; null: it begins. */
  refusal: Error | null = null;
  /** Of the sends that fail. */
  failingSend = 0;
  #sends = 0;
  readonly loop: SourceLoop;

  /** The loop stops in its poll number `last`. */
  constructor(collectMs: number, last: number) {
    const world = { clock: this.clock, random: new Sfc32(1), log: silent } as unknown as World;
    const text = { className: stringConverter.className, converter: stringConverter.make({}) };
    this.loop = new SourceLoop(
      {
        ...{ world, client: this.#client(), task: this.#task(last), key: text, value: text },
        transforms: new TransformChain([]),
        errors: new RecordErrors(silent, { tolerates: false, logs: false, logsRecords: false }, null),
        retries: new Retries(world, { timeoutMs: 0, maxDelayMs: 0 }),
        offsets: new OffsetStore('offsets', 'n'),
        activeTopics: this.activeTopics,
      },
      { ...{ name: 'n', taskId: 0, transactionalId: 't', producer: {}, collectMs, newTopics: null } },
    );
  }

  #client(): KafkaClient {
    const tell = (what: string) => async () => void this.did.push(what);
    const producer = {
      begin: async () => {
        if (this.refusal) throw this.refusal;
        this.did.push('begin');
      },
      ...{ abort: tell('abort'), commit: tell('commit') },
      ...{ flush: tell('flush'), room: tell('room'), close: async () => {} },
      send: async ({ topic, value }: ProducerRecord) => {
        this.#sends++;
        if (this.#sends === this.failingSend) throw new Error('the broker is full');
        this.did.push(
          topic === 'offsets' ? `offset ${Buffer.from(value ?? []).toString()}` : `send ${value}`,
        );
      },
    };
    return {
      close() {},
      consumer: () => ({ assign() {}, close: async () => {} }),
      producer: (options: ProducerOptions) => {
        this.producer = options;
        return producer;
      },
      admin: {
        topics: { list: async () => [{ name: 'rows' }, { name: 'offsets', partitions: [] }] },
        groups: { offsetsAt: async () => new Map() },
      },
    } as unknown as KafkaClient;
  }

  #task(last: number): SourceTask {
    return {
      start: async () => {},
      stop: async () => {},
      commit: async () => void this.did.push('task commit'),
      poll: async () => {
        this.polls++;
        this.did.push(`poll ${this.polls}`);
        this.clock.time += POLL_MS;
        if (this.polls === last) this.loop.stop();
        if (this.polls === this.asksForTime) throw new RetriableError('the source is busy');
        return [record(this.polls * 2 - 1), record(this.polls * 2)];
      },
    };
  }
}

function record(position: number): SourceRecord {
  return {
    ...{ topic: 'rows', partition: null, key: null, keySchema: null, headers: [], timestamp: null },
    ...{ value: String(position), valueSchema: null },
    ...{ sourcePartition: { file: 'a' }, sourceOffset: { position } },
  };
}

test('with a transaction for an interval each poll is sent before the next one, and the last offset with them', async () => {
  const told = new Told(2 * POLL_MS, 4);
  await told.loop.run();
  expect(told.did.slice(told.did.indexOf('poll 1'))).toEqual([
    ...['poll 1', 'begin', 'send 1', 'send 2', 'poll 2', 'send 3', 'send 4', 'poll 3', 'send 5', 'send 6'],
    ...['offset {"position":6}', 'commit', 'task commit'],
    ...['poll 4', 'begin', 'send 7', 'send 8', 'offset {"position":8}', 'commit', 'task commit'],
  ]);
});

test('a transaction may last for its interval and a minute, whatever the interval is', async () => {
  const told = new Told(120_000, 1);
  await told.loop.run();
  expect(told.producer.transactionTimeoutMs).toBe(180_000);
});

test.each([
  [0, /may last 60000 ms, and transaction.max.timeout.ms of the brokers is smaller: raise it\.$/],
  [
    60_000,
    /may last 120000 ms, .* raise it, or make transaction.boundary.interval.ms of the connector smaller/,
  ],
])(
  'where the brokers allow no transaction for %i ms and a minute, it says what to change',
  async (collectMs, says) => {
    const told = new Told(collectMs, 1);
    told.refusal = new KafkaClientError('INVALID_TRANSACTION_TIMEOUT', 'InitProducerId of t');
    await expect(told.loop.run()).rejects.toThrow(says);
    expect(told.did).toEqual([]);
  },
);

test('a source that asks for time gets it when what it gave before is committed', async () => {
  const told = new Told(10 * POLL_MS, 3);
  told.asksForTime = 2;
  await told.loop.run();
  expect(told.did.slice(told.did.indexOf('poll 2'))).toEqual([
    ...['poll 2', 'offset {"position":2}', 'commit', 'task commit'],
    ...['poll 3', 'begin', 'send 5', 'send 6', 'offset {"position":6}', 'commit', 'task commit'],
  ]);
});

test('what cannot be sent within an interval ends the transaction and the task, and no offset is committed', async () => {
  const told = new Told(10 * POLL_MS, 9);
  told.failingSend = 3;
  await expect(told.loop.run()).rejects.toThrow('the broker is full');
  expect(told.did.at(-1)).toBe('abort');
  expect(told.did).not.toContain('commit');
});

// KIP-558: AbstractWorkerSourceTask counts a topic when a record of it was sent.
test('a topic is active once records were sent to it, and not when they could not be', async () => {
  const failing = new Told(0, 1);
  failing.failingSend = 1;
  await expect(failing.loop.run()).rejects.toThrow('the broker is full');
  expect(failing.activeTopics.report.topics).toEqual([]);
  const told = new Told(0, 1);
  await told.loop.run();
  expect(told.activeTopics.report.topics).toEqual(['rows']);
});
