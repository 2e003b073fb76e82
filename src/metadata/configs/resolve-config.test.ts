import { expect, test } from 'vitest';
import { ConfigsDelta, ConfigsImage, configResourceTypes } from '../configs.ts';
import { BrokerLevels } from './broker-levels.ts';
import { ResolvedTopicConfig, resolveConfig } from './resolve-config.ts';
import { topicConfigs, topicKeys } from './topic-configs.ts';

function levels(options: {
  broker?: Record<string, string>;
  cluster?: Record<string, string>;
  properties?: Record<string, string>;
}): BrokerLevels {
  const delta = new ConfigsDelta(ConfigsImage.empty);
  const set = (resourceName: string, values: Record<string, string> = {}) => {
    for (const [name, value] of Object.entries(values)) {
      delta.replay({
        type: 'ConfigRecord',
        resourceType: configResourceTypes.broker,
        resourceName,
        name,
        value,
      });
    }
  };
  set('1', options.broker);
  set('', options.cluster);
  return new BrokerLevels({
    configs: delta.apply(),
    brokerId: 1,
    properties: new Map(Object.entries(options.properties ?? {})),
  });
}

function resolve(name: string, overrides: Record<string, string>, broker: BrokerLevels) {
  const key = topicConfigs.get(name);
  if (!key) throw new Error(name);
  return resolveConfig(key, new Map(Object.entries(overrides)), 'TOPIC_CONFIG', broker);
}

test('a topic’s value stands before that of the broker, of all brokers, of the properties and the default', () => {
  const broker = levels({
    broker: { 'log.segment.bytes': '4000000' },
    cluster: { 'log.segment.bytes': '3000000' },
    properties: { 'log.segment.bytes': '2000000' },
  });
  expect(resolve('segment.bytes', { 'segment.bytes': ' 5000000' }, broker)).toEqual({
    value: '5000000',
    source: 'TOPIC_CONFIG',
    synonyms: [
      { name: 'segment.bytes', value: '5000000', source: 'TOPIC_CONFIG' },
      { name: 'log.segment.bytes', value: '4000000', source: 'DYNAMIC_BROKER_CONFIG' },
      { name: 'log.segment.bytes', value: '3000000', source: 'DYNAMIC_DEFAULT_BROKER_CONFIG' },
      { name: 'log.segment.bytes', value: '2000000', source: 'STATIC_BROKER_CONFIG' },
      { name: 'log.segment.bytes', value: '1073741824', source: 'DEFAULT_CONFIG' },
    ],
  });
  expect(resolve('segment.bytes', {}, broker)).toMatchObject({
    value: '4000000',
    source: 'DYNAMIC_BROKER_CONFIG',
  });
});

test('retention comes from milliseconds, then minutes, then hours', () => {
  expect(resolve('retention.ms', {}, levels({}))).toEqual({
    value: '604800000',
    source: 'DEFAULT_CONFIG',
    synonyms: [],
  });
  const minutes = levels({ properties: { 'log.retention.minutes': '5', 'log.retention.hours': '2' } });
  expect(resolve('retention.ms', {}, minutes).value).toBe('300000');
  const ms = levels({ cluster: { 'log.retention.ms': '70' }, properties: { 'log.retention.minutes': '5' } });
  expect(resolve('retention.ms', {}, ms)).toMatchObject({
    value: '70',
    source: 'DYNAMIC_DEFAULT_BROKER_CONFIG',
  });
  expect(resolve('retention.ms', {}, levels({ properties: { 'log.retention.hours': '-1' } })).value).toBe(
    '-1',
  );
});

test('a config of one listener stands before that of all, which stands before the default', () => {
  const name = 'listener.name.client.ssl.principal.mapping.rules';
  const ofAll = { 'ssl.principal.mapping.rules': 'RULE:a' };
  expect(levels({}).value(name)).toBe('DEFAULT');
  expect(levels({ properties: ofAll }).value(name)).toBe('RULE:a');
  expect(levels({ properties: { ...ofAll, [name]: 'RULE:b' } }).value(name)).toBe('RULE:b');
});

test('a topic’s configs are read as the types they have', () => {
  const config = new ResolvedTopicConfig(new Map([['cleanup.policy', 'compact, delete']]), levels({}));
  expect(config.get(topicKeys.cleanupPolicy)).toEqual(['compact', 'delete']);
  expect(config.get(topicKeys.maxMessageBytes)).toBe(1_048_588);
  expect(config.get(topicKeys.flushMessages)).toBe(Number.MAX_SAFE_INTEGER);
  expect(config.get(topicKeys.preallocate)).toBe(false);
});

test('what an older release took with spaces around it that Java does not know as such is read as it was', () => {
  const config = new ResolvedTopicConfig(
    new Map([
      ['retention.ms', '\u00a01000\u3000'],
      ['min.cleanable.dirty.ratio', '0.25\u2003'],
      ['unclean.leader.election.enable', '\u00a0true'],
      ['compression.type', 'zstd\u00a0'],
      ['cleanup.policy', '\ufeffcompact\u00a0,\u2003delete'],
    ]),
    levels({ cluster: { 'log.segment.bytes': '\u00a02000000' } }),
  );
  expect(config.get(topicKeys.retentionMs)).toBe(1000);
  expect(config.get(topicKeys.minCleanableDirtyRatio)).toBe(0.25);
  expect(config.get(topicKeys.uncleanLeaderElectionEnable)).toBe(true);
  expect(config.get(topicKeys.compressionType)).toBe('zstd');
  expect(config.get(topicKeys.cleanupPolicy)).toEqual(['compact', 'delete']);
  expect(config.get(topicKeys.segmentBytes)).toBe(2_000_000);
});
