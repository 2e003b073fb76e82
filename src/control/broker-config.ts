/**
 * What a cluster's brokers are given beyond Apache Kafka's defaults: MSK's values for standard brokers
 * without a configuration of their own. Keys that mean nothing here (ZooKeeper's) are left out.
 */
export function mskBrokerDefaults(zones: number): Readonly<Record<string, string>> {
  return {
    // Every cluster of MSK has the authorizer, and is open until its first ACL.
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': 'true',
    'auto.create.topics.enable': 'false',
    'auto.leader.rebalance.enable': 'true',
    'num.io.threads': '8',
    'num.network.threads': '5',
    'num.partitions': '1',
    'num.replica.fetchers': '2',
    'replica.lag.time.max.ms': '30000',
    'socket.request.max.bytes': '104857600',
    // MSK's default, which prefers an answer to the data: a replica that is behind may lead when no other is
    // left.
    'unclean.leader.election.enable': 'true',
    // Long enough for every broker to be back after all were restarted, so that those in sync lead again.
    'unclean.leader.election.interval.ms': '10000',
    ...copies(zones),
  };
}

/**
 * The cluster that `millrace up` makes on its own is for trying things: the first produce makes its topic,
 * and what was acknowledged is never given up for an answer. Where nobody signs in there are no ACLs.
 */
export function demoBrokerDefaults(zones: number, signsIn: boolean): Readonly<Record<string, string>> {
  return {
    ...mskBrokerDefaults(zones),
    ...(signsIn ? {} : { 'authorizer.class.name': '' }),
    'auto.create.topics.enable': 'true',
    'unclean.leader.election.enable': 'false',
  };
}

/** A copy in each zone, up to three; a write needs two of three, so that one zone may fail. */
function copies(zones: number): Record<string, string> {
  const factor = String(Math.min(zones, 3));
  const inSync = zones >= 3 ? '2' : '1';
  return {
    'default.replication.factor': factor,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': factor,
    'transaction.state.log.replication.factor': factor,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.replication.factor': factor,
    'share.coordinator.state.topic.min.isr': inSync,
  };
}
