import { expect, test } from 'vitest';
import { silent } from '../../base/log.ts';
import type { ConsumedRecord } from '../../kafka-client/consumer/consumer-options.ts';
import type { Attempts } from '../kernel/attempts.ts';
import { DataError, TaskStopped } from '../kernel/task-errors.ts';
import { HandClock } from '../testing/hand-kernel.ts';
import { TransformChain, transformChain } from '../transforms/transform-chain.ts';
import { ActiveTopics } from './active-topics.ts';
import type { DeadLetterQueue } from './dead-letter-queue.ts';
import { RecordErrors } from './record-errors.ts';
import { type NamedConverter, SinkRecords } from './sink-records.ts';

/** Takes every text but "wrong". */
const text: NamedConverter = {
  className: 'Text',
  converter: {
    toConnect: (bytes) => {
      const value = bytes === null ? null : Buffer.from(bytes).toString();
      if (value === 'wrong') throw new DataError('it is wrong');
      return { schema: null, value };
    },
    fromConnect: () => null,
  },
};

/**
 * The text "later" takes a turn of the loop, as one that is tried again does; while "stopped" is tried again
 * the task stops.
 */
const attempts: Attempts = {
  run(operation, input) {
    const value = Buffer.isBuffer(input) ? input.toString() : '';
    if (value !== 'later' && value !== 'stopped') return operation(input);
    return new Promise((resolve, reject) =>
      setImmediate(() => (value === 'later' ? resolve(operation(input)) : reject(new TaskStopped()))),
    );
  },
};

function recordsOf(
  tolerates: boolean,
  queue: Pick<DeadLetterQueue, 'send'> | null,
  transforms = new TransformChain([]),
  activeTopics = new ActiveTopics(),
): SinkRecords {
  const tolerance = { tolerates, logs: false, logsRecords: false };
  const errors = new RecordErrors(silent, tolerance, queue as DeadLetterQueue | null);
  return new SinkRecords({ key: text, value: text, transforms, attempts, errors, activeTopics });
}

function consumed(...values: string[]): ConsumedRecord[] {
  return values.map(
    (value, offset) =>
      ({
        ...{ topic: 't', partition: 0, offset, timestamp: 0n, headers: [], leaderEpoch: 0 },
        ...{ key: null, value: Buffer.from(value) },
      }) as unknown as ConsumedRecord,
  );
}

test('a record that is not tolerated fails the batch, also where a later one is tried again first', async () => {
  const of = recordsOf(false, null).of(consumed('wrong', 'later'));
  await expect(of).rejects.toThrow('Tolerance exceeded in error handler: it is wrong');
});

test('a batch that the task does not finish leaves nothing in the dead letter queue: it is read again', async () => {
  const sent: number[] = [];
  const queue = {
    send: async ({ record }: { readonly record: ConsumedRecord }) => void sent.push(record.offset),
  };
  await expect(recordsOf(true, queue).of(consumed('wrong', 'stopped'))).rejects.toThrow(TaskStopped);
  expect(sent).toEqual([]);
  await expect(recordsOf(true, queue).of(consumed('wrong', 'later'))).resolves.toMatchObject([
    { value: 'later' },
  ]);
  expect(sent).toEqual([0]);
});

test('a record that a transform has changed, or that came later, has with it what it was in Kafka', async () => {
  const transform = transformChain(
    {
      ...{
        transforms: 'wrap,move',
        'transforms.wrap.type': 'HoistField$Value',
        'transforms.wrap.field': 'line',
      },
      ...{ 'transforms.move.type': 'RegexRouter', 'transforms.move.regex': 't' },
      'transforms.move.replacement': 'elsewhere',
    },
    new HandClock(),
  );
  const polled = consumed('one', 'later');
  const made = await recordsOf(false, null, transform).of(polled);
  expect(made.map(({ topic, value }) => [topic, value])).toEqual([
    ['elsewhere', new Map([['line', 'one']])],
    ['elsewhere', new Map([['line', 'later']])],
  ]);
  expect(made.map(({ origin }) => origin)).toEqual(polled);
});

// KIP-558, and WorkerSinkTask.convertAndTransformRecord of Kafka Connect 4.3.1: between the converters and
// the transforms.
test('a topic is active once one of its records could be converted, also where a transform leaves that out', async () => {
  const topics = new ActiveTopics();
  const leavesAllOut = transformChain(
    { transforms: 'none', 'transforms.none.type': 'org.apache.kafka.connect.transforms.Filter' },
    new HandClock(),
  );
  const records = recordsOf(true, null, leavesAllOut, topics);
  await records.of(consumed('wrong'));
  expect(topics.report.topics).toEqual([]);
  expect(await records.of(consumed('right'))).toEqual([]);
  expect(topics.report.topics).toEqual(['t']);
});

test('a topic is active under the name that it was read by, not that which a transform gives the record', async () => {
  const topics = new ActiveTopics();
  const renames = transformChain(
    {
      ...{ transforms: 'r', 'transforms.r.type': 'org.apache.kafka.connect.transforms.RegexRouter' },
      ...{ 'transforms.r.regex': '.*', 'transforms.r.replacement': 'renamed' },
    },
    new HandClock(),
  );
  const made = await recordsOf(false, null, renames, topics).of(consumed('right'));
  expect(made.map(({ topic }) => topic)).toEqual(['renamed']);
  expect(topics.report.topics).toEqual(['t']);
});
