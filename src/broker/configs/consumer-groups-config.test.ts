import { expect, test } from 'vitest';
import { ConfigRules } from '../../controller/config-rules.ts';
import { ConfigsImage, configResourceTypes } from '../../metadata/configs.ts';
import type { EncodableMetadataRecord } from '../../metadata/records.ts';
import { imageOf } from '../testing/three-brokers.ts';
import { BrokerSettings } from './broker-settings.ts';
import { consumerGroupsConfig } from './consumer-groups-config.ts';

function configOf(properties: Record<string, string>, ofGroup: Record<string, string> = {}) {
  const image = imageOf(
    ...Object.entries(ofGroup).map(
      ([name, value]): EncodableMetadataRecord => ({
        type: 'ConfigRecord',
        resourceType: configResourceTypes.group,
        resourceName: 'app',
        name,
        value,
      }),
    ),
  );
  const settings = new BrokerSettings({ brokerId: 1, image: () => image, properties });
  return consumerGroupsConfig(settings, () => image);
}

test('without anything set, groups have what Kafka gives them', () => {
  const config = configOf({});
  expect(config.assignors).toEqual(['uniform', 'range']);
  expect(config.of('app')).toEqual({
    sessionTimeoutMs: 45_000,
    heartbeatIntervalMs: 5000,
    assignmentIntervalMs: 1000,
  });
});

test('what is set for one group is in force for it alone, before what is set for brokers', () => {
  const config = configOf(
    { 'group.consumer.assignment.interval.ms': '300' },
    { 'consumer.session.timeout.ms': '50000', 'consumer.heartbeat.interval.ms': '6000' },
  );
  expect(config.of('app')).toEqual({
    sessionTimeoutMs: 50_000,
    heartbeatIntervalMs: 6000,
    assignmentIntervalMs: 300,
  });
  expect(config.of('other').sessionTimeoutMs).toBe(45_000);
});

test('what was set before the bounds changed is brought between them', () => {
  const config = configOf(
    { 'group.consumer.max.session.timeout.ms': '48000', 'group.consumer.min.heartbeat.interval.ms': '7000' },
    { 'consumer.session.timeout.ms': '50000' },
  );
  expect(config.of('app')).toMatchObject({ sessionTimeoutMs: 48_000, heartbeatIntervalMs: 7000 });
});

test.each([
  ['consumer.session.timeout.ms', '10', 'greater than or equal to group.consumer.min.session.timeout.ms'],
  ['consumer.session.timeout.ms', '60001', 'less than or equal to group.consumer.max.session.timeout.ms'],
  [
    'consumer.heartbeat.interval.ms',
    '16000',
    'less than or equal to group.consumer.max.heartbeat.interval.ms',
  ],
])('%s=%s is refused', (name, value, bound) => {
  const rules = new ConfigRules({ nodeId: 100, properties: {} });
  expect(rules.validate('group', 'app', new Map([[name, value]]), ConfigsImage.empty)).toEqual({
    error: 'INVALID_CONFIG',
    message: `${name} must be ${bound}`,
  });
});
