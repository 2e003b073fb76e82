import { describe, expect, test } from 'vitest';
import { ConfigDescriptions } from '../../broker/configs/config-descriptions.ts';
import recorded from '../../metadata/configs/kafka-configs.vector.json' with { type: 'json' };
import { ConfigsDelta, ConfigsImage, configResourceTypes } from '../../metadata/configs.ts';
import { isApiError } from '../aws/api-error.ts';
import { configurationChange, liveValues } from './configuration-change.ts';
import { readServerProperties } from './server-properties.ts';
import { settableProperties } from './settable-properties.ts';

/** A value of each property that AWS's guide lists for standard brokers, and one beyond its range. */
const VALUES: readonly (readonly [name: string, allowed: string, refused: string])[] = [
  ['allow.everyone.if.no.acl.found', 'true', 'yes'],
  ['auto.create.topics.enable', 'false', '0'],
  ['compression.type', 'zstd', 'brotli'],
  ['connections.max.idle.ms', '60000', '1.5'],
  ['default.replication.factor', '2', '0'],
  ['delete.topic.enable', 'false', '1'],
  ['group.initial.rebalance.delay.ms', '0', 'soon'],
  ['group.max.session.timeout.ms', '600000', '2147483648'],
  ['group.min.session.timeout.ms', '7000', ''],
  ['leader.imbalance.per.broker.percentage', '11', '-1'],
  ['log.cleaner.delete.retention.ms', '1', '-1'],
  ['log.cleaner.min.cleanable.ratio', '0.25', '1.1'],
  ['log.cleanup.policy', 'compact,delete', 'compact,keep'],
  ['log.flush.interval.messages', '1', '0'],
  ['log.flush.interval.ms', '1', 'x'],
  ['log.message.timestamp.after.max.ms', '0', '-1'],
  ['log.message.timestamp.before.max.ms', '0', '-1'],
  ['log.message.timestamp.difference.max.ms', '0', '-1'],
  ['log.message.timestamp.type', 'LogAppendTime', 'Never'],
  ['log.retention.bytes', '1', '9223372036854775808'],
  ['log.retention.hours', '1', 'x'],
  ['log.retention.minutes', '1', 'x'],
  ['log.retention.ms', '-1', '0'],
  ['log.roll.ms', '1', '0'],
  ['log.segment.bytes', '1048576', '1048575'],
  ['max.incremental.fetch.session.cache.slots', '0', '-1'],
  ['message.max.bytes', '0', '-1'],
  ['min.insync.replicas', '2', '0'],
  ['num.io.threads', '1', '0'],
  ['num.network.threads', '1', '0'],
  ['num.partitions', '2', '0'],
  ['num.recovery.threads.per.data.dir', '1', '0'],
  ['num.replica.fetchers', '2', '0'],
  ['offsets.retention.minutes', '1', '0'],
  ['offsets.topic.replication.factor', '2', '32768'],
  ['replica.fetch.max.bytes', '0', '-1'],
  ['replica.fetch.response.max.bytes', '0', '-1'],
  ['replica.lag.time.max.ms', '10000', '9999'],
  [
    'replica.selector.class',
    'org.apache.kafka.common.replica.RackAwareReplicaSelector',
    'com.example.Nearest',
  ],
  ['replica.socket.receive.buffer.bytes', '1', 'x'],
  ['socket.receive.buffer.bytes', '-1', '-2'],
  ['socket.request.max.bytes', '1', '0'],
  ['socket.send.buffer.bytes', '-1', '-2'],
  ['transaction.max.timeout.ms', '1', '0'],
  ['transaction.state.log.min.isr', '1', '0'],
  ['transaction.state.log.replication.factor', '2', '0'],
  ['transactional.id.expiration.ms', '1', '0'],
  ['unclean.leader.election.enable', 'true', 'maybe'],
  ['zookeeper.connection.timeout.ms', '6000', '5999'],
  ['zookeeper.session.timeout.ms', '6000', '18001'],
];

test('these are all properties that a configuration may set', () => {
  expect(VALUES.map(([name]) => name)).toEqual([...settableProperties.keys()]);
});

describe('a value beyond its range is refused with the names of the property and of the field', () => {
  test.each(VALUES)('%s', (name, allowed, refused) => {
    expect(readServerProperties(`${name}=${allowed}`)).toEqual({ [name]: allowed });
    const answer = readServerProperties(`${name} = ${refused}\n`);
    expect(answer).toMatchObject({ error: 'BadRequestException', invalidParameter: 'serverProperties' });
    expect(answer).toHaveProperty('message', expect.stringContaining(name));
  });
});

test('each reaches the brokers: at once what Kafka changes while it runs, else with their next start', () => {
  const former = ['leader.imbalance.', 'zookeeper.', 'log.message.timestamp.difference.'];
  const values = VALUES.filter(([name]) => !former.some((prefix) => name.startsWith(prefix)));
  const after = readServerProperties(values.map(([name, value]) => `${name}=${value}`).join('\n'));
  if (isApiError(after)) return expect.fail(after.message);
  const step = { base: {}, before: {}, after, started: [{}] };
  const delta = new ConfigsDelta(ConfigsImage.empty);
  for (const [name, value] of Object.entries(liveValues(step)))
    delta.replay({
      type: 'ConfigRecord',
      resourceType: configResourceTypes.broker,
      resourceName: '',
      name,
      value,
    });
  const { rolling, withoutEffect } = configurationChange(step);
  const properties = new Map(rolling.map((name) => [name, after[name] ?? '']));
  const told = new Map(
    new ConfigDescriptions(
      { includeSynonyms: false, includeDocumentation: false },
      { configs: delta.apply(), brokerId: 1, properties },
    )
      .broker()
      .map(({ name, value, configSource }) => [name, { value, configSource }]),
  );
  const modes: Readonly<Record<string, string | undefined>> = recorded.dynamicModes;
  for (const [name, value] of values) {
    if (withoutEffect.includes(name)) continue;
    const configSource = modes[name] === undefined ? 4 : 3;
    expect(told.get(name), name).toEqual({ value, configSource });
  }
});

test.each([
  ['message.max.byte=1', 'Did you mean message.max.bytes?'],
  // What topics call it.
  ['max.message.bytes=1', 'Did you mean message.max.bytes?'],
  ['retention.ms=1', 'Did you mean log.retention.ms?'],
])('%s is told what was probably meant', (text, question) => {
  const read = readServerProperties(text);
  expect(isApiError(read) && read.message).toContain(question);
});

test.each(['log.dirs=/tmp', `${'message.max.bytes'.repeat(3000)}=1`])(
  'of %.20s nothing is guessed',
  (text) => {
    const read = readServerProperties(text);
    expect(isApiError(read) && read.message).toMatch(/cannot be set by a configuration\. Valid properties: /);
  },
);
