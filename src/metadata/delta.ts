import { unreachable } from '../base/assert.ts';
import { BrokersDelta } from './brokers.ts';
import { ConfigsDelta } from './configs.ts';
import { type ClusterImage, emptyImage, type Provenance } from './image.ts';
import type { MetadataRecord } from './records.ts';
import { partitionRecord, TopicsDelta } from './topics.ts';

/**
 * Collects records that follow an image and makes the next one. A part that no record touched is the same
 * object before and after, so a subscriber tells by `===` whether it is concerned.
 */
export class ImageDelta {
  /** The image before. */
  readonly image: ClusterImage;
  #topics: TopicsDelta | undefined;
  #brokers: BrokersDelta | undefined;
  #configs: ConfigsDelta | undefined;
  #rest: Pick<
    ClusterImage,
    'features' | 'controllers' | 'producerIds' | 'acls' | 'scram' | 'quotas' | 'delegationTokens'
  >;

  constructor(image: ClusterImage) {
    this.image = image;
    this.#rest = image;
  }

  /**
   * From an image to an unrelated later one, as after a snapshot was loaded in place of the log between: what
   * differs is found by comparison, so that subscribers need to know only deltas.
   */
  static between(before: ClusterImage, after: ClusterImage): ImageDelta {
    const delta = new ImageDelta({ ...before });
    for (const topic of before.topics.all())
      if (!after.topics.byId(topic.id)) delta.replay({ type: 'RemoveTopicRecord', topicId: topic.id });
    for (const broker of before.brokers.all())
      if (!after.brokers.byId(broker.id))
        delta.replay({ type: 'UnregisterBrokerRecord', brokerId: broker.id, brokerEpoch: broker.epoch });
    for (const record of before.configs.records())
      if (record.type === 'ConfigRecord') delta.replay({ ...record, value: null });
    for (const topic of after.topics.all()) {
      const known = before.topics.byId(topic.id)?.partitions ?? [];
      if (!before.topics.byId(topic.id))
        delta.replay({ type: 'TopicRecord', name: topic.name, topicId: topic.id });
      // The partition epoch counts every change, so equal epochs are equal partitions.
      for (const [index, partition] of topic.partitions.entries())
        if (partition.partitionEpoch !== known[index]?.partitionEpoch)
          delta.replay(partitionRecord(topic.id, index, partition));
    }
    for (const record of after.brokers.records()) delta.replay(record);
    for (const record of after.configs.records()) delta.replay(record);
    delta.#rest = after;
    return delta;
  }

  /** Undefined when no record was about topics; so for brokers and configs. */
  get topics(): TopicsDelta | undefined {
    return this.#topics;
  }

  get brokers(): BrokersDelta | undefined {
    return this.#brokers;
  }

  get configs(): ConfigsDelta | undefined {
    return this.#configs;
  }

  replay(record: MetadataRecord): void {
    switch (record.type) {
      case 'TopicRecord':
      case 'PartitionRecord':
      case 'PartitionChangeRecord':
        this.#topicsDelta().replay(record);
        return;
      case 'ClearElrRecord':
        this.#topicsDelta().clearElr(record.topicName);
        return;
      case 'RemoveTopicRecord': {
        const topics = this.#topicsDelta();
        const name = topics.changed.get(record.topicId)?.name ?? this.image.topics.byId(record.topicId)?.name;
        topics.replay(record);
        if (name !== undefined) this.#configsDelta().topicRemoved(name);
        return;
      }
      case 'RegisterBrokerRecord':
      case 'UnregisterBrokerRecord':
      case 'FenceBrokerRecord':
      case 'UnfenceBrokerRecord':
      case 'BrokerRegistrationChangeRecord':
        this.#brokers ??= new BrokersDelta(this.image.brokers);
        this.#brokers.replay(record);
        return;
      case 'ConfigRecord':
        this.#configsDelta().replay(record);
        return;
      case 'FeatureLevelRecord':
        this.#rest = { ...this.#rest, features: this.#rest.features.replay(record) };
        return;
      case 'RegisterControllerRecord':
      case 'UnregisterControllerRecord':
        this.#rest = { ...this.#rest, controllers: this.#rest.controllers.replay(record) };
        return;
      case 'ProducerIdsRecord':
        this.#rest = { ...this.#rest, producerIds: this.#rest.producerIds.replay(record) };
        return;
      case 'AccessControlEntryRecord':
      case 'RemoveAccessControlEntryRecord':
        this.#rest = { ...this.#rest, acls: this.#rest.acls.replay(record) };
        return;
      case 'UserScramCredentialRecord':
      case 'RemoveUserScramCredentialRecord':
        this.#rest = { ...this.#rest, scram: this.#rest.scram.replay(record) };
        return;
      case 'ClientQuotaRecord':
        this.#rest = { ...this.#rest, quotas: this.#rest.quotas.replay(record) };
        return;
      case 'DelegationTokenRecord':
      case 'RemoveDelegationTokenRecord':
        this.#rest = { ...this.#rest, delegationTokens: this.#rest.delegationTokens.replay(record) };
        return;
      case 'NoOpRecord':
      // Left from migrations away from ZooKeeper; it says nothing to a cluster born in KRaft.
      case 'ZkMigrationStateRecord':
      // Transactions are the loader's matter: it decides which records reach a delta at all.
      case 'BeginTransactionRecord':
      case 'EndTransactionRecord':
      case 'AbortTransactionRecord':
        return;
      default:
        unreachable(record);
    }
  }

  apply(provenance: Provenance): ClusterImage {
    const { features, controllers, producerIds, acls, scram, quotas, delegationTokens } = this.#rest;
    return {
      provenance,
      features,
      controllers,
      producerIds,
      acls,
      scram,
      quotas,
      delegationTokens,
      topics: this.#topics?.apply() ?? this.image.topics,
      brokers: this.#brokers?.apply() ?? this.image.brokers,
      configs: this.#configs?.apply() ?? this.image.configs,
    };
  }

  #topicsDelta(): TopicsDelta {
    this.#topics ??= new TopicsDelta(this.image.topics);
    return this.#topics;
  }

  #configsDelta(): ConfigsDelta {
    this.#configs ??= new ConfigsDelta(this.image.configs);
    return this.#configs;
  }
}

/** The image of these records and nothing else. */
export function imageOf(records: Iterable<MetadataRecord>, provenance: Provenance): ClusterImage {
  const delta = new ImageDelta(emptyImage);
  for (const record of records) delta.replay(record);
  return delta.apply(provenance);
}
