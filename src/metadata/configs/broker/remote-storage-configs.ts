import { bool, double, int, long, MAX_LONG, string } from '../config-key.ts';
import { atLeast, between, notEmpty } from '../config-valid.ts';

/** Tiered storage (KIP-405), which Millrace does not have. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const remoteStorageConfigs = [
  bool('follower.fetch.last.tiered.offset.enable', false, 'Whether a new follower of a tiered topic begins at what is not in remote storage yet.', { dynamic: 'cluster-wide' }),
  int('remote.fetch.max.wait.ms', 500, 'How long a fetch waits for remote storage.', { dynamic: 'cluster-wide', valid: atLeast(1) }),
  long('remote.list.offsets.request.timeout.ms', 30_000, 'How long a search for an offset waits for remote storage.', { dynamic: 'cluster-wide', valid: atLeast(1) }),
  long('remote.log.index.file.cache.total.size.bytes', 1_073_741_824, 'Disk space for indexes fetched from remote storage.', { importance: 'LOW', dynamic: 'cluster-wide', valid: atLeast(1) }),
  long('remote.log.index.file.cache.ttl.ms', 900_000, 'How long an unused index stays in that space.', { importance: 'LOW', valid: atLeast(-1), internal: true }),
  int('remote.log.manager.copier.thread.pool.size', 10, 'Threads that copy to remote storage.', { dynamic: 'cluster-wide', valid: atLeast(1) }),
  long('remote.log.manager.copy.max.bytes.per.second', MAX_LONG, 'How fast segments may be copied to remote storage.', { dynamic: 'cluster-wide', valid: atLeast(1) }),
  int('remote.log.manager.copy.quota.window.num', 11, 'Samples kept for that quota.', { valid: atLeast(1) }),
  int('remote.log.manager.copy.quota.window.size.seconds', 1, 'Length of a sample of that quota.', { valid: atLeast(1) }),
  int('remote.log.manager.expiration.thread.pool.size', 10, 'Threads that delete from remote storage.', { dynamic: 'cluster-wide', valid: atLeast(1) }),
  long('remote.log.manager.fetch.max.bytes.per.second', MAX_LONG, 'How fast segments may be fetched from remote storage.', { dynamic: 'cluster-wide', valid: atLeast(1) }),
  int('remote.log.manager.fetch.quota.window.num', 11, 'Samples kept for that quota.', { valid: atLeast(1) }),
  int('remote.log.manager.fetch.quota.window.size.seconds', 1, 'Length of a sample of that quota.', { valid: atLeast(1) }),
  int('remote.log.manager.follower.thread.pool.size', 2, 'Threads that prepare followers of tiered partitions.', { dynamic: 'cluster-wide', valid: atLeast(1) }),
  long('remote.log.manager.task.interval.ms', 30_000, 'How often segments to copy or delete are looked for.', { importance: 'LOW', valid: atLeast(1) }),
  long('remote.log.manager.task.retry.backoff.max.ms', 30_000, 'The longest wait before such a task is tried again.', { importance: 'LOW', valid: atLeast(1), internal: true }),
  long('remote.log.manager.task.retry.backoff.ms', 500, 'The first wait before such a task is tried again.', { importance: 'LOW', valid: atLeast(1), internal: true }),
  double('remote.log.manager.task.retry.jitter', 0.2, 'How much those waits vary.', { importance: 'LOW', valid: between(0, 0.5), internal: true }),
  int('remote.log.manager.thread.pool.size', 2, 'Threads of the remote log manager.', { valid: atLeast(1) }),
  int('remote.log.metadata.custom.metadata.max.bytes', 128, 'Most bytes of metadata a storage plugin may add to a segment.', { importance: 'LOW', valid: atLeast(0) }),
  string('remote.log.metadata.manager.class.name', 'org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager', 'The class that keeps the list of remote segments.', { valid: notEmpty }),
  string('remote.log.metadata.manager.class.path', null, 'Where that class is found.'),
  string('remote.log.metadata.manager.impl.prefix', 'rlmm.config.', 'How the names of its own configs begin.', { valid: notEmpty }),
  string('remote.log.metadata.manager.listener.name', null, 'The listener it uses to reach the brokers.', { valid: notEmpty }),
  int('remote.log.reader.max.pending.tasks', 100, 'Most reads of remote storage that may wait.', { valid: atLeast(1) }),
  int('remote.log.reader.threads', 10, 'Threads that read from remote storage.', { dynamic: 'cluster-wide', valid: atLeast(1) }),
  string('remote.log.storage.manager.class.name', null, 'The class that stores remote segments.', { valid: notEmpty }),
  string('remote.log.storage.manager.class.path', null, 'Where that class is found.'),
  string('remote.log.storage.manager.impl.prefix', 'rsm.config.', 'How the names of its own configs begin.', { valid: notEmpty }),
  bool('remote.log.storage.system.enable', false, 'Whether tiered storage is available at all.'),
];
