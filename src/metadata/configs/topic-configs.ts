import { bool, byName, double, int, list, long, MAX_LONG, string } from './config-key.ts';
import { atLeast, between, gzipLevel, listOf, oneOf, throttledReplicas } from './config-valid.ts';
import { readConfig, validateConfig } from './validate-config.ts';

const MINUTES = 60_000;
const HOURS = 60 * MINUTES;

/**
 * Every topic config of Kafka 4.4. Each is obeyed, or is `refused` for any value but its default; or it makes no
 * difference that a client could see: what is being read outlives its file here, so no delay has to see to that.
 */
// biome-ignore format: a table with one config a row is easier to read and to compare.
const table = [
  list('cleanup.policy', 'delete', 'What becomes of old segments: deleted by time or size, compacted to the last value of each key, or both.', { valid: listOf('compact', 'delete'), brokerConfigs: ['log.cleanup.policy'] }),
  int('compression.gzip.level', -1, 'Level used when the broker itself compresses with gzip.', { valid: gzipLevel, brokerConfigs: ['compression.gzip.level'] }),
  int('compression.lz4.level', 9, 'Level used when the broker itself compresses with lz4.', { valid: between(1, 17), brokerConfigs: ['compression.lz4.level'], refused: 'The level of lz4 is fixed' }),
  string('compression.type', 'producer', "The codec of stored batches; 'producer' keeps what the producer chose.", { valid: oneOf('uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'), brokerConfigs: ['compression.type'] }),
  int('compression.zstd.level', 3, 'Level used when the broker itself compresses with zstd.', { valid: between(-131_072, 22), brokerConfigs: ['compression.zstd.level'] }),
  long('delete.retention.ms', 86_400_000, 'How long the deletion of a key stays readable in a compacted topic.', { valid: atLeast(0), brokerConfigs: ['log.cleaner.delete.retention.ms'] }),
  bool('errors.deadletterqueue.group.enable', false, 'Whether share groups may use the topic as their dead letter queue.', { refused: 'Dead letter queues of share groups are not supported' }),
  long('file.delete.delay.ms', 60_000, 'How long the files of a deleted segment stay on disk, for readers that are still in them.', { valid: atLeast(0), brokerConfigs: ['log.segment.delete.delay.ms'] }),
  long('flush.messages', MAX_LONG, 'Forces the log to the device after this many records.', { valid: atLeast(1), brokerConfigs: ['log.flush.interval.messages'] }),
  long('flush.ms', MAX_LONG, 'Forces the log to the device after this many milliseconds.', { valid: atLeast(0), brokerConfigs: ['log.flush.interval.ms', 'log.flush.scheduler.interval.ms'] }),
  list('follower.replication.throttled.replicas', '', 'Replicas whose fetching is throttled, as partition:broker, or * for all.', { valid: throttledReplicas }),
  int('index.interval.bytes', 4096, 'Bytes of log between two entries of the offset index.', { valid: atLeast(0), brokerConfigs: ['log.index.interval.bytes'] }),
  int('internal.segment.bytes', null, 'Segment size for tests, below what segment.bytes allows.', { internal: true, refused: 'Segments this small are for the tests of Kafka' }),
  list('leader.replication.throttled.replicas', '', 'Replicas to which sending is throttled, as partition:broker, or * for all.', { valid: throttledReplicas }),
  long('local.retention.bytes', -2, 'Bytes kept on local disks of a tiered topic; -2 takes retention.bytes.', { valid: atLeast(-2), brokerConfigs: ['log.local.retention.bytes'], refused: 'Tiered storage is not supported' }),
  long('local.retention.ms', -2, 'Time kept on local disks of a tiered topic; -2 takes retention.ms.', { valid: atLeast(-2), brokerConfigs: ['log.local.retention.ms'], refused: 'Tiered storage is not supported' }),
  long('max.compaction.lag.ms', MAX_LONG, 'The longest a record may wait for compaction.', { valid: atLeast(1), brokerConfigs: ['log.cleaner.max.compaction.lag.ms'] }),
  int('max.decompressed.message.bytes', 2_147_483_639, 'The most a compressed batch may unfold to when the broker has to open it.', { valid: between(1, 2_147_483_639), brokerConfigs: ['max.decompressed.message.bytes'], refused: 'What a compressed batch may unfold to is not configurable' }),
  int('max.message.bytes', 1_048_588, 'The largest record batch, as it was compressed by the producer.', { valid: atLeast(0), brokerConfigs: ['message.max.bytes'] }),
  long('message.timestamp.after.max.ms', 3_600_000, "How far a record's timestamp may lie ahead of the broker's clock.", { valid: atLeast(0), brokerConfigs: ['log.message.timestamp.after.max.ms'] }),
  long('message.timestamp.before.max.ms', MAX_LONG, "How far a record's timestamp may lie behind the broker's clock.", { valid: atLeast(0), brokerConfigs: ['log.message.timestamp.before.max.ms'] }),
  string('message.timestamp.type', 'CreateTime', "Whether timestamps are the producer's or the time of the append.", { valid: oneOf('CreateTime', 'LogAppendTime'), brokerConfigs: ['log.message.timestamp.type'] }),
  double('min.cleanable.dirty.ratio', 0.5, 'The share of a log that must be uncompacted before the cleaner takes it on.', { valid: between(0, 1), brokerConfigs: ['log.cleaner.min.cleanable.ratio'] }),
  long('min.compaction.lag.ms', 0, 'How long a record stays uncompacted at least.', { valid: atLeast(0), brokerConfigs: ['log.cleaner.min.compaction.lag.ms'] }),
  int('min.insync.replicas', 1, 'In-sync replicas that a produce request with acks=all needs.', { valid: atLeast(1), brokerConfigs: ['min.insync.replicas'] }),
  bool('preallocate', false, 'Whether the space of a new segment is reserved when it is made.', { brokerConfigs: ['log.preallocate'], refused: 'Segments are not preallocated' }),
  long('remote.copy.lag.bytes', -1, 'Bytes a segment may lag before it is copied to remote storage; -1 takes local.retention.bytes.', { valid: atLeast(-1), brokerConfigs: ['log.remote.copy.lag.bytes'], refused: 'Tiered storage is not supported' }),
  long('remote.copy.lag.ms', 0, 'Time a segment may lag before it is copied to remote storage; -1 takes local.retention.ms.', { valid: atLeast(-1), brokerConfigs: ['log.remote.copy.lag.ms'], refused: 'Tiered storage is not supported' }),
  bool('remote.log.copy.disable', false, 'Makes the remote part of a tiered topic read-only.', { refused: 'Tiered storage is not supported' }),
  bool('remote.log.delete.on.disable', false, 'Whether remote data is deleted when tiering is turned off.', { refused: 'Tiered storage is not supported' }),
  bool('remote.storage.enable', false, 'Whether old segments move to remote storage.', { refused: 'Tiered storage is not supported' }),
  long('retention.bytes', -1, 'The size of a partition beyond which old segments are deleted; -1 for no limit.', { brokerConfigs: ['log.retention.bytes'] }),
  long('retention.ms', 604_800_000, 'The age beyond which segments are deleted; -1 for no limit.', { valid: atLeast(-1), brokerConfigs: ['log.retention.ms', { name: 'log.retention.minutes', unitMs: MINUTES }, { name: 'log.retention.hours', unitMs: HOURS }] }),
  int('segment.bytes', 1_073_741_824, 'The size at which a new segment is begun.', { valid: atLeast(1_048_576), brokerConfigs: ['log.segment.bytes'] }),
  int('segment.index.bytes', 10_485_760, 'The largest size of the index files of a segment.', { valid: atLeast(4), brokerConfigs: ['log.index.size.max.bytes'] }),
  long('segment.jitter.ms', 0, 'Random time taken off segment.ms, so that not all partitions roll at once.', { valid: atLeast(0), brokerConfigs: ['log.roll.jitter.ms', { name: 'log.roll.jitter.hours', unitMs: HOURS }] }),
  long('segment.ms', 604_800_000, 'The age at which a new segment is begun even if the old one is not full.', { valid: atLeast(1), brokerConfigs: ['log.roll.ms', { name: 'log.roll.hours', unitMs: HOURS }] }),
  bool('unclean.leader.election.enable', false, 'Whether a replica that is not in sync may lead when no other can, losing records.', { brokerConfigs: ['unclean.leader.election.enable'] }),
];

export const topicConfigs = byName(table);

export interface InvalidConfig {
  readonly error: 'INVALID_CONFIG';
  readonly message: string;
}

/**
 * Of all configs that a topic would have set, whether it may have them: null, or the first thing wrong, in the words
 * of Kafka. A null value is what a client sends that means to delete; creation does not know it.
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
