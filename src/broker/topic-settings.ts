import { TopicConfig } from '../metadata/configs/resolve-config.ts';
import type { ConfigsImage } from '../metadata/configs.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { TopicSettings } from '../replication/replica-manager.ts';
import { throttledPartitions } from '../replication/replication-throttle.ts';
import type { LogConfig } from '../storage/log-config.ts';
import type { BrokerSettings } from './broker-settings.ts';

/** What every topic's configs mean for its replicas here; asked for each append, so kept until configs change. */
export class AllTopicSettings {
  readonly #image: () => ClusterImage;
  readonly #settings: BrokerSettings;
  readonly #byTopic = new Map<string, TopicSettings>();
  #configs: ConfigsImage | undefined;

  constructor(image: () => ClusterImage, settings: BrokerSettings) {
    this.#image = image;
    this.#settings = settings;
  }

  of(topic: string): TopicSettings {
    const { configs } = this.#image();
    if (configs !== this.#configs) {
      this.#configs = configs;
      this.#byTopic.clear();
    }
    const known = this.#byTopic.get(topic);
    if (known) return known;
    const resolved = resolve(
      new TopicConfig(configs.get('topic', topic), this.#settings.levels),
      this.#settings,
    );
    this.#byTopic.set(topic, resolved);
    return resolved;
  }
}

function resolve(config: TopicConfig, settings: BrokerSettings): TopicSettings {
  return {
    minInSyncReplicas: config.number('min.insync.replicas'),
    throttledAsLeader: throttledPartitions(
      config.list('leader.replication.throttled.replicas'),
      settings.brokerId,
    ),
    throttledAsFollower: throttledPartitions(
      config.list('follower.replication.throttled.replicas'),
      settings.brokerId,
    ),
    log: {
      cleanupPolicy: config
        .list('cleanup.policy')
        .filter((policy) => policy === 'delete' || policy === 'compact'),
      segmentBytes: config.number('segment.bytes'),
      segmentMs: config.number('segment.ms'),
      segmentJitterMs: config.number('segment.jitter.ms'),
      segmentIndexBytes: config.number('segment.index.bytes'),
      indexIntervalBytes: config.number('index.interval.bytes'),
      retentionMs: config.number('retention.ms'),
      retentionBytes: config.number('retention.bytes'),
      maxMessageBytes: config.number('max.message.bytes'),
      ...compressionOf(config),
      messageTimestampType:
        config.text('message.timestamp.type') === 'LogAppendTime' ? 'LogAppendTime' : 'CreateTime',
      messageTimestampBeforeMaxMs: config.number('message.timestamp.before.max.ms'),
      messageTimestampAfterMaxMs: config.number('message.timestamp.after.max.ms'),
      flushMessages: config.number('flush.messages'),
      flushMs: config.number('flush.ms'),
      deleteRetentionMs: config.number('delete.retention.ms'),
      minCleanableDirtyRatio: config.number('min.cleanable.dirty.ratio'),
      minCompactionLagMs: config.number('min.compaction.lag.ms'),
      maxCompactionLagMs: config.number('max.compaction.lag.ms'),
      producerIdExpirationMs: settings.number('producer.id.expiration.ms', 86_400_000),
    },
  };
}

function compressionOf(config: TopicConfig): Pick<LogConfig, 'compressionType' | 'compressionLevel'> {
  const type = config.text('compression.type');
  switch (type) {
    case 'gzip': {
      // -1 is the codec's own default, in Kafka as in zlib.
      const level = config.number('compression.gzip.level');
      return { compressionType: type, compressionLevel: level === -1 ? null : level };
    }
    case 'zstd':
      return { compressionType: type, compressionLevel: config.number('compression.zstd.level') };
    case 'lz4':
    case 'snappy':
      return { compressionType: type, compressionLevel: null };
    case 'uncompressed':
      return { compressionType: 'none', compressionLevel: null };
    default:
      return { compressionType: 'producer', compressionLevel: null };
  }
}
