import { bool, double, int, long, MAX_LONG, string } from '../config-key.ts';
import { noEffect, refused } from '../config-obedience.ts';
import { atLeast, betweenDoubles, notEmpty } from '../config-valid.ts';
import { noTieredStorage } from '../not-built.ts';

/** Tiered storage (KIP-405), which Millrace does not have. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const remoteStorageConfigs = {
  followerFetchLastTieredOffsetEnable: bool('follower.fetch.last.tiered.offset.enable', false, 'Whether a new follower of a tiered topic begins at what is not in remote storage yet.', noEffect(noTieredStorage), { dynamic: 'cluster-wide' }),
  remoteFetchMaxWaitMs: int('remote.fetch.max.wait.ms', 500, 'How long a fetch waits for remote storage.', noEffect(noTieredStorage), { dynamic: 'cluster-wide', valid: atLeast(1) }),
  remoteListOffsetsRequestTimeoutMs: long('remote.list.offsets.request.timeout.ms', 30_000, 'How long a search for an offset waits for remote storage.', noEffect(noTieredStorage), { dynamic: 'cluster-wide', valid: atLeast(1) }),
  remoteLogIndexFileCacheTotalSizeBytes: long('remote.log.index.file.cache.total.size.bytes', 1_073_741_824, 'Disk space for indexes fetched from remote storage.', noEffect(noTieredStorage), { importance: 'LOW', dynamic: 'cluster-wide', valid: atLeast(1) }),
  remoteLogIndexFileCacheTtlMs: long('remote.log.index.file.cache.ttl.ms', 900_000, 'How long an unused index stays in that space.', noEffect(noTieredStorage), { importance: 'LOW', valid: atLeast(-1), internal: true }),
  remoteLogManagerCopierThreadPoolSize: int('remote.log.manager.copier.thread.pool.size', 10, 'Threads that copy to remote storage.', noEffect(noTieredStorage), { dynamic: 'cluster-wide', valid: atLeast(1) }),
  remoteLogManagerCopyMaxBytesPerSecond: long('remote.log.manager.copy.max.bytes.per.second', MAX_LONG, 'How fast segments may be copied to remote storage.', noEffect(noTieredStorage), { dynamic: 'cluster-wide', valid: atLeast(1) }),
  remoteLogManagerCopyQuotaWindowNum: int('remote.log.manager.copy.quota.window.num', 11, 'Samples kept for that quota.', noEffect(noTieredStorage), { valid: atLeast(1) }),
  remoteLogManagerCopyQuotaWindowSizeSeconds: int('remote.log.manager.copy.quota.window.size.seconds', 1, 'Length of a sample of that quota.', noEffect(noTieredStorage), { valid: atLeast(1) }),
  remoteLogManagerExpirationThreadPoolSize: int('remote.log.manager.expiration.thread.pool.size', 10, 'Threads that delete from remote storage.', noEffect(noTieredStorage), { dynamic: 'cluster-wide', valid: atLeast(1) }),
  remoteLogManagerFetchMaxBytesPerSecond: long('remote.log.manager.fetch.max.bytes.per.second', MAX_LONG, 'How fast segments may be fetched from remote storage.', noEffect(noTieredStorage), { dynamic: 'cluster-wide', valid: atLeast(1) }),
  remoteLogManagerFetchQuotaWindowNum: int('remote.log.manager.fetch.quota.window.num', 11, 'Samples kept for that quota.', noEffect(noTieredStorage), { valid: atLeast(1) }),
  remoteLogManagerFetchQuotaWindowSizeSeconds: int('remote.log.manager.fetch.quota.window.size.seconds', 1, 'Length of a sample of that quota.', noEffect(noTieredStorage), { valid: atLeast(1) }),
  remoteLogManagerFollowerThreadPoolSize: int('remote.log.manager.follower.thread.pool.size', 2, 'Threads that prepare followers of tiered partitions.', noEffect(noTieredStorage), { dynamic: 'cluster-wide', valid: atLeast(1) }),
  remoteLogManagerTaskIntervalMs: long('remote.log.manager.task.interval.ms', 30_000, 'How often segments to copy or delete are looked for.', noEffect(noTieredStorage), { importance: 'LOW', valid: atLeast(1) }),
  remoteLogManagerTaskRetryBackoffMaxMs: long('remote.log.manager.task.retry.backoff.max.ms', 30_000, 'The longest wait before such a task is tried again.', noEffect(noTieredStorage), { importance: 'LOW', valid: atLeast(1), internal: true }),
  remoteLogManagerTaskRetryBackoffMs: long('remote.log.manager.task.retry.backoff.ms', 500, 'The first wait before such a task is tried again.', noEffect(noTieredStorage), { importance: 'LOW', valid: atLeast(1), internal: true }),
  remoteLogManagerTaskRetryJitter: double('remote.log.manager.task.retry.jitter', 0.2, 'How much those waits vary.', noEffect(noTieredStorage), { importance: 'LOW', valid: betweenDoubles(0, 0.5), internal: true }),
  remoteLogManagerThreadPoolSize: int('remote.log.manager.thread.pool.size', 2, 'Threads of the remote log manager.', noEffect(noTieredStorage), { valid: atLeast(1) }),
  remoteLogMetadataCustomMetadataMaxBytes: int('remote.log.metadata.custom.metadata.max.bytes', 128, 'Most bytes of metadata a storage plugin may add to a segment.', noEffect(noTieredStorage), { importance: 'LOW', valid: atLeast(0) }),
  remoteLogMetadataManagerClassName: string('remote.log.metadata.manager.class.name', 'org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager', 'The class that keeps the list of remote segments.', noEffect(noTieredStorage), { valid: notEmpty }),
  remoteLogMetadataManagerClassPath: string('remote.log.metadata.manager.class.path', null, 'Where that class is found.', noEffect(noTieredStorage)),
  remoteLogMetadataManagerImplPrefix: string('remote.log.metadata.manager.impl.prefix', 'rlmm.config.', 'How the names of its own configs begin.', noEffect(noTieredStorage), { valid: notEmpty }),
  remoteLogMetadataManagerListenerName: string('remote.log.metadata.manager.listener.name', null, 'The listener it uses to reach the brokers.', noEffect(noTieredStorage), { valid: notEmpty }),
  remoteLogReaderMaxPendingTasks: int('remote.log.reader.max.pending.tasks', 100, 'Most reads of remote storage that may wait.', noEffect(noTieredStorage), { valid: atLeast(1) }),
  remoteLogReaderThreads: int('remote.log.reader.threads', 10, 'Threads that read from remote storage.', noEffect(noTieredStorage), { dynamic: 'cluster-wide', valid: atLeast(1) }),
  remoteLogStorageManagerClassName: string('remote.log.storage.manager.class.name', null, 'The class that stores remote segments.', noEffect(noTieredStorage), { valid: notEmpty }),
  remoteLogStorageManagerClassPath: string('remote.log.storage.manager.class.path', null, 'Where that class is found.', noEffect(noTieredStorage)),
  remoteLogStorageManagerImplPrefix: string('remote.log.storage.manager.impl.prefix', 'rsm.config.', 'How the names of its own configs begin.', noEffect(noTieredStorage), { valid: notEmpty }),
  remoteLogStorageSystemEnable: bool('remote.log.storage.system.enable', false, 'Whether tiered storage is available at all.', refused(noTieredStorage)),
} as const;
