import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configsPage } from '../../../scripts/configs-page.ts';
import {
  brokerConfig,
  brokerConfigSynonyms,
  brokerConfigs,
  validateBrokerProperties,
  validateDynamicBrokerConfigs,
} from './broker-configs.ts';
import { validateClientMetricsConfigs } from './client-metrics-configs.ts';
import type { ConfigKey } from './config-key.ts';
import { groupConfigs } from './group-configs.ts';
import recorded from './kafka-configs.vector.json' with { type: 'json' };
import { topicConfigs, validateTopicConfigs } from './topic-configs.ts';
import { validateConfig } from './validate-config.ts';

/** A table as the recorded one is written. */
function printed(table: ReadonlyMap<string, ConfigKey>): unknown[] {
  return [...table.values()]
    .map((key) => ({
      name: key.name,
      type: key.type,
      default: key.required ? 'NO_DEFAULT' : key.fallback,
      importance: key.importance,
      ...(key.internal ? { internal: true } : {}),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Kafka keeps these in lists of their own: dynamic configs that are no broker properties, and those of its
 * authorizer.
 */
const beside = [
  'allow.everyone.if.no.acl.found',
  'follower.replication.throttled.rate',
  'leader.replication.throttled.rate',
  'replica.alter.log.dirs.io.max.bytes.per.second',
  'super.users',
];

describe('names, types, defaults and importance are those of Apache Kafka', () => {
  test('topic configs', () => expect(printed(topicConfigs)).toEqual(recorded.topic));
  test('group configs', () => expect(printed(groupConfigs)).toEqual(recorded.group));
  test('broker configs', () => {
    const properties = new Map([...brokerConfigs].filter(([name]) => !beside.includes(name)));
    expect(printed(properties)).toEqual(recorded.broker);
  });
});

test('broker configs can be changed at run time as in Kafka', () => {
  const modes = [...brokerConfigs.values()]
    .filter(({ dynamic }) => dynamic !== 'read-only')
    .map(({ name, dynamic }) => [name, dynamic]);
  expect(Object.fromEntries(modes)).toEqual(recorded.dynamicModes);
});

test('topic configs take their defaults from the broker configs that Kafka takes them from', () => {
  const references = [...topicConfigs.values()]
    .filter(({ brokerConfigs: from }) => from.length > 0)
    .map(({ name, brokerConfigs: from }) => [name, from.map((each) => [each.name, String(2 * each.unitMs)])]);
  expect(Object.fromEntries(references)).toEqual(recorded.topicSynonyms);
});

test('group configs take their defaults from the broker configs that Kafka takes them from', () => {
  const references = [...groupConfigs.values()].map(({ name, brokerConfigs: from }) => [
    name,
    from[0]?.name ?? null,
  ]);
  expect(Object.fromEntries(references)).toEqual(recorded.groupSynonyms);
});

test('broker configs in several units are told together as in Kafka', () => {
  const several = [...brokerConfigs.keys()]
    .map((name) => [name, brokerConfigSynonyms(name)] as const)
    .filter(([, names]) => names.length > 1);
  expect(Object.fromEntries(several)).toEqual(recorded.brokerSynonyms);
});

test('every default is allowed by its own rule', () => {
  for (const key of [...topicConfigs.values(), ...groupConfigs.values(), ...brokerConfigs.values()]) {
    if (key.fallback !== null) expect(validateConfig(key, key.fallback)).toBe(null);
  }
});

describe('topic configs are judged as Kafka judges them', () => {
  const values = recorded.topicValidation.map(({ configs, message }) => ({
    configs: new Map(Object.entries<string | undefined>(configs).map(([name, value]) => [name, value ?? ''])),
    message,
    title: JSON.stringify(configs),
  }));
  const refused = (configs: ReadonlyMap<string, string>) =>
    [...configs].some(([name, value]) => {
      const key = topicConfigs.get(name);
      return key?.obedience.when === 'refused' && value !== key.fallback;
    });

  test.each(values.filter(({ configs, message }) => message !== null || !refused(configs)))(
    '$title',
    ({ configs, message }) => {
      expect(validateTopicConfigs(configs)?.message ?? null).toBe(message);
    },
  );

  test.each(values.filter(({ configs, message }) => message === null && refused(configs)))(
    'except that what is not built is refused by name: $title',
    ({ configs }) => {
      const [name] = configs.keys();
      expect(validateTopicConfigs(configs)?.error).toBe('INVALID_CONFIG');
      expect(validateTopicConfigs(configs)?.message).toContain(`for configuration ${name}: `);
    },
  );

  test('a null value is refused', () => {
    expect(validateTopicConfigs(new Map([['retention.ms', null]]))).toEqual({
      error: 'INVALID_CONFIG',
      message: 'Null value not supported for topic configs: retention.ms',
    });
  });
});

describe('broker configs while the broker runs', () => {
  const judge = (name: string, value: string, scope: 'broker' | 'cluster' = 'broker') =>
    validateDynamicBrokerConfigs(new Map([[name, value]]), {
      of: scope,
      current: (each) => brokerConfig(each)?.fallback ?? null,
      beneath: (each) => brokerConfig(each)?.fallback ?? null,
    })?.message ?? null;

  test('read-only ones are refused', () => {
    expect(judge('node.id', '4')).toBe('Cannot update these configs dynamically: [node.id]');
  });
  test('those of one broker are refused for all', () => {
    expect(judge('listeners', 'PLAINTEXT://:9092', 'broker')).toBe(null);
    expect(judge('listeners', 'PLAINTEXT://:9092', 'cluster')).toContain('broker id must be specified');
  });
  test('keystores are those of one listener', () => {
    expect(judge('ssl.keystore.location', '/k')).toBe(
      'These security configs can be dynamically updated only per-listener using the listener prefix: [ssl.keystore.location]',
    );
  });
  test('what is not built is refused by name', () => {
    expect(judge('listener.name.public.ssl.keystore.location', '/k')).toBe(
      'Invalid value /k for configuration listener.name.public.ssl.keystore.location: Certificates are given where a listener is, not by configs',
    );
    expect(judge('principal.builder.class', 'x')).toContain('Classes of Java cannot be loaded');
  });
  test('numbers of threads change by no more than the factor 2, as in Kafka', () => {
    const failed = 'Dynamic thread count update validation failed for num.network.threads';
    expect(judge('num.network.threads', '6', 'cluster')).toBe(null);
    expect(judge('num.network.threads', '7', 'cluster')).toBe(
      `${failed}=7, value should not be greater than double the current value 3`,
    );
    expect(judge('num.io.threads', '3', 'cluster')).toContain('at least half the current value 8');
    for (const pool of ['num.replica.fetchers', 'remote.log.manager.follower.thread.pool.size'])
      expect(judge(pool, '5', 'cluster')).toContain('should not be greater than double the current value');
    expect(judge('log.cleaner.threads', '3', 'cluster')).toBe(
      'Log cleaner threads cannot be increased to more than double the current value 1',
    );
  });
  test.each([
    ['log.retention.ms', '0', 'log.retention.ms must be unlimited (-1) or, greater than or equal to 1'],
    ['log.roll.ms', '0', 'log.roll.ms must be greater than or equal to 1'],
    ['log.roll.jitter.ms', '-1', 'log.roll.jitter.ms must be greater than or equal to 0'],
    [
      'log.cleaner.dedupe.buffer.size',
      '1000',
      'log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.',
    ],
    [
      'max.connections.per.ip',
      '0',
      'max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set.',
    ],
  ])('%s=%s is refused, as by Kafka, whose type allows it', (name, value, sentence) => {
    expect(judge(name, value, 'cluster')).toBe(`requirement failed: ${sentence}`);
    expect(validateBrokerProperties({ [name]: value })).toBe(sentence);
  });
  test('a conflict that an older release took hinders no other change, and can be mended', () => {
    const before = (each: string) =>
      each === 'log.retention.ms' ? '0' : (brokerConfig(each)?.fallback ?? null);
    const change = (configs: Record<string, string>) =>
      validateDynamicBrokerConfigs(new Map(Object.entries(configs)), {
        of: 'cluster',
        current: before,
        beneath: (each) => brokerConfig(each)?.fallback ?? null,
      })?.message ?? null;
    expect(change({ 'log.retention.ms': '0', 'num.io.threads': '9' })).toBe(null);
    expect(change({ 'log.retention.ms': '5' })).toBe(null);
    expect(change({ 'log.retention.ms': '0', 'log.roll.ms': '0' })).toMatch('log.roll.ms must be');
    expect(change({ 'log.retention.ms': '0', 'max.connections.per.ip': '0' })).toMatch(
      'max.connections.per.ip can be set to zero only',
    );
  });
  test('any negative retention is none, as in Kafka', () => {
    expect(judge('log.retention.ms', '-5', 'cluster')).toBe(null);
  });
  test.each(['max.connections', 'max.connection.creation.rate'])(
    '%s=0 is refused, as by Kafka: nobody could connect to take it back',
    (name) => {
      expect(judge(name, '0', 'cluster')).toBe(`Invalid ${name} 0`);
      expect(judge(name, '1', 'cluster')).toBe(null);
      expect(judge(`listener.name.public.${name}`, '0')).toBe(`Invalid ${name} 0`);
    },
  );
  test('values are checked', () => {
    expect(judge('log.retention.ms', 'soon', 'cluster')).toContain('Not a number of type LONG');
    expect(judge('listener.name.public.max.connections', '-1')).toContain('Value must be at least 0');
  });
  test('what topics may not have is not to be had as their default either', () => {
    expect(judge('compression.lz4.level', '3', 'cluster')).toContain('The level of lz4 is fixed');
    expect(judge('compression.lz4.level', '9', 'cluster')).toBe(null);
  });
  test('names that only a plugin knows are allowed', () => {
    expect(judge('my.plugin.level', 'x')).toBe(null);
  });
});

test('what a broker is started with must be of the config’s type and among its values', () => {
  const selector = (name: string) => validateBrokerProperties({ 'replica.selector.class': name });
  expect(selector('org.apache.kafka.common.replica.RackAwareReplicaSelector')).toBeNull();
  expect(selector('org.apache.kafka.common.replica.LeaderSelector')).toBeNull();
  expect(selector('RackAwareReplicaSelector')).toMatch('Invalid value RackAwareReplicaSelector');
  expect(validateBrokerProperties({ 'num.partitions': 'many' })).toMatch('num.partitions');
  expect(validateBrokerProperties({ 'log.retention.hours': '0' })).toMatch('log.retention.ms must be');
  expect(validateBrokerProperties({ 'log.retention.hours': '0', 'log.retention.ms': '5' })).toBe(null);
  expect(validateBrokerProperties({ 'replica.fetch.wait.max.ms': '30001' })).toMatch(
    'replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms',
  );
  expect(validateBrokerProperties({ 'replica.lag.time.max.ms': '499' })).toMatch(
    'replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms',
  );
  expect(validateBrokerProperties({ 'queued.max.request.bytes': '1000' })).toMatch(
    'queued.max.request.bytes must be larger or equal to socket.request.max.bytes',
  );
  expect(validateBrokerProperties({ 'connections.max.idle.ms': '100' })).toMatch(
    'connection.failed.authentication.delay.ms=100 should always be less than connections.max.idle.ms=100',
  );
  expect(validateBrokerProperties({ 'num.partitons': '3' })).toBe(
    'Unknown broker config name: num.partitons',
  );
  expect(validateBrokerProperties({ 'log.dirs': '/data' })).toBe(
    'Invalid value /data for configuration log.dirs: Millrace assigns it when it starts the broker',
  );
});

test('subscriptions to client metrics are judged as Kafka judges them', () => {
  const judge = (name: string, value: string) => validateClientMetricsConfigs(new Map([[name, value]]));
  expect(judge('interval.ms', '100')).toBe(null);
  expect(judge('interval.ms', '5')).toEqual({
    error: 'INVALID_REQUEST',
    message: 'Invalid value 5 for interval.ms, interval must be between 100 and 3600000 (1 hour)',
  });
  // As ClientMetricsConfigs.validate of Apache Kafka 4.3.1.
  for (const match of ['client_id=a', ' client_id = a , client_source_port=2', '', 'client_id=a,client_id=b'])
    expect(judge('match', match), match).toBe(null);
  for (const match of ['client_id=a=b', 'client_id=', 'client_id=(', 'Client_id=a', '=a', 'x=a'])
    expect(judge('match', match)).toEqual({
      error: 'INVALID_CONFIG',
      message: `Illegal client matching pattern: ${match}`,
    });
  expect(judge('metrics', 'a,,b')).toEqual({
    error: 'INVALID_CONFIG',
    message: "Configuration 'metrics' values must not be empty.",
  });
  expect(judge('interval', '5')).toEqual({
    error: 'INVALID_REQUEST',
    message: 'Unknown client metrics configuration: interval',
  });
});

describe('every config says who obeys it', () => {
  const all = [...brokerConfigs.values(), ...topicConfigs.values(), ...groupConfigs.values()];

  test('what can be changed while brokers run is not read at their start only', () => {
    const late = [...brokerConfigs.values()].filter(
      ({ dynamic, obedience }) => dynamic !== 'read-only' && obedience.when === 'at start',
    );
    expect(late.map(({ name }) => name)).toEqual([]);
  });

  test('what cannot be changed while brokers run is not said to be live', () => {
    const early = [...brokerConfigs.values()].filter(
      ({ dynamic, obedience }) => dynamic === 'read-only' && obedience.when === 'live',
    );
    expect(early.map(({ name }) => name)).toEqual([]);
  });

  test('the default of a topic config is obeyed as the topic config is', () => {
    const differing = [...topicConfigs.values()].flatMap((key) =>
      key.brokerConfigs.flatMap(({ name }) => {
        const from = brokerConfigs.get(name)?.obedience.when;
        const agrees = from === key.obedience.when || (key.obedience.when === 'live' && from === 'at start');
        return agrees ? [] : [`${key.name} from ${name}`];
      }),
    );
    expect(differing).toEqual([]);
  });

  test('a reason is a sentence without its full stop', () => {
    for (const { name, obedience } of all)
      if ('reason' in obedience) expect(obedience.reason, name).toMatch(/^[A-Z].*[^.]$/);
  });
});

test('docs/configs.md is made from the tables', async () => {
  const page = join(import.meta.dirname, '../../../docs/configs.md');
  expect(readFileSync(page, 'utf8'), 'run: node scripts/configs-page.ts > docs/configs.md').toBe(
    configsPage(),
  );
});
