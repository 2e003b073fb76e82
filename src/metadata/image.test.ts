import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ImageDelta, imageOf } from './delta.ts';
import { type ClusterImage, emptyImage } from './image.ts';
import { MetadataLoader } from './loader.ts';
import {
  completeMetadataRecord,
  type EncodableMetadataRecord,
  encodeMetadataRecord,
  type MetadataRecord,
} from './records.ts';
import { snapshotRecords } from './snapshot.ts';

const TOPIC_IDS = ['Jq0mAJZcQnyPBbMjCD8xNw', '2mPpkSY5RReAy04YvpHaOA', 'c9YfU1jkRSWxHRWfdXD6yA'];
const INCARNATION = 'QF1LNgONTWC1KpCPXcYHYg';

/**
 * A command that is turned into a record that the state at that point allows; nothing when it allows none.
 */
type Command = (image: ClusterImage) => EncodableMetadataRecord | undefined;

const small = fc.integer({ min: 0, max: 3 });
const brokers = fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 });
const topic = fc.constantFrom(...TOPIC_IDS);
const setting = fc.record({
  name: fc.constantFrom('retention.ms', 'segment.bytes'),
  value: fc.option(fc.string()),
});

const command: fc.Arbitrary<Command> = fc.oneof(
  topic.map(
    (topicId): Command =>
      (image) =>
        image.topics.byId(topicId)
          ? undefined
          : { type: 'TopicRecord', topicId, name: `t-${topicId.slice(0, 2)}` },
  ),
  fc.record({ topicId: topic, replicas: brokers }).map(
    ({ topicId, replicas }): Command =>
      (image) => {
        const known = image.topics.byId(topicId);
        if (!known) return undefined;
        return {
          type: 'PartitionRecord',
          topicId,
          partitionId: known.partitions.length,
          replicas,
          isr: replicas,
          leader: replicas[0] ?? -1,
          removingReplicas: [],
          addingReplicas: [],
          leaderEpoch: 0,
          partitionEpoch: 0,
          directories: replicas.map(() => INCARNATION),
        };
      },
  ),
  fc
    .record({
      topicId: topic,
      partitionId: small,
      isr: fc.option(brokers),
      leader: fc.integer({ min: -2, max: 5 }),
    })
    .map(
      ({ topicId, partitionId, isr, leader }): Command =>
        (image) =>
          image.topics.partition(topicId, partitionId)
            ? { type: 'PartitionChangeRecord', topicId, partitionId, isr, leader }
            : undefined,
    ),
  topic.map(
    (topicId): Command =>
      (image) =>
        image.topics.byId(topicId) ? { type: 'RemoveTopicRecord', topicId } : undefined,
  ),
  fc.record({ topicId: topic, setting }).map(
    ({ topicId, setting: { name, value } }): Command =>
      () => ({
        type: 'ConfigRecord',
        resourceType: 2,
        resourceName: `t-${topicId.slice(0, 2)}`,
        name,
        value,
      }),
  ),
  fc.record({ brokerId: small, brokerEpoch: fc.nat(), rack: fc.option(fc.string()) }).map(
    ({ brokerId, brokerEpoch, rack }): Command =>
      () => ({
        type: 'RegisterBrokerRecord',
        brokerId,
        brokerEpoch,
        rack,
        incarnationId: INCARNATION,
        endPoints: [{ name: 'CLIENT', host: 'here', port: 9092, securityProtocol: 0 }],
        features: [{ name: 'metadata.version', minSupportedVersion: 1, maxSupportedVersion: 30 }],
        logDirs: [INCARNATION],
      }),
  ),
  fc.record({ brokerId: small, fenced: fc.constantFrom(-1, 0, 1), shutdown: fc.constantFrom(0, 1) }).map(
    ({ brokerId, fenced, shutdown }): Command =>
      (image) => {
        const broker = image.brokers.byId(brokerId);
        return (
          broker && {
            type: 'BrokerRegistrationChangeRecord',
            brokerId,
            brokerEpoch: broker.epoch,
            fenced,
            inControlledShutdown: shutdown,
          }
        );
      },
  ),
  small.map(
    (brokerId): Command =>
      (image) => {
        const broker = image.brokers.byId(brokerId);
        return broker && { type: 'UnregisterBrokerRecord', brokerId, brokerEpoch: broker.epoch };
      },
  ),
  fc.record({ name: fc.constantFrom('metadata.version', 'group.version'), level: small }).map(
    ({ name, level }): Command =>
      () => ({ type: 'FeatureLevelRecord', name, featureLevel: level }),
  ),
  fc.nat().map(
    (next): Command =>
      (image) => ({
        type: 'ProducerIdsRecord',
        brokerId: 1,
        brokerEpoch: 5,
        nextProducerId: image.producerIds.nextProducerId + next,
      }),
  ),
  fc.record({ id: topic, host: fc.string() }).map(
    ({ id, host }): Command =>
      () => ({
        type: 'AccessControlEntryRecord',
        id,
        resourceType: 2,
        resourceName: 'orders',
        patternType: 3,
        principal: 'User:alice',
        host,
        operation: 3,
        permissionType: 3,
      }),
  ),
  topic.map(
    (id): Command =>
      () => ({ type: 'RemoveAccessControlEntryRecord', id }),
  ),
  fc.record({ name: fc.constantFrom('alice', 'bob'), mechanism: fc.constantFrom(1, 2) }).map(
    ({ name, mechanism }): Command =>
      () => ({
        type: 'UserScramCredentialRecord',
        name,
        mechanism,
        salt: Buffer.from('salt'),
        storedKey: Buffer.from('stored'),
        serverKey: Buffer.from('server'),
        iterations: 4096,
      }),
  ),
  fc.constantFrom('alice', 'bob').map(
    (name): Command =>
      () => ({
        type: 'RemoveUserScramCredentialRecord',
        name,
        mechanism: 1,
      }),
  ),
  fc.record({ user: fc.option(fc.constantFrom('alice', 'bob')), remove: fc.boolean() }).map(
    ({ user, remove }): Command =>
      () => ({
        type: 'ClientQuotaRecord',
        entity: [{ entityType: 'user', entityName: user }],
        key: 'producer_byte_rate',
        value: 1024,
        remove,
      }),
  ),
  fc.constant<Command>(() => ({ type: 'NoOpRecord' })),
);
const histories = fc.array(command, { minLength: 1, maxLength: 60 });

/**
 * One image after each record, the first before any. No topic gets the id that another had: ids are random.
 */
function play(commands: readonly Command[]): { images: ClusterImage[]; records: MetadataRecord[] } {
  let image = emptyImage;
  const images = [image];
  const records: MetadataRecord[] = [];
  const idsUsed = new Set<string>();
  for (const command of commands) {
    const decided = command(image);
    if (!decided) continue;
    if (decided.type === 'TopicRecord') {
      if (idsUsed.has(decided.topicId)) continue;
      idsUsed.add(decided.topicId);
    }
    const record = completeMetadataRecord(decided);
    const delta = new ImageDelta(image);
    delta.replay(record);
    image = delta.apply({ offset: records.length, epoch: 1, timestamp: 0 });
    records.push(record);
    images.push(image);
  }
  return { images, records };
}

const content = (image: ClusterImage): MetadataRecord[] => [...snapshotRecords(image)];

test('the records of an image make that image again, after every prefix of a history', () => {
  fc.assert(
    fc.property(histories, (commands) => {
      for (const image of play(commands).images) {
        const again = imageOf(content(image), image.provenance);
        expect(content(again)).toEqual(content(image));
      }
    }),
  );
});

test('one delta over many records makes the same image as one per record', () => {
  fc.assert(
    fc.property(histories, fc.nat(), (commands, cut) => {
      const { images, records } = play(commands);
      const from = cut % images.length;
      const before = images[from] ?? emptyImage;
      const delta = new ImageDelta(before);
      for (const record of records.slice(from)) delta.replay(record);
      const after = delta.apply({ offset: records.length - 1, epoch: 1, timestamp: 0 });
      expect(content(after)).toEqual(content(images.at(-1) ?? emptyImage));
    }),
  );
});

test('the difference between an image and any later one leads from the one to the other', () => {
  fc.assert(
    fc.property(histories, fc.nat(), fc.nat(), (commands, one, other) => {
      const { images } = play(commands);
      const [from = 0, to = 0] = [one % images.length, other % images.length].sort((a, b) => a - b);
      const before = images[from] ?? emptyImage;
      const after = images[to] ?? emptyImage;
      const reached = ImageDelta.between(before, after).apply(after.provenance);
      expect(content(reached)).toEqual(content(after));
    }),
    { numRuns: 500 },
  );
});

test('an image stays as it is when later ones are made from it', () => {
  fc.assert(
    fc.property(histories, (commands) => {
      const { images } = play(commands);
      const half = images[Math.floor(images.length / 2)] ?? emptyImage;
      const said = content(half);
      for (const command of commands) {
        const decided = command(half);
        if (!decided) continue;
        const delta = new ImageDelta(half);
        delta.replay(completeMetadataRecord(decided));
        delta.apply(half.provenance);
      }
      expect(content(half)).toEqual(said);
    }),
  );
});

test('a loader that starts from a snapshot reaches the same image as one that read the whole log', () => {
  fc.assert(
    fc.property(histories, fc.nat(), (commands, cut) => {
      const { images, records } = play(commands);
      const batch = (record: MetadataRecord, offset: number) => ({
        baseOffset: offset,
        lastOffset: offset,
        epoch: 1,
        timestamp: 0,
        values: [encodeMetadataRecord(record)],
      });
      const whole = new MetadataLoader();
      whole.onCommitted(records.map(batch));
      const from = cut % images.length;
      const resumed = new MetadataLoader();
      resumed.onSnapshot({
        endOffset: from,
        epoch: 1,
        timestamp: 0,
        values: content(images[from] ?? emptyImage).map((record) => encodeMetadataRecord(record)),
      });
      // The log is offered from its beginning: what the snapshot covers is passed over.
      resumed.onCommitted(records.map(batch));
      expect(content(resumed.image)).toEqual(content(whole.image));
      expect(content(whole.image)).toEqual(content(images.at(-1) ?? emptyImage));
    }),
  );
});

test('a change of one partition among 100,000 copies one topic, not all', () => {
  const records: MetadataRecord[] = [];
  for (let i = 0; i < 5000; i++) {
    const topicId = Buffer.from(String(i).padStart(16, '0')).toString('base64url');
    records.push(completeMetadataRecord({ type: 'TopicRecord', name: `topic-${i}`, topicId }));
    for (let partitionId = 0; partitionId < 20; partitionId++)
      records.push(
        completeMetadataRecord({
          type: 'PartitionRecord',
          topicId,
          partitionId,
          replicas: [1],
          isr: [1],
          leader: 1,
          removingReplicas: [],
          addingReplicas: [],
          leaderEpoch: 0,
          partitionEpoch: 0,
          directories: [INCARNATION],
        }),
      );
  }
  const before = imageOf(records, { offset: records.length - 1, epoch: 1, timestamp: 0 });
  const topicId = before.topics.byName('topic-77')?.id ?? '';
  const delta = new ImageDelta(before);
  delta.replay(
    completeMetadataRecord({ type: 'PartitionChangeRecord', topicId, partitionId: 3, leader: -1 }),
  );
  const after = delta.apply(before.provenance);
  const changed = [...after.topics.all()].filter((topic) => topic !== before.topics.byId(topic.id));
  expect(changed.map(({ name }) => name)).toEqual(['topic-77']);
  expect(after.topics.byName('topic-77')?.partitions[3]?.leader).toBe(-1);
  expect(before.topics.byName('topic-77')?.partitions[3]?.leader).toBe(1);
});
