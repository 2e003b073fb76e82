import { expect, test } from 'vitest';
import { errorCode } from '../../protocol/errors.ts';
import { listConfigResources } from '../../protocol/messages/74-list-config-resources.ts';
import { ask, brokerRecords, imageOf } from '../testing/three-brokers.ts';
import { listConfigResourcesHandler } from './74-list-config-resources.ts';

const image = imageOf(
  ...brokerRecords,
  { type: 'FenceBrokerRecord', id: 2, epoch: 2 },
  { type: 'TopicRecord', name: 'orders', topicId: 'AAAAAAAAAAAAAAAAAAAABQ' },
  {
    type: 'ConfigRecord',
    resourceType: 32,
    resourceName: 'readers',
    name: 'consumer.session.timeout.ms',
    value: '50000',
  },
  { type: 'ConfigRecord', resourceType: 16, resourceName: 'all-clients', name: 'interval.ms', value: '1000' },
);
const context = { image: () => image };

// org.apache.kafka.common.config.ConfigResource.Type: TOPIC 2, BROKER 4, BROKER_LOGGER 8, CLIENT_METRICS 16,
// GROUP 32.
const list = async (version: number, resourceTypes: number[], authorize = () => true) => {
  const request = version === 0 ? {} : { resourceTypes };
  return ask(listConfigResources, listConfigResourcesHandler, context, { version, request, authorize });
};

test('nothing asked for is everything that has configs', async () => {
  const { configResources } = await list(1, []);
  expect(
    configResources.map(({ resourceType, resourceName }) => `${resourceType} ${resourceName}`).sort(),
  ).toEqual(['2 orders', '4 1', '4 3', '8 1', '8 3', '16 all-clients', '32 readers'].sort());
});

test('only the types asked for, and in v0 only client metrics', async () => {
  expect((await list(1, [32])).configResources.map(({ resourceName }) => resourceName)).toEqual(['readers']);
  expect((await list(0, [])).configResources.map(({ resourceName }) => resourceName)).toEqual([
    'all-clients',
  ]);
});

test('a type that has no configs is UNSUPPORTED_VERSION, and who may not describe configs gets nothing', async () => {
  expect(await list(1, [2, 99])).toMatchObject({
    errorCode: errorCode('UNSUPPORTED_VERSION'),
    configResources: [],
  });
  expect(await list(1, [], () => false)).toMatchObject({
    errorCode: errorCode('CLUSTER_AUTHORIZATION_FAILED'),
    configResources: [],
  });
});
