import { controllerConfigs } from '../../../../metadata/configs/broker/controller-configs.ts';
import { quotasAndMetricsConfigs } from '../../../../metadata/configs/broker/quotas-and-metrics-configs.ts';
import { replicationConfigs } from '../../../../metadata/configs/broker/replication-configs.ts';
import { topicsConfigs } from '../../../../metadata/configs/broker/topics-configs.ts';
import { topicKeys } from '../../../../metadata/configs/topic-configs.ts';
import { type ConfigEffect, effect } from '../config-effect.ts';

/** Replicas, who leads them, how brokers copy, and the life of a broker as the controller sees it. */
export const replicationEffects: readonly ConfigEffect[] = [
  effect(topicKeys.minInsyncReplicas, '7', (c) => c.topic.minInSyncReplicas, 7),
  effect(replicationConfigs.minInsyncReplicas, '7', (c) => c.topic.minInSyncReplicas, 7),
  effect(topicKeys.uncleanLeaderElectionEnable, 'true', (c) => c.electsUncleanLeaders, true),
  effect(replicationConfigs.uncleanLeaderElectionEnable, 'true', (c) => c.electsUncleanLeaders, true),
  effect(
    topicKeys.leaderReplicationThrottledReplicas,
    '3:1,4:2',
    (c) => c.topic.throttledAsLeader,
    new Set([3]),
  ),
  effect(topicKeys.followerReplicationThrottledReplicas, '*', (c) => c.topic.throttledAsFollower, 'all'),
  effect(
    quotasAndMetricsConfigs.leaderReplicationThrottledRate,
    '7',
    (c) => c.replicas.throttledAsLeader(),
    7,
  ),
  effect(
    quotasAndMetricsConfigs.followerReplicationThrottledRate,
    '7',
    (c) => c.replicas.throttledAsFollower(),
    7,
  ),
  effect(replicationConfigs.replicationQuotaWindowNum, '7', (c) => c.replicas.throttleWindows().count, 7),
  effect(
    replicationConfigs.replicationQuotaWindowSizeSeconds,
    '7',
    (c) => c.replicas.throttleWindows().lengthMs,
    7000,
  ),
  effect(replicationConfigs.replicaLagTimeMaxMs, '7000', (c) => c.replicas.lagTimeMaxMs(), 7000),
  effect(replicationConfigs.replicaFetchBackoffMs, '7', (c) => c.fetching.backoffMs, 7),
  effect(replicationConfigs.replicaFetchMaxBytes, '7', (c) => c.fetching.partitionBytesMax, 7),
  effect(replicationConfigs.replicaFetchMinBytes, '7', (c) => c.fetching.minBytes, 7),
  effect(replicationConfigs.replicaFetchResponseMaxBytes, '7', (c) => c.fetching.responseBytesMax, 7),
  effect(replicationConfigs.replicaFetchWaitMaxMs, '7', (c) => c.fetching.waitMaxMs, 7),
  effect(replicationConfigs.replicaSocketTimeoutMs, '7000', (c) => c.fetching.answerTimeoutMs, 7000),
  effect(
    replicationConfigs.replicaHighWatermarkCheckpointIntervalMs,
    '7',
    (c) => c.intervals.highWatermarkMs,
    7,
  ),
  effect(replicationConfigs.autoLeaderRebalanceEnable, 'false', (c) => c.controller.balancesLeaders, false),
  effect(
    replicationConfigs.leaderImbalanceCheckIntervalSeconds,
    '7',
    (c) => c.controller.imbalanceCheckMs,
    7000,
  ),
  effect(replicationConfigs.uncleanLeaderElectionIntervalMs, '7', (c) => c.controller.uncleanElectionMs, 7),
  effect(
    replicationConfigs.defaultReplicationFactor,
    '7',
    (c) => c.controller.topicDefaults.replicationFactor,
    7,
  ),
  effect(topicsConfigs.numPartitions, '7', (c) => c.controller.topicDefaults.numPartitions, 7),
  effect(controllerConfigs.brokerHeartbeatIntervalMs, '7', (c) => c.heartbeat.intervalMs, 7),
  effect(
    controllerConfigs.brokerSessionTimeoutMs,
    '7000',
    (c) => [c.heartbeat.sessionMs, c.controller.brokerSessionMs],
    [7000, 7000],
  ),
];
