import { expect, test } from 'vitest';
import type { CommittedBatch } from './committed.ts';
import { MetadataLoader } from './loader.ts';
import { type EncodableMetadataRecord, encodeMetadataRecord } from './records.ts';

const ORDERS = 'Jq0mAJZcQnyPBbMjCD8xNw';

function batch(baseOffset: number, ...records: EncodableMetadataRecord[]): CommittedBatch {
  const values = records.map((record) => encodeMetadataRecord(record));
  return { baseOffset, lastOffset: baseOffset + values.length - 1, epoch: 1, timestamp: 7, values };
}

const orders: EncodableMetadataRecord = { type: 'TopicRecord', name: 'orders', topicId: ORDERS };

test('a metadata transaction is shown when it ends, not before', () => {
  const loader = new MetadataLoader();
  loader.onCommitted([batch(0, { type: 'BeginTransactionRecord', name: 'bootstrap' }, orders)]);
  expect(loader.image.topics.size).toBe(0);
  loader.onCommitted([batch(2, { type: 'EndTransactionRecord' })]);
  expect(loader.image.topics.byName('orders')?.id).toBe(ORDERS);
});

test('an aborted metadata transaction leaves nothing', () => {
  const loader = new MetadataLoader();
  loader.onCommitted([
    batch(0, { type: 'BeginTransactionRecord', name: 'x' }, orders, {
      type: 'AbortTransactionRecord',
      reason: 'no',
    }),
  ]);
  expect(loader.image.topics.size).toBe(0);
  expect(loader.image.provenance).toEqual({ offset: 2, epoch: 1, timestamp: 7 });
});

test('a publisher that comes late is told of everything at once', () => {
  const loader = new MetadataLoader();
  loader.onCommitted([batch(0, orders)]);
  const told: (string | undefined)[] = [];
  loader.addPublisher({
    onImage: (_image, delta) =>
      told.push(...[...(delta.topics?.changed.values() ?? [])].map(({ name }) => name)),
  });
  expect(told).toEqual(['orders']);
});

test("a topic's configs go with the topic, and a topic of the same name starts without them", () => {
  const loader = new MetadataLoader();
  const setting: EncodableMetadataRecord = {
    type: 'ConfigRecord',
    resourceType: 2,
    resourceName: 'orders',
    name: 'retention.ms',
    value: '1000',
  };
  loader.onCommitted([batch(0, orders, setting)]);
  expect(loader.image.configs.get('topic', 'orders').get('retention.ms')).toBe('1000');
  const again = 'QF1LNgONTWC1KpCPXcYHYg';
  loader.onCommitted([
    batch(2, { type: 'RemoveTopicRecord', topicId: ORDERS }, { ...orders, topicId: again }),
  ]);
  expect(loader.image.configs.get('topic', 'orders').size).toBe(0);
  expect(loader.image.topics.byName('orders')?.id).toBe(again);
});
