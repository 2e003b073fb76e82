/** Kafka's own values of `replica.selector.class`; classes of others cannot be loaded here. */
export const LEADER_SELECTOR = 'org.apache.kafka.common.replica.LeaderSelector';
export const RACK_AWARE_SELECTOR = 'org.apache.kafka.common.replica.RackAwareReplicaSelector';
