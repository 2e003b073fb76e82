import { className, int, list, long, MAX_LONG, string } from '../config-key.ts';
import { atLeast } from '../config-valid.ts';

/** Quotas, metrics, and what Kafka takes plugins for. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const quotasAndMetricsConfigs = [
  int('alter.log.dirs.replication.quota.window.num', 11, 'Samples kept for the quota of moves between log directories.', { importance: 'LOW', valid: atLeast(1) }),
  int('alter.log.dirs.replication.quota.window.size.seconds', 1, 'Length of a sample of that quota.', { importance: 'LOW', valid: atLeast(1) }),
  className('client.quota.callback.class', null, 'A class that decides the quotas of clients.', { importance: 'LOW' }),
  list('config.providers', '', 'Names of providers that configs may refer to.', { importance: 'LOW', dynamic: 'cluster-wide' }),
  int('controller.quota.window.num', 11, 'Samples kept for the quota of changes of partitions.', { importance: 'LOW', valid: atLeast(1) }),
  int('controller.quota.window.size.seconds', 1, 'Length of a sample of that quota.', { importance: 'LOW', valid: atLeast(1) }),
  int('kafka.metrics.polling.interval.secs', 10, 'How often the metrics reporters of the old kind are asked.', { importance: 'LOW', valid: atLeast(1) }),
  list('kafka.metrics.reporters', '', 'Metrics reporters of the old kind.', { importance: 'LOW' }),
  list('metric.reporters', 'org.apache.kafka.common.metrics.JmxReporter', 'Classes that metrics are reported to.', { importance: 'LOW', dynamic: 'cluster-wide' }),
  int('metrics.num.samples', 2, 'Samples kept for a metric.', { importance: 'LOW', valid: atLeast(1) }),
  string('metrics.recording.level', 'INFO', 'The least level of metrics that are recorded.', { importance: 'LOW' }),
  long('metrics.sample.window.ms', 30_000, 'Length of a sample of a metric.', { importance: 'LOW', valid: atLeast(1) }),
  int('quota.window.num', 11, 'Samples kept for client quotas.', { importance: 'LOW', valid: atLeast(1) }),
  int('quota.window.size.seconds', 1, 'Length of a sample of client quotas.', { importance: 'LOW', valid: atLeast(1) }),
  int('telemetry.max.bytes', 1_048_576, 'The largest push of client metrics.', { importance: 'LOW', valid: atLeast(1) }),
  // These exist only as dynamic configs; a broker has no such property.
  long('follower.replication.throttled.rate', MAX_LONG, 'Bytes a second that throttled followers of this broker may fetch.', { dynamic: 'cluster-wide', valid: atLeast(0), internal: true }),
  long('leader.replication.throttled.rate', MAX_LONG, 'Bytes a second that this broker may send to throttled followers.', { dynamic: 'cluster-wide', valid: atLeast(0), internal: true }),
  long('replica.alter.log.dirs.io.max.bytes.per.second', MAX_LONG, 'Bytes a second that moves between log directories may copy.', { dynamic: 'cluster-wide', valid: atLeast(0), internal: true }),
];
