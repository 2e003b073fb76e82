import { className, int, list, long, MAX_LONG, string } from '../config-key.ts';
import { atStart, live, noEffect, refused } from '../config-obedience.ts';
import { atLeast } from '../config-valid.ts';
import { noJavaClasses } from '../not-built.ts';

/** Quotas, metrics, and what Kafka takes plugins for. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const quotasAndMetricsConfigs = {
  alterLogDirsReplicationQuotaWindowNum: int('alter.log.dirs.replication.quota.window.num', 11, 'Samples kept for the quota of moves between log directories.', noEffect("A broker has one data folder, so replicas do not move between folders"), { importance: 'LOW', valid: atLeast(1) }),
  alterLogDirsReplicationQuotaWindowSizeSeconds: int('alter.log.dirs.replication.quota.window.size.seconds', 1, 'Length of a sample of that quota.', noEffect("A broker has one data folder, so replicas do not move between folders"), { importance: 'LOW', valid: atLeast(1) }),
  clientQuotaCallbackClass: className('client.quota.callback.class', null, 'A class that decides the quotas of clients.', refused(noJavaClasses), { importance: 'LOW' }),
  configProviders: list('config.providers', '', 'Names of providers that configs may refer to.', refused(noJavaClasses), { importance: 'LOW', dynamic: 'cluster-wide' }),
  controllerQuotaWindowNum: int('controller.quota.window.num', 11, 'Samples kept for the quota of changes of partitions.', atStart, { importance: 'LOW', valid: atLeast(1) }),
  controllerQuotaWindowSizeSeconds: int('controller.quota.window.size.seconds', 1, 'Length of a sample of that quota.', atStart, { importance: 'LOW', valid: atLeast(1) }),
  kafkaMetricsPollingIntervalSecs: int('kafka.metrics.polling.interval.secs', 10, 'How often the metrics reporters of the old kind are asked.', noEffect('Metrics are counters and rates, without samples and reporters'), { importance: 'LOW', valid: atLeast(1) }),
  kafkaMetricsReporters: list('kafka.metrics.reporters', '', 'Metrics reporters of the old kind.', refused(noJavaClasses), { importance: 'LOW' }),
  metricReporters: list('metric.reporters', 'org.apache.kafka.common.metrics.JmxReporter', 'Classes that metrics are reported to.', refused(noJavaClasses), { importance: 'LOW', dynamic: 'cluster-wide' }),
  metricsNumSamples: int('metrics.num.samples', 2, 'Samples kept for a metric.', noEffect('Metrics are counters and rates, without samples and reporters'), { importance: 'LOW', valid: atLeast(1) }),
  metricsRecordingLevel: string('metrics.recording.level', 'INFO', 'The least level of metrics that are recorded.', noEffect('Metrics are counters and rates, without samples and reporters'), { importance: 'LOW' }),
  metricsSampleWindowMs: long('metrics.sample.window.ms', 30_000, 'Length of a sample of a metric.', noEffect('Metrics are counters and rates, without samples and reporters'), { importance: 'LOW', valid: atLeast(1) }),
  quotaWindowNum: int('quota.window.num', 11, 'Samples kept for client quotas.', atStart, { importance: 'LOW', valid: atLeast(1) }),
  quotaWindowSizeSeconds: int('quota.window.size.seconds', 1, 'Length of a sample of client quotas.', atStart, { importance: 'LOW', valid: atLeast(1) }),
  telemetryMaxBytes: int('telemetry.max.bytes', 1_048_576, 'The largest push of client metrics.', noEffect('Client telemetry is not served'), { importance: 'LOW', valid: atLeast(1) }),
  // These exist only as dynamic configs; a broker has no such property.
  followerReplicationThrottledRate: long('follower.replication.throttled.rate', MAX_LONG, 'Bytes a second that throttled followers of this broker may fetch.', live, { dynamic: 'cluster-wide', valid: atLeast(0), internal: true }),
  leaderReplicationThrottledRate: long('leader.replication.throttled.rate', MAX_LONG, 'Bytes a second that this broker may send to throttled followers.', live, { dynamic: 'cluster-wide', valid: atLeast(0), internal: true }),
  replicaAlterLogDirsIoMaxBytesPerSecond: long('replica.alter.log.dirs.io.max.bytes.per.second', MAX_LONG, 'Bytes a second that moves between log directories may copy.', noEffect("A broker has one data folder, so replicas do not move between folders"), { dynamic: 'cluster-wide', valid: atLeast(0), internal: true }),
} as const;
