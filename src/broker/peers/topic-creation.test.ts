import { expect, test } from 'vitest';
import { Simulation } from '../../../sim/simulation.ts';
import { groupsConfigs } from '../../metadata/configs/broker/groups-configs.ts';
import { replicationConfigs } from '../../metadata/configs/broker/replication-configs.ts';
import { shareGroupsConfigs } from '../../metadata/configs/broker/share-groups-configs.ts';
import { topicsConfigs } from '../../metadata/configs/broker/topics-configs.ts';
import { transactionsConfigs } from '../../metadata/configs/broker/transactions-configs.ts';
import { setting } from '../../metadata/configs/testing/setting.ts';
import { emptyImage } from '../../metadata/image.ts';
import { CONSUMER_OFFSETS, SHARE_GROUP_STATE, TRANSACTION_STATE } from '../../metadata/internal-topics.ts';
import { errorCode } from '../../protocol/errors.ts';
import { BrokerSettings } from '../configs/broker-settings.ts';
import { ImageWaiters } from '../metadata-view/image-waiters.ts';
import { TopicCreation } from './topic-creation.ts';

interface Asked {
  readonly name: string;
  readonly numPartitions: number;
  readonly replicationFactor: number;
  readonly configs: Readonly<Record<string, string | null>>;
}

const SEGMENT_OF_7 = { configs: { 'segment.bytes': '7' } };
const MIN_ISR_OF_7 = { configs: { 'min.insync.replicas': '7' } };

/** A broker whose controller has heard of too few brokers for any topic. */
function lonelyBroker(properties: Record<string, string>): { creation: TopicCreation; asked: Asked[] } {
  const { world } = new Simulation(1).host('broker');
  const image = () => emptyImage;
  const asked: Asked[] = [];
  const creation = new TopicCreation(world, {
    create: async (topics) => {
      for (const { name, numPartitions, replicationFactor, configs } of topics)
        asked.push({
          name,
          numPartitions,
          replicationFactor,
          configs: Object.fromEntries(configs.map((config) => [config.name, config.value])),
        });
      return new Map(topics.map(({ name }) => [name, errorCode('INVALID_REPLICATION_FACTOR')]));
    },
    image,
    waiters: new ImageWaiters(world, image),
    settings: new BrokerSettings({ brokerId: 1, image, properties }),
  });
  return { creation, asked };
}

test.each([
  [CONSUMER_OFFSETS, groupsConfigs.offsetsTopicReplicationFactor],
  [TRANSACTION_STATE, transactionsConfigs.transactionStateLogReplicationFactor],
  [SHARE_GROUP_STATE, shareGroupsConfigs.shareCoordinatorStateTopicReplicationFactor],
  ['made-by-metadata', replicationConfigs.defaultReplicationFactor],
])(
  '%s has as many copies as its config says, or is not made: no fewer for want of brokers',
  async (topic, config) => {
    const { creation, asked } = lonelyBroker({ [config.name]: '7' });
    expect(await creation.ensure(topic)).toBe('INVALID_REPLICATION_FACTOR');
    expect(asked).toMatchObject([{ name: topic, replicationFactor: 7 }]);
  },
);

test.each([
  [CONSUMER_OFFSETS, setting(groupsConfigs.offsetsTopicReplicationFactor, '7'), { replicationFactor: 7 }],
  [CONSUMER_OFFSETS, setting(groupsConfigs.offsetsTopicNumPartitions, '7'), { numPartitions: 7 }],
  [CONSUMER_OFFSETS, setting(groupsConfigs.offsetsTopicSegmentBytes, '7'), SEGMENT_OF_7],
  [
    TRANSACTION_STATE,
    setting(transactionsConfigs.transactionStateLogReplicationFactor, '7'),
    { replicationFactor: 7 },
  ],
  [
    TRANSACTION_STATE,
    setting(transactionsConfigs.transactionStateLogNumPartitions, '7'),
    { numPartitions: 7 },
  ],
  [TRANSACTION_STATE, setting(transactionsConfigs.transactionStateLogSegmentBytes, '7'), SEGMENT_OF_7],
  [TRANSACTION_STATE, setting(transactionsConfigs.transactionStateLogMinIsr, '7'), MIN_ISR_OF_7],
  [
    SHARE_GROUP_STATE,
    setting(shareGroupsConfigs.shareCoordinatorStateTopicReplicationFactor, '7'),
    { replicationFactor: 7 },
  ],
  [
    SHARE_GROUP_STATE,
    setting(shareGroupsConfigs.shareCoordinatorStateTopicNumPartitions, '7'),
    { numPartitions: 7 },
  ],
  [SHARE_GROUP_STATE, setting(shareGroupsConfigs.shareCoordinatorStateTopicSegmentBytes, '7'), SEGMENT_OF_7],
  [SHARE_GROUP_STATE, setting(shareGroupsConfigs.shareCoordinatorStateTopicMinIsr, '7'), MIN_ISR_OF_7],
])('%s is made as %j says', async (topic, properties, expected) => {
  const plain = lonelyBroker({});
  await plain.creation.ensure(topic);
  expect(plain.asked[0]).not.toMatchObject(expected);
  const configured = lonelyBroker(properties);
  await configured.creation.ensure(topic);
  expect(configured.asked).toMatchObject([{ name: topic, ...expected }]);
});

test('topics are made by themselves unless the broker is told not to', () => {
  expect(lonelyBroker({}).creation.isAutomatic).toBe(true);
  const told = lonelyBroker(setting(topicsConfigs.autoCreateTopicsEnable, 'false'));
  expect(told.creation.isAutomatic).toBe(false);
});
