import { expect, test } from 'vitest';
import { ImageDelta } from '../../../metadata/delta.ts';
import { emptyImage } from '../../../metadata/image.ts';
import { completeMetadataRecord } from '../../../metadata/records.ts';
import { newMember } from './member.ts';
import { metadataHash } from './metadata-hash.ts';

// Topics and hashes of an Apache Kafka 4.3.1 with one broker and no racks, from its __consumer_offsets.
const ORDERS = { name: 'orders', id: 'KK80equzSgStLjXMSFmnzw' };
const OTHER = { name: 'other', id: 'HZstDYA7SvSn-dQyQz4A0A' };

test.each([
  ['a topic of 4 partitions', [{ ...ORDERS, partitions: 4 }], 6962158621321876914n],
  ['a topic of 6 partitions', [{ ...ORDERS, partitions: 6 }], 6118488370815503803n],
  ['a topic of one partition', [{ ...OTHER, partitions: 1 }], -6854237743457566240n],
  [
    'two topics',
    [
      { ...OTHER, partitions: 1 },
      { ...ORDERS, partitions: 6 },
    ],
    8691525209268488131n,
  ],
  ['no topic', [], 0n],
])('%s', (_, topics, hash) => {
  const delta = new ImageDelta(emptyImage);
  for (const { name, id, partitions } of topics) {
    delta.replay({ type: 'TopicRecord', name, topicId: id });
    for (let partitionId = 0; partitionId < partitions; partitionId++)
      delta.replay(
        completeMetadataRecord({
          type: 'PartitionRecord',
          topicId: id,
          partitionId,
          replicas: [1],
          isr: [1],
          removingReplicas: [],
          addingReplicas: [],
          leader: 1,
          leaderEpoch: 0,
          partitionEpoch: 0,
          directories: [],
        }),
      );
  }
  const image = delta.apply({ offset: 0, epoch: 0, timestamp: 0 });
  const names = topics.map(({ name }) => name);
  const members = names.map((name) => ({ ...newMember(name), subscribedTopicNames: [name, 'nowhere'] }));
  expect(metadataHash(members, image, () => [])).toBe(hash);
});
