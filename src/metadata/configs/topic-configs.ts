import { bool, byName, double, int, list, long, MAX_LONG, string } from './config-key.ts';
import { live, noEffect, refused } from './config-obedience.ts';
import {
  atLeast,
  between,
  betweenDoubles,
  gzipLevel,
  listOf,
  oneOf,
  throttledReplicas,
} from './config-valid.ts';
import { noTieredStorage } from './not-built.ts';
import { readConfig, validateConfig } from './validate-config.ts';

const MINUTES = 60_000;
const HOURS = 60 * MINUTES;

/**
 * Every topic config of Kafka 4.3. Each is obeyed, or is `refused` for any value but its default; or it makes
 * no difference that a client could see: what is being read outlives its file here, so no delay has to see to
 * that. They stand in the order in which Kafka defines them, which shows in the order of its answers.
 */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const topicKeys = {
  segmentBytes: int('segment.bytes', 1_073_741_824, 'The size at which a new segment is begun.', live, { valid: atLeast(1_048_576), brokerConfigs: ['log.segment.bytes'] }),
  internalSegmentBytes: int('internal.segment.bytes', null, 'Segment size for tests, below what segment.bytes allows.', refused('Segments this small are for the tests of Kafka'), { internal: true }),
  segmentMs: long('segment.ms', 604_800_000, 'The age at which a new segment is begun even if the old one is not full.', live, { valid: atLeast(1), brokerConfigs: ['log.roll.ms', { name: 'log.roll.hours', unitMs: HOURS }] }),
  segmentJitterMs: long('segment.jitter.ms', 0, 'Random time taken off segment.ms, so that not all partitions roll at once.', live, { valid: atLeast(0), brokerConfigs: ['log.roll.jitter.ms', { name: 'log.roll.jitter.hours', unitMs: HOURS }] }),
  segmentIndexBytes: int('segment.index.bytes', 10_485_760, 'The largest size of the index files of a segment.', live, { valid: atLeast(4), brokerConfigs: ['log.index.size.max.bytes'] }),
  flushMessages: long('flush.messages', MAX_LONG, 'Forces the log to the device after this many records.', live, { valid: atLeast(1), brokerConfigs: ['log.flush.interval.messages'] }),
  flushMs: long('flush.ms', MAX_LONG, 'Forces the log to the device after this many milliseconds.', live, { valid: atLeast(0), brokerConfigs: ['log.flush.interval.ms', 'log.flush.scheduler.interval.ms'] }),
  retentionBytes: long('retention.bytes', -1, 'The size of a partition beyond which old segments are deleted; -1 for no limit.', live, { brokerConfigs: ['log.retention.bytes'] }),
  retentionMs: long('retention.ms', 604_800_000, 'The age beyond which segments are deleted; -1 for no limit.', live, { valid: atLeast(-1), brokerConfigs: ['log.retention.ms', { name: 'log.retention.minutes', unitMs: MINUTES }, { name: 'log.retention.hours', unitMs: HOURS }] }),
  maxMessageBytes: int('max.message.bytes', 1_048_588, 'The largest record batch, as it was compressed by the producer.', live, { valid: atLeast(0), brokerConfigs: ['message.max.bytes'] }),
  indexIntervalBytes: int('index.interval.bytes', 4096, 'Bytes of log between two entries of the offset index.', live, { valid: atLeast(0), brokerConfigs: ['log.index.interval.bytes'] }),
  deleteRetentionMs: long('delete.retention.ms', 86_400_000, 'How long the deletion of a key stays readable in a compacted topic.', live, { valid: atLeast(0), brokerConfigs: ['log.cleaner.delete.retention.ms'] }),
  minCompactionLagMs: long('min.compaction.lag.ms', 0, 'How long a record stays uncompacted at least.', live, { valid: atLeast(0), brokerConfigs: ['log.cleaner.min.compaction.lag.ms'] }),
  maxCompactionLagMs: long('max.compaction.lag.ms', MAX_LONG, 'The longest a record may wait for compaction.', live, { valid: atLeast(1), brokerConfigs: ['log.cleaner.max.compaction.lag.ms'] }),
  fileDeleteDelayMs: long('file.delete.delay.ms', 60_000, 'How long the files of a deleted segment stay on disk, for readers that are still in them.', noEffect('A deleted segment is removed at once; whoever is reading it keeps its files'), { valid: atLeast(0), brokerConfigs: ['log.segment.delete.delay.ms'] }),
  minCleanableDirtyRatio: double('min.cleanable.dirty.ratio', 0.5, 'The share of a log that must be uncompacted before the cleaner takes it on.', live, { valid: betweenDoubles(0, 1), brokerConfigs: ['log.cleaner.min.cleanable.ratio'] }),
  cleanupPolicy: list('cleanup.policy', 'delete', 'What becomes of old segments: deleted by time or size, compacted to the last value of each key, or both.', live, { valid: listOf('compact', 'delete'), brokerConfigs: ['log.cleanup.policy'] }),
  uncleanLeaderElectionEnable: bool('unclean.leader.election.enable', false, 'Whether a replica that is not in sync may lead when no other can, losing records.', live, { brokerConfigs: ['unclean.leader.election.enable'] }),
  minInsyncReplicas: int('min.insync.replicas', 1, 'In-sync replicas that a produce request with acks=all needs.', live, { valid: atLeast(1), brokerConfigs: ['min.insync.replicas'] }),
  compressionType: string('compression.type', 'producer', "The codec of stored batches; 'producer' keeps what the producer chose.", live, { valid: oneOf('uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'), brokerConfigs: ['compression.type'] }),
  compressionGzipLevel: int('compression.gzip.level', -1, 'Level used when the broker itself compresses with gzip.', live, { valid: gzipLevel, brokerConfigs: ['compression.gzip.level'] }),
  compressionLz4Level: int('compression.lz4.level', 9, 'Level used when the broker itself compresses with lz4.', refused('The level of lz4 is fixed'), { valid: between(1, 17), brokerConfigs: ['compression.lz4.level'] }),
  compressionZstdLevel: int('compression.zstd.level', 3, 'Level used when the broker itself compresses with zstd.', live, { valid: between(-131_072, 22), brokerConfigs: ['compression.zstd.level'] }),
  preallocate: bool('preallocate', false, 'Whether the space of a new segment is reserved when it is made.', noEffect('Files grow as they are written'), { brokerConfigs: ['log.preallocate'] }),
  messageTimestampType: string('message.timestamp.type', 'CreateTime', "Whether timestamps are the producer's or the time of the append.", live, { valid: oneOf('CreateTime', 'LogAppendTime'), brokerConfigs: ['log.message.timestamp.type'] }),
  messageTimestampBeforeMaxMs: long('message.timestamp.before.max.ms', MAX_LONG, "How far a record's timestamp may lie behind the broker's clock.", live, { valid: atLeast(0), brokerConfigs: ['log.message.timestamp.before.max.ms'] }),
  messageTimestampAfterMaxMs: long('message.timestamp.after.max.ms', 3_600_000, "How far a record's timestamp may lie ahead of the broker's clock.", live, { valid: atLeast(0), brokerConfigs: ['log.message.timestamp.after.max.ms'] }),
  leaderReplicationThrottledReplicas: list('leader.replication.throttled.replicas', '', 'Replicas to which sending is throttled, as partition:broker, or * for all.', live, { valid: throttledReplicas }),
  followerReplicationThrottledReplicas: list('follower.replication.throttled.replicas', '', 'Replicas whose fetching is throttled, as partition:broker, or * for all.', live, { valid: throttledReplicas }),
  remoteStorageEnable: bool('remote.storage.enable', false, 'Whether old segments move to remote storage.', refused(noTieredStorage)),
  localRetentionMs: long('local.retention.ms', -2, 'Time kept on local disks of a tiered topic; -2 takes retention.ms.', noEffect(noTieredStorage), { valid: atLeast(-2), brokerConfigs: ['log.local.retention.ms'] }),
  localRetentionBytes: long('local.retention.bytes', -2, 'Bytes kept on local disks of a tiered topic; -2 takes retention.bytes.', noEffect(noTieredStorage), { valid: atLeast(-2), brokerConfigs: ['log.local.retention.bytes'] }),
  remoteLogCopyDisable: bool('remote.log.copy.disable', false, 'Makes the remote part of a tiered topic read-only.', noEffect(noTieredStorage)),
  remoteLogDeleteOnDisable: bool('remote.log.delete.on.disable', false, 'Whether remote data is deleted when tiering is turned off.', noEffect(noTieredStorage)),
} as const;

export const topicConfigs = byName(topicKeys);

export interface InvalidConfig {
  readonly error: 'INVALID_CONFIG';
  readonly message: string;
}

/**
 * Of all configs that a topic would have set, whether it may have them: null, or the first thing wrong, in
 * the words of Kafka. A null value is what a client sends that means to delete; creation does not know it.
 */
export function validateTopicConfigs(configs: ReadonlyMap<string, string | null>): InvalidConfig | null {
  const nulls = [...configs].filter(([, value]) => value === null).map(([name]) => name);
  if (nulls.length > 0) return invalid(`Null value not supported for topic configs: ${nulls.join(',')}`);
  for (const name of configs.keys()) {
    if (!topicConfigs.has(name)) return invalid(`Unknown topic config name: ${name}`);
  }
  for (const [name, value] of configs) {
    const key = topicConfigs.get(name);
    const message = key && value !== null ? validateConfig(key, value) : null;
    if (message !== null) return invalid(message);
  }
  return validateCompactionLag(configs);
}

function validateCompactionLag(configs: ReadonlyMap<string, string | null>): InvalidConfig | null {
  const min = numberOf('min.compaction.lag.ms', configs);
  const max = numberOf('max.compaction.lag.ms', configs);
  if (min <= max) return null;
  return invalid(
    `conflict topic config setting min.compaction.lag.ms (${min}) > max.compaction.lag.ms (${max})`,
  );
}

function numberOf(name: string, configs: ReadonlyMap<string, string | null>): number | bigint {
  const key = topicConfigs.get(name);
  const text = configs.get(name) ?? key?.fallback;
  if (!key || text == null) return 0;
  const read = readConfig(key, text);
  return 'value' in read && (typeof read.value === 'bigint' || typeof read.value === 'number')
    ? read.value
    : 0;
}

function invalid(message: string): InvalidConfig {
  return { error: 'INVALID_CONFIG', message };
}
