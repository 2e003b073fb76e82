/**
 * What a cluster's brokers are given beyond Apache Kafka's defaults. The first table is MSK's for standard brokers without a
 * configuration of their own; keys that mean nothing here (ZooKeeper's) are left out.
 */

/**
 * A topic has one replica until brokers copy from each other, and a larger factor is refused. When they do, the limit goes and the
 * table below becomes MSK's: three replicas (two in two zones), of which two must be in sync.
 */
export const MAX_REPLICATION_FACTOR = 1;

const REPLICATION: Readonly<Record<string, string>> = {
  'default.replication.factor': '1',
  'min.insync.replicas': '1',
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
};

export const MSK_BROKER_DEFAULTS: Readonly<Record<string, string>> = {
  'auto.create.topics.enable': 'false',
  'auto.leader.rebalance.enable': 'true',
  'num.io.threads': '8',
  'num.network.threads': '5',
  'num.partitions': '1',
  'num.replica.fetchers': '2',
  'replica.lag.time.max.ms': '30000',
  'socket.request.max.bytes': '104857600',
  'unclean.leader.election.enable': 'true',
  ...REPLICATION,
};

/** The cluster that `millrace up` makes on its own is for trying things: the first produce makes its topic. */
export const DEMO_BROKER_DEFAULTS: Readonly<Record<string, string>> = {
  ...MSK_BROKER_DEFAULTS,
  'auto.create.topics.enable': 'true',
};
