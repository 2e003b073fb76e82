import { assert } from '../../base/assert.ts';
import { brokerConfig } from '../../metadata/configs/broker-configs.ts';
import { byName, type ConfigKey, int, long, type Validate } from '../../metadata/configs/config-key.ts';
import { noEffect } from '../../metadata/configs/config-obedience.ts';
import { atLeast, between } from '../../metadata/configs/config-valid.ts';

/**
 * What MSK lets a configuration of standard brokers set; type and range are those of the table of all
 * configs.
 */
const NAMES = [
  'allow.everyone.if.no.acl.found',
  'auto.create.topics.enable',
  'compression.type',
  'connections.max.idle.ms',
  'default.replication.factor',
  'delete.topic.enable',
  'group.initial.rebalance.delay.ms',
  'group.max.session.timeout.ms',
  'group.min.session.timeout.ms',
  'log.cleaner.delete.retention.ms',
  'log.cleaner.min.cleanable.ratio',
  'log.cleanup.policy',
  'log.flush.interval.messages',
  'log.flush.interval.ms',
  'log.message.timestamp.after.max.ms',
  'log.message.timestamp.before.max.ms',
  'log.message.timestamp.type',
  'log.retention.bytes',
  'log.retention.hours',
  'log.retention.minutes',
  'log.retention.ms',
  'log.roll.ms',
  'log.segment.bytes',
  'max.incremental.fetch.session.cache.slots',
  'message.max.bytes',
  'min.insync.replicas',
  'num.io.threads',
  'num.network.threads',
  'num.partitions',
  'num.recovery.threads.per.data.dir',
  'num.replica.fetchers',
  'offsets.retention.minutes',
  'offsets.topic.replication.factor',
  'replica.fetch.max.bytes',
  'replica.fetch.response.max.bytes',
  'replica.lag.time.max.ms',
  'replica.selector.class',
  'replica.socket.receive.buffer.bytes',
  'socket.receive.buffer.bytes',
  'socket.request.max.bytes',
  'socket.send.buffer.bytes',
  'transaction.max.timeout.ms',
  'transaction.state.log.min.isr',
  'transaction.state.log.replication.factor',
  'transactional.id.expiration.ms',
  'unclean.leader.election.enable',
] as const;

/** Where MSK's range is narrower than Kafka's. */
const RANGES: Readonly<Record<string, Validate>> = {
  'default.replication.factor': atLeast(1),
  'replica.lag.time.max.ms': between(10_000, 30_000),
  'socket.receive.buffer.bytes': atLeast(-1),
  'socket.send.buffer.bytes': atLeast(-1),
};

/**
 * What the newest Kafka does not have any more. MSK still takes it, and configurations of older clusters
 * carry it.
 */
// biome-ignore format: a table with one config a row is easier to read and to compare.
const FORMER = {
  leaderImbalance: int('leader.imbalance.per.broker.percentage', 10, 'How uneven leadership may become.', noEffect('Leadership always goes back to preferred replicas'), { valid: atLeast(0) }),
  timestampDifference: long('log.message.timestamp.difference.max.ms', null, 'What before.max.ms and after.max.ms are, where they are not set.', noEffect('It stands for two others'), { valid: atLeast(0) }),
  zookeeperConnection: int('zookeeper.connection.timeout.ms', 18_000, 'How long a broker waits for ZooKeeper.', noEffect('There is no ZooKeeper'), { valid: between(6000, 18_000) }),
  zookeeperSession: int('zookeeper.session.timeout.ms', 18_000, 'How long a session with ZooKeeper lasts.', noEffect('There is no ZooKeeper'), { valid: between(6000, 18_000) }),
} as const;

/** Every property that a configuration may set, by name. */
export const settableProperties: ReadonlyMap<string, ConfigKey> = new Map(
  [...NAMES.map(withRange), ...byName(FORMER).values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((key) => [key.name, key]),
);

function withRange(name: string): ConfigKey {
  const key = brokerConfig(name);
  assert(key, `the table of configs has ${name}`);
  const valid = RANGES[name];
  return valid ? { ...key, valid } : key;
}

const DIFFERENCE = 'log.message.timestamp.difference.max.ms';

/** The properties as brokers of the newest Kafka obey them. */
export function obeyedProperties(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const former = new Set(byName(FORMER).keys());
  const obeyed = Object.fromEntries(Object.entries(given).filter(([name]) => !former.has(name)));
  const difference = given[DIFFERENCE];
  if (difference === undefined) return obeyed;
  return {
    'log.message.timestamp.before.max.ms': difference,
    'log.message.timestamp.after.max.ms': difference,
    ...obeyed,
  };
}
