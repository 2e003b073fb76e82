import { quotasAndMetricsConfigs } from '../../metadata/configs/broker/quotas-and-metrics-configs.ts';
import { replicationConfigs } from '../../metadata/configs/broker/replication-configs.ts';
import type { BrokerSettings } from './broker-settings.ts';

/** What rules this broker's replicas, as it is in force when it is asked for. */
export function replicaConfig(settings: BrokerSettings) {
  return {
    lagTimeMaxMs: () => settings.get(replicationConfigs.replicaLagTimeMaxMs),
    /** Bytes a second. */
    throttledAsLeader: () => settings.get(quotasAndMetricsConfigs.leaderReplicationThrottledRate),
    /** Bytes a second. */
    throttledAsFollower: () => settings.get(quotasAndMetricsConfigs.followerReplicationThrottledRate),
    throttleWindows: () => ({
      count: settings.get(replicationConfigs.replicationQuotaWindowNum),
      lengthMs: settings.get(replicationConfigs.replicationQuotaWindowSizeSeconds) * 1000,
    }),
  };
}
