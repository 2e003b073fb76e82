import { expect, test } from 'vitest';
import { Simulation } from '../../../sim/simulation.ts';
import { emptyImage } from '../../metadata/image.ts';
import { CONSUMER_OFFSETS, SHARE_GROUP_STATE, TRANSACTION_STATE } from '../../metadata/internal-topics.ts';
import { errorCode } from '../../protocol/errors.ts';
import { BrokerSettings } from '../configs/broker-settings.ts';
import { ImageWaiters } from './image-waiters.ts';
import { TopicCreation } from './topic-creation.ts';

interface Asked {
  readonly name: string;
  readonly replicationFactor: number;
}

/** A broker whose controller has heard of too few brokers for any topic. */
function lonelyBroker(properties: Record<string, string>): { creation: TopicCreation; asked: Asked[] } {
  const { world } = new Simulation(1).host('broker');
  const image = () => emptyImage;
  const asked: Asked[] = [];
  const creation = new TopicCreation(world, {
    create: async (topics) => {
      for (const { name, replicationFactor } of topics) asked.push({ name, replicationFactor });
      return new Map(topics.map(({ name }) => [name, errorCode('INVALID_REPLICATION_FACTOR')]));
    },
    image,
    waiters: new ImageWaiters(world, image),
    settings: new BrokerSettings({ brokerId: 1, image, properties }),
  });
  return { creation, asked };
}

test.each([
  [CONSUMER_OFFSETS, 'offsets.topic.replication.factor'],
  [TRANSACTION_STATE, 'transaction.state.log.replication.factor'],
  [SHARE_GROUP_STATE, 'share.coordinator.state.topic.replication.factor'],
  ['made-by-metadata', 'default.replication.factor'],
])(
  '%s has as many copies as %s says, or is not made: no fewer for want of brokers',
  async (topic, config) => {
    const { creation, asked } = lonelyBroker({ [config]: '3' });
    expect(await creation.ensure(topic)).toBe('INVALID_REPLICATION_FACTOR');
    expect(asked).toEqual([{ name: topic, replicationFactor: 3 }]);
  },
);
