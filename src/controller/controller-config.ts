import { controllerConfigs } from '../metadata/configs/broker/controller-configs.ts';
import { quotasAndMetricsConfigs } from '../metadata/configs/broker/quotas-and-metrics-configs.ts';
import { replicationConfigs } from '../metadata/configs/broker/replication-configs.ts';
import { topicsConfigs } from '../metadata/configs/broker/topics-configs.ts';
import type { ConfigKey } from '../metadata/configs/config-key.ts';
import type { ConfigsImage } from '../metadata/configs.ts';
import type { ConfigRules } from './config-rules.ts';

/** leader.imbalance.check.interval.seconds has no shorter unit. */
const SECOND_MS = 1000;

/** What the controller obeys itself, as it is in force with these configs. */
export function controllerConfig(rules: ConfigRules, configs: ConfigsImage) {
  const get = <Value>(key: ConfigKey<Value>): Value => rules.own(key, configs);
  return {
    brokerSessionMs: get(controllerConfigs.brokerSessionTimeoutMs),
    /** Whether leadership moves back to preferred replicas by itself, and how often that is looked at. */
    balancesLeaders: get(replicationConfigs.autoLeaderRebalanceEnable),
    imbalanceCheckMs: get(replicationConfigs.leaderImbalanceCheckIntervalSeconds) * SECOND_MS,
    uncleanElectionMs: get(replicationConfigs.uncleanLeaderElectionIntervalMs),
    /** Over which the quota of changes of partitions is measured. */
    mutationQuotaSeconds:
      get(quotasAndMetricsConfigs.controllerQuotaWindowNum) *
      get(quotasAndMetricsConfigs.controllerQuotaWindowSizeSeconds),
    topicDefaults: {
      numPartitions: get(topicsConfigs.numPartitions),
      replicationFactor: get(replicationConfigs.defaultReplicationFactor),
    },
  };
}
