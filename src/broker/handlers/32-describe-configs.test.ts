import { describe, expect, test } from 'vitest';
import { silent } from '../../base/log.ts';
import type { EncodableMetadataRecord } from '../../metadata/records.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { errorCode } from '../../protocol/errors.ts';
import { describeConfigs } from '../../protocol/messages/32-describe-configs.ts';
import { BrokerSettings } from '../configs/broker-settings.ts';
import { ask, brokerRecords, imageOf, ORDERS, topicRecords } from '../testing/three-brokers.ts';
import { describeConfigsHandler } from './32-describe-configs.ts';

// ConfigResource types and ConfigSource ids of Kafka's protocol.
const TOPIC = 2;
const BROKER = 4;
const BROKER_LOGGER = 8;
const CLIENT_METRICS = 16;
const GROUP = 32;
const source = { topic: 1, broker: 2, allBrokers: 3, properties: 4, fallback: 5, group: 8 };

function set(
  resourceType: number,
  resourceName: string,
  name: string,
  value: string,
): EncodableMetadataRecord {
  return { type: 'ConfigRecord', resourceType, resourceName, name, value };
}

const image = imageOf(
  ...brokerRecords,
  ...topicRecords('orders', ORDERS, [{ replicas: [1], leader: 1 }]),
  set(TOPIC, 'orders', 'segment.bytes', '5000000'),
  set(TOPIC, 'orders', 'internal.segment.bytes', '100'),
  set(BROKER, '1', 'log.segment.bytes', '4000000'),
  set(BROKER, '', 'log.segment.bytes', '3000000'),
  set(BROKER, '', 'plugin.secret', 'hush'),
  set(GROUP, 'readers', 'consumer.session.timeout.ms', '50000'),
);
const properties = { 'node.id': '1', 'log.segment.bytes': '2000000', 'ssl.keystore.password': 'hush' };
const settings = new BrokerSettings({ brokerId: 1, image: () => image, properties });
let turns = 0;
const clock = {
  ...nodeWorld(silent).clock,
  soon: (run: () => void) => {
    turns++;
    setImmediate(run);
  },
};
const context = { brokerId: 1, image: () => image, settings, world: { clock } };

async function describeOne(
  resourceType: number,
  resourceName: string,
  options: {
    keys?: string[] | null;
    version?: number;
    detailed?: boolean;
    authorize?: (operation: string, type: string, name: string) => boolean;
  } = {},
) {
  const version = options.version ?? 4;
  const answer = await ask(describeConfigs, describeConfigsHandler, context, {
    version,
    request: {
      resources: [{ resourceType, resourceName, configurationKeys: options.keys ?? null }],
      includeSynonyms: options.detailed ?? false,
      ...(version >= 3 ? { includeDocumentation: options.detailed ?? false } : {}),
    },
    authorize: options.authorize,
  });
  const [result] = answer.results;
  if (!result) throw new Error('no result');
  return result;
}

/** Kafka describes any number; so many groups need not exist, and each is two kilobytes of the answer. */
const GROUPS_MAX = 10_000;

// 99,000 of them took 3 s in one turn, and an answer of 240 MB.
test('of groups that a request names 10,000 are described, in many turns, and the others are refused', async () => {
  turns = 0;
  const names = Array.from({ length: GROUPS_MAX + 5000 }, (_, i) => `group-${i}`);
  const { results } = await ask(describeConfigs, describeConfigsHandler, context, {
    version: 4,
    request: {
      resources: names.map((resourceName) => ({
        resourceType: GROUP,
        resourceName,
        configurationKeys: ['consumer.session.timeout.ms'],
      })),
    },
  });
  expect(results.map(({ resourceName }) => resourceName)).toEqual(names);
  const refused = results.filter(({ errorCode: code }) => code === errorCode('INVALID_REQUEST'));
  expect(refused).toEqual(results.slice(GROUPS_MAX));
  expect(new Set(results.map(({ configs }) => configs.length))).toEqual(new Set([1, 0]));
  expect(turns).toBeGreaterThan(names.length / 1000);
});

// As Apache Kafka 4.3.1 answered. rdkafka-ruby's own tests want compression.type first.
test.each([
  [
    TOPIC,
    'orders',
    `
    compression.type remote.log.delete.on.disable leader.replication.throttled.replicas
    remote.storage.enable min.insync.replicas segment.jitter.ms remote.log.copy.disable
    local.retention.ms cleanup.policy flush.ms follower.replication.throttled.replicas
    compression.lz4.level segment.bytes retention.ms compression.gzip.level flush.messages
    compression.zstd.level max.compaction.lag.ms file.delete.delay.ms max.message.bytes
    min.compaction.lag.ms message.timestamp.type local.retention.bytes preallocate index.interval.bytes
    min.cleanable.dirty.ratio unclean.leader.election.enable retention.bytes delete.retention.ms
    message.timestamp.after.max.ms message.timestamp.before.max.ms segment.ms segment.index.bytes
    `,
  ],
  [CLIENT_METRICS, 'pushes', 'interval.ms match metrics'],
  [
    GROUP,
    'readers',
    `
    consumer.session.timeout.ms consumer.assignment.interval.ms share.auto.offset.reset
    share.renew.acknowledge.enable streams.initial.rebalance.delay.ms share.session.timeout.ms
    streams.assignment.interval.ms share.heartbeat.interval.ms streams.heartbeat.interval.ms
    share.delivery.count.limit consumer.heartbeat.interval.ms share.record.lock.duration.ms
    share.assignment.interval.ms share.isolation.level streams.session.timeout.ms
    share.partition.max.record.locks streams.num.standby.replicas
    `,
  ],
])(
  'the configs of a resource of type %i come in the order in which Kafka tells them',
  async (type, name, names) => {
    const { configs } = await describeOne(type, name);
    const told = configs.map((config) => config.name).filter((told) => told !== 'internal.segment.bytes');
    expect(told).toEqual(names.trim().split(/\s+/));
  },
);

describe('a topic', () => {
  test('has every config of Kafka, and an internal one only when it is set', async () => {
    const { configs, errorCode: code } = await describeOne(TOPIC, 'orders');
    expect(code).toBe(0);
    expect(configs.length).toBe(34);
    const other = imageOf(
      ...brokerRecords,
      ...topicRecords('orders', ORDERS, [{ replicas: [1], leader: 1 }]),
    );
    const answer = await ask(
      describeConfigs,
      describeConfigsHandler,
      { ...context, image: () => other },
      {
        version: 4,
        request: { resources: [{ resourceType: TOPIC, resourceName: 'orders', configurationKeys: null }] },
      },
    );
    expect(answer.results[0]?.configs.length).toBe(33);
  });

  test('tells all levels at which a config is set', async () => {
    const { configs } = await describeOne(TOPIC, 'orders', { keys: ['segment.bytes'], detailed: true });
    expect(configs).toEqual([
      {
        name: 'segment.bytes',
        value: '5000000',
        readOnly: false,
        configSource: source.topic,
        isSensitive: false,
        synonyms: [
          { name: 'segment.bytes', value: '5000000', source: source.topic },
          { name: 'log.segment.bytes', value: '4000000', source: source.broker },
          { name: 'log.segment.bytes', value: '3000000', source: source.allBrokers },
          { name: 'log.segment.bytes', value: '2000000', source: source.properties },
          { name: 'log.segment.bytes', value: '1073741824', source: source.fallback },
        ],
        configType: 3,
        documentation: expect.stringMatching(/segment/),
      },
    ]);
  });

  test.each([1, 2, 3, 4])('is described in v%i', async (version) => {
    const { configs } = await describeOne(TOPIC, 'orders', { keys: ['cleanup.policy'], version });
    expect(configs).toMatchObject([
      { name: 'cleanup.policy', value: 'delete', configSource: source.fallback },
    ]);
    expect(configs[0]?.configType).toBe(version >= 3 ? 7 : 0);
  });

  test('an empty list of keys asks for all', async () => {
    expect((await describeOne(TOPIC, 'orders', { keys: [] })).configs.length).toBe(34);
  });

  test('that does not exist, or cannot, is an error', async () => {
    expect((await describeOne(TOPIC, 'missing')).errorCode).toBe(errorCode('UNKNOWN_TOPIC_OR_PARTITION'));
    expect((await describeOne(TOPIC, 'no/name')).errorCode).toBe(errorCode('INVALID_TOPIC_EXCEPTION'));
  });
});

describe('a broker', () => {
  test('tells its configs with their levels, and what can be changed while it runs', async () => {
    const { configs } = await describeOne(BROKER, '1', {
      keys: ['log.segment.bytes', 'node.id', 'log.retention.ms'],
    });
    expect(
      Object.fromEntries(
        configs.map(({ name, value, configSource, readOnly }) => [name, [value, configSource, readOnly]]),
      ),
    ).toEqual({
      'log.segment.bytes': ['4000000', source.broker, false],
      'node.id': ['1', source.properties, true],
      'log.retention.ms': [null, source.fallback, false],
    });
  });

  test('tells no secret, nor what it does not know', async () => {
    const { configs } = await describeOne(BROKER, '1', {
      keys: ['ssl.keystore.password', 'plugin.secret'],
      detailed: true,
    });
    expect(configs.map(({ value, isSensitive }) => [value, isSensitive])).toEqual([
      [null, true],
      [null, true],
    ]);
    expect(JSON.stringify(configs)).not.toContain('hush');
  });

  test('without a name is what is set for all brokers', async () => {
    const { configs } = await describeOne(BROKER, '', { detailed: true });
    expect(configs.map(({ name, value, configSource }) => [name, value, configSource])).toEqual([
      ['log.segment.bytes', '3000000', source.allBrokers],
      ['plugin.secret', null, source.allBrokers],
    ]);
  });

  test.each([
    ['2', 'Unexpected broker id, expected 1 or empty string, but received 2'],
    ['x', 'Broker id must be an integer, but it is: x'],
  ])('named %s is refused here', async (name, message) => {
    expect(await describeOne(BROKER, name)).toMatchObject({
      errorCode: errorCode('INVALID_REQUEST'),
      errorMessage: message,
      configs: [],
    });
  });

  test('has loggers', async () => {
    expect((await describeOne(BROKER_LOGGER, '1')).configs.map(({ name }) => name)).toEqual(['root']);
    expect((await describeOne(BROKER_LOGGER, '')).errorCode).toBe(errorCode('INVALID_REQUEST'));
  });
});

test('a group has its own configs over those of the broker', async () => {
  const { configs } = await describeOne(GROUP, 'readers', {
    keys: ['consumer.session.timeout.ms', 'consumer.heartbeat.interval.ms', 'share.isolation.level'],
    detailed: true,
  });
  expect(
    configs.map(({ value, configSource, synonyms }) => [
      value,
      configSource,
      synonyms.map(({ name }) => name),
    ]),
  ).toEqual([
    ['50000', source.group, ['consumer.session.timeout.ms', 'group.consumer.session.timeout.ms']],
    ['5000', source.fallback, ['group.consumer.heartbeat.interval.ms']],
    ['read_uncommitted', source.fallback, ['share.isolation.level']],
  ]);
  expect((await describeOne(GROUP, '')).errorCode).toBe(errorCode('INVALID_REQUEST'));
});

test('a client metrics subscription has its three configs', async () => {
  const { configs } = await describeOne(CLIENT_METRICS, 'all');
  expect(configs.map(({ name, value }) => [name, value])).toEqual([
    ['interval.ms', '300000'],
    ['match', ''],
    ['metrics', ''],
  ]);
});

test('a type that does not exist is refused, the others of the request answered', async () => {
  expect((await describeOne(77, 'x')).errorCode).toBe(errorCode('INVALID_REQUEST'));
});

test('each type of resource has its own permission', async () => {
  const authorize = (operation: string) => operation !== 'DESCRIBE_CONFIGS';
  const code = async (type: number, name: string) => (await describeOne(type, name, { authorize })).errorCode;
  expect(await code(TOPIC, 'orders')).toBe(errorCode('TOPIC_AUTHORIZATION_FAILED'));
  expect(await code(GROUP, 'readers')).toBe(errorCode('GROUP_AUTHORIZATION_FAILED'));
  expect(await code(BROKER, '1')).toBe(errorCode('CLUSTER_AUTHORIZATION_FAILED'));
  expect(await code(BROKER_LOGGER, '1')).toBe(errorCode('CLUSTER_AUTHORIZATION_FAILED'));
});
