import { transactionsConfigs } from '../../metadata/configs/broker/transactions-configs.ts';
import { ResolvedTopicConfig } from '../../metadata/configs/resolve-config.ts';
import { topicKeys } from '../../metadata/configs/topic-configs.ts';
import type { ConfigsImage } from '../../metadata/configs.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { throttledPartitions } from '../../replication/replication-throttle.ts';
import type { TopicSettings } from '../../replication/topic-settings.ts';
import type { LogConfig } from '../../storage/log-config.ts';
import type { BrokerSettings } from './broker-settings.ts';

/**
 * What every topic's configs mean for its replicas here; asked for each append, so kept until configs change.
 */
export class AllTopicSettings {
  readonly #image: () => ClusterImage;
  readonly #settings: BrokerSettings;
  readonly #byTopic = new Map<string, TopicSettings>();
  #configs: ConfigsImage | undefined;
  /** Of every topic without configs of its own. */
  #plain: TopicSettings | undefined;

  constructor(image: () => ClusterImage, settings: BrokerSettings) {
    this.#image = image;
    this.#settings = settings;
  }

  of(topic: string): TopicSettings {
    const { configs } = this.#image();
    if (configs !== this.#configs) {
      this.#configs = configs;
      this.#byTopic.clear();
      this.#plain = undefined;
    }
    const known = this.#byTopic.get(topic);
    if (known) return known;
    const overrides = configs.get('topic', topic);
    const isPlain = overrides.size === 0;
    const resolved =
      (isPlain ? this.#plain : undefined) ??
      resolve(new ResolvedTopicConfig(overrides, this.#settings.levels), this.#settings);
    if (isPlain) this.#plain = resolved;
    this.#byTopic.set(topic, resolved);
    return resolved;
  }
}

function resolve(config: ResolvedTopicConfig, settings: BrokerSettings): TopicSettings {
  return {
    minInSyncReplicas: config.get(topicKeys.minInsyncReplicas),
    throttledAsLeader: throttledPartitions(
      config.get(topicKeys.leaderReplicationThrottledReplicas),
      settings.brokerId,
    ),
    throttledAsFollower: throttledPartitions(
      config.get(topicKeys.followerReplicationThrottledReplicas),
      settings.brokerId,
    ),
    log: {
      cleanupPolicy: config
        .get(topicKeys.cleanupPolicy)
        .filter((policy) => policy === 'delete' || policy === 'compact'),
      segmentBytes: config.get(topicKeys.segmentBytes),
      segmentMs: config.get(topicKeys.segmentMs),
      segmentJitterMs: config.get(topicKeys.segmentJitterMs),
      segmentIndexBytes: config.get(topicKeys.segmentIndexBytes),
      indexIntervalBytes: config.get(topicKeys.indexIntervalBytes),
      retentionMs: config.get(topicKeys.retentionMs),
      retentionBytes: config.get(topicKeys.retentionBytes),
      maxMessageBytes: config.get(topicKeys.maxMessageBytes),
      ...compressionOf(config),
      messageTimestampType:
        config.get(topicKeys.messageTimestampType) === 'LogAppendTime' ? 'LogAppendTime' : 'CreateTime',
      messageTimestampBeforeMaxMs: config.get(topicKeys.messageTimestampBeforeMaxMs),
      messageTimestampAfterMaxMs: config.get(topicKeys.messageTimestampAfterMaxMs),
      flushMessages: config.get(topicKeys.flushMessages),
      flushMs: config.get(topicKeys.flushMs),
      deleteRetentionMs: config.get(topicKeys.deleteRetentionMs),
      minCleanableDirtyRatio: config.get(topicKeys.minCleanableDirtyRatio),
      minCompactionLagMs: config.get(topicKeys.minCompactionLagMs),
      maxCompactionLagMs: config.get(topicKeys.maxCompactionLagMs),
      producerIdExpirationMs: settings.get(transactionsConfigs.producerIdExpirationMs),
    },
  };
}

function compressionOf(config: ResolvedTopicConfig): Pick<LogConfig, 'compressionType' | 'compressionLevel'> {
  const type = config.get(topicKeys.compressionType);
  switch (type) {
    case 'gzip': {
      // -1 is the codec's own default, in Kafka as in zlib.
      const level = config.get(topicKeys.compressionGzipLevel);
      return { compressionType: type, compressionLevel: level === -1 ? null : level };
    }
    case 'zstd':
      return { compressionType: type, compressionLevel: config.get(topicKeys.compressionZstdLevel) };
    case 'lz4':
    case 'snappy':
      return { compressionType: type, compressionLevel: null };
    case 'uncompressed':
      return { compressionType: 'none', compressionLevel: null };
    default:
      return { compressionType: 'producer', compressionLevel: null };
  }
}
