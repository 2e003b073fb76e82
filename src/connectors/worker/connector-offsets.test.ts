import { expect, test } from 'vitest';
import { silent } from '../../base/log.ts';
import { plainJsonText, readPlainJson } from '../../base/plain-json.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { datagen } from '../datagen/datagen.ts';
import { fileStreamSource } from '../file/file-stream-source.ts';
import type { SourceOffset } from '../kernel/connect-record.ts';
import { s3Sink } from '../s3-sink/s3-sink.ts';
import { ConnectorOffsets, offsetsIn, WrongOffsets } from './connector-offsets.ts';
import { OffsetStore } from './offset-store.ts';

test("offsets of a request are read in the form of Kafka Connect's REST interface", () => {
  const offsets = [
    { partition: { filename: 'in.txt' }, offset: { position: 0 } },
    { partition: { filename: 'other.txt' }, offset: null },
  ];
  expect(offsetsIn({ offsets })).toEqual(offsets);
  expect(offsetsIn({ offsets: [{ partition: { filename: 'in.txt' } }] })).toEqual([
    { partition: { filename: 'in.txt' }, offset: null },
  ]);
});

test('whole numbers keep every digit on their way through requests, answers and the topic of offsets', () => {
  const text =
    '{"lsn":9223372036854775807,"name":"a\\"b","at":[1,0.5,-9007199254740993],"not":null,"is":true}';
  expect(plainJsonText(readPlainJson(text))).toBe(text);
  const store = new OffsetStore('offsets', 'c');
  const { key, value } = store.record({ shard: 9_007_199_254_740_993n }, { lsn: 9_223_372_036_854_775_807n });
  expect([String(key), String(value)]).toEqual([
    '["c",{"shard":9007199254740993}]',
    '{"lsn":9223372036854775807}',
  ]);
});

test.each([
  null,
  {},
  { offsets: [] },
  { offsets: {} },
  { offsets: [{ offset: { position: 0 } }] },
  { offsets: [{ partition: 'in.txt', offset: null }] },
  { offsets: [{ partition: { filename: 'in.txt' }, offset: 5 }] },
  { offsets: [{ partition: { filename: 'in.txt' }, offset: [5] }] },
  { offsets: [{ partition: { filename: 'in.txt' }, offset: null }, 5] },
])('%j has no such offsets', (body) => {
  expect(offsetsIn(body)).toBeNull();
});

test.each<SourceOffset>([
  { kafka_topic: 't', kafka_partition: 2 ** 31 },
  { kafka_topic: 't', kafka_partition: -1 },
  { kafka_topic: 't', kafka_partition: '1.5' },
  { kafka_partition: 0 },
])('%j is no partition of a sink', async (partition) => {
  const world = nodeWorld(silent);
  const offsets = new ConnectorOffsets(world, () => ({ 'bootstrap.servers': '127.0.0.1:9092' }));
  const assignment = {
    ...{ digest: '', name: 'n', isPaused: true },
    tasks: [{ id: 0, texts: { 'connector.class': s3Sink.className } }],
  };
  await expect(offsets.change(assignment, [{ partition, offset: null }])).rejects.toThrow(WrongOffsets);
});

test.each([
  [fileStreamSource.className, { filename: 'other' }, { position: 0 }, /its partition is {"filename":"in"}/],
  [fileStreamSource.className, { filename: 'in', more: 1 }, { position: 0 }, /its partition is/],
  [fileStreamSource.className, { filename: 'in' }, { position: -1 }, /position/],
  [fileStreamSource.className, { filename: 'in' }, { position: '0' }, /position/],
  [fileStreamSource.className, { filename: 'in' }, {}, /position/],
  [datagen.className, { 'task.id': 2 }, { 'current.iteration': 0 }, /task.id, a number below 2/],
  [datagen.className, { 'task.id': 1 }, { 'current.iteration': 0.5 }, /current.iteration/],
])('%s has no place %j at %j', async (className, partition, offset, message) => {
  const offsets = new ConnectorOffsets(nodeWorld(silent), () => ({ 'bootstrap.servers': '127.0.0.1:9092' }));
  const texts = { 'connector.class': className, file: 'in', 'tasks.max': '2' };
  const assignment = { ...{ digest: '', name: 'n', isPaused: true }, tasks: [{ id: 0, texts }] };
  const change = offsets.change(assignment, [{ partition, offset }]);
  await expect(change).rejects.toThrow(WrongOffsets);
  await expect(change).rejects.toThrow(message);
});
