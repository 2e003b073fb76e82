import type { Uuid } from '../../src/base/brand.ts';
import { configResourceTypes } from '../../src/metadata/configs.ts';
import { errorName } from '../../src/protocol/errors.ts';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import { createTopics } from '../../src/protocol/messages/19-create-topics.ts';
import { deleteTopics } from '../../src/protocol/messages/20-delete-topics.ts';
import { deleteRecords } from '../../src/protocol/messages/21-delete-records.ts';
import { createPartitions } from '../../src/protocol/messages/37-create-partitions.ts';
import { electLeaders } from '../../src/protocol/messages/43-elect-leaders.ts';
import { incrementalAlterConfigs } from '../../src/protocol/messages/44-incremental-alter-configs.ts';
import { alterPartitionReassignments } from '../../src/protocol/messages/45-alter-partition-reassignments.ts';
import { unregisterBroker } from '../../src/protocol/messages/64-unregister-broker.ts';
import { type ClusterClient, REQUEST_MS } from './cluster-client.ts';

/** IncrementalAlterConfigs' operation. */
const SET = 0;
/** ElectLeaders' types. */
const PREFERRED = 0;
const UNCLEAN = 1;

/** A topic that a history makes. */
export interface TopicOfHistory {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly configs?: Readonly<Record<string, string>>;
}

/** An administrator's commands to a cluster, sent through any broker. */
export class Administrator {
  readonly client: ClusterClient;
  readonly #isOver: () => boolean;
  readonly #created: (topic: string) => void;
  /** A broker that has not read of a deletion yet may still answer with the id of the topic. */
  readonly #deleted = new Set<Uuid>();

  /** `created` is called for every creation that was answered. */
  constructor(
    client: ClusterClient,
    options: { readonly isOver: () => boolean; readonly created: (topic: string) => void },
  ) {
    this.client = client;
    this.#isOver = options.isOver;
    this.#created = options.created;
  }

  /** Retries until the topic exists; null if the history is over before that. */
  async create(topic: TopicOfHistory): Promise<Uuid | null> {
    let topicId: Uuid | null = null;
    while (topicId === null && !this.#isOver()) {
      await this.client.tried(async () => {
        topicId = await this.tryToCreate(topic);
      });
      await this.client.pause();
    }
    return topicId;
  }

  /** One attempt; null if it was refused. Rejects if its answer was lost. */
  async tryToCreate({
    name,
    partitions,
    replicationFactor,
    configs = {},
  }: TopicOfHistory): Promise<Uuid | null> {
    const connection = await this.client.anyBroker();
    const topic = {
      name,
      numPartitions: partitions,
      replicationFactor,
      assignments: [],
      configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
    };
    const answer = await connection.send(
      createTopics,
      { topics: [topic], timeoutMs: REQUEST_MS },
      { timeoutMs: REQUEST_MS },
    );
    const [created] = answer.topics;
    const error = errorName(created?.errorCode ?? -1);
    if (error === 'TOPIC_ALREADY_EXISTS') {
      const topicId = await this.idOf(name);
      return topicId !== null && this.#deleted.has(topicId) ? null : topicId;
    }
    if (error === 'INVALID_CONFIG') throw new Error(`${name}: ${created?.errorMessage}`);
    if (error !== 'NONE' || !created) return null;
    this.#created(name);
    return created.topicId;
  }

  /** The topic's id as some broker knows it now; null if that broker knows none. */
  async idOf(name: string): Promise<Uuid | null> {
    const connection = await this.client.anyBroker();
    const answer = await connection.send(
      metadata,
      { topics: [{ name }], allowAutoTopicCreation: false, includeTopicAuthorizedOperations: false },
      { version: 12, timeoutMs: REQUEST_MS },
    );
    const topic = answer.topics[0];
    return topic && topic.errorCode === 0 ? topic.topicId : null;
  }

  /** Retries until the topic with this id is gone. */
  async delete(topicId: Uuid): Promise<void> {
    this.#deleted.add(topicId);
    for (let isGone = false; !isGone && !this.#isOver(); ) {
      await this.client.tried(async () => {
        const connection = await this.client.anyBroker();
        const answer = await connection.send(
          deleteTopics,
          { topics: [{ topicId }], timeoutMs: REQUEST_MS },
          { timeoutMs: REQUEST_MS },
        );
        const error = errorName(answer.responses[0]?.errorCode ?? -1);
        isGone = error === 'NONE' || error === 'UNKNOWN_TOPIC_ID';
      });
      if (!isGone) await this.client.pause();
    }
  }

  /** One attempt: resolves with the new start of the log, or null if it was refused. */
  async deleteRecords(topic: string, partition: number, offset: number): Promise<number | null> {
    const connection = await this.client.leaderOf(topic, partition);
    if (!connection) return null;
    const answer = await connection.send(
      deleteRecords,
      {
        topics: [{ name: topic, partitions: [{ partitionIndex: partition, offset }] }],
        timeoutMs: REQUEST_MS,
      },
      { timeoutMs: REQUEST_MS },
    );
    const result = answer.topics[0]?.partitions[0];
    if (result?.errorCode === 0) return result.lowWatermark;
    this.client.forgetLeaders();
    return null;
  }

  /** One attempt. */
  async alterTopic(topic: string, configs: Readonly<Record<string, string>>): Promise<void> {
    await this.#alter('topic', topic, configs);
  }

  /** Retries until the configs of the broker are set. */
  async alterBroker(id: number, configs: Readonly<Record<string, string>>): Promise<void> {
    await this.#set('broker', String(id), configs);
  }

  /** Retries until the configs of the group are set. */
  async alterGroup(group: string, configs: Readonly<Record<string, string>>): Promise<void> {
    await this.#set('group', group, configs);
  }

  async #set(
    type: 'broker' | 'group',
    name: string,
    configs: Readonly<Record<string, string>>,
  ): Promise<void> {
    for (let isSet = false; !isSet && !this.#isOver(); ) {
      await this.client.tried(async () => {
        isSet = (await this.#alter(type, name, configs)) === 0;
      });
      if (!isSet) await this.client.pause();
    }
  }

  /** Resolves with the error code. */
  async #alter(
    type: 'topic' | 'broker' | 'group',
    name: string,
    configs: Readonly<Record<string, string>>,
  ): Promise<number> {
    const connection = await this.client.anyBroker();
    const answer = await connection.send(
      incrementalAlterConfigs,
      {
        resources: [
          {
            resourceType: configResourceTypes[type],
            resourceName: name,
            configs: Object.entries(configs).map(([key, value]) => ({
              name: key,
              configOperation: SET,
              value,
            })),
          },
        ],
        validateOnly: false,
      },
      { timeoutMs: REQUEST_MS },
    );
    return answer.responses[0]?.errorCode ?? -1;
  }

  /** One attempt; `replicas` null cancels the reassignment that is under way. */
  async reassign(topic: string, partition: number, replicas: readonly number[] | null): Promise<void> {
    const connection = await this.client.anyBroker();
    await connection.send(
      alterPartitionReassignments,
      {
        topics: [
          {
            name: topic,
            partitions: [{ partitionIndex: partition, replicas: replicas === null ? null : [...replicas] }],
          },
        ],
      },
      { timeoutMs: REQUEST_MS },
    );
  }

  /** One attempt, for all partitions. */
  async electPreferredLeaders(): Promise<void> {
    await this.#elect(PREFERRED, null);
  }

  /** One attempt: if the partition has no leader, one that may have lost records is elected. */
  async electUncleanLeader(topic: string, partition: number): Promise<void> {
    await this.#elect(UNCLEAN, [{ topic, partitions: [partition] }]);
  }

  async #elect(
    electionType: number,
    topicPartitions: { topic: string; partitions: number[] }[] | null,
  ): Promise<void> {
    const connection = await this.client.anyBroker();
    await connection.send(
      electLeaders,
      { electionType, topicPartitions, timeoutMs: REQUEST_MS },
      { timeoutMs: REQUEST_MS },
    );
  }

  /** One attempt; false if it was refused. */
  async addPartitions(name: string, count: number): Promise<boolean> {
    const connection = await this.client.anyBroker();
    const answer = await connection.send(
      createPartitions,
      { topics: [{ name, count, assignments: null }], timeoutMs: REQUEST_MS, validateOnly: false },
      { timeoutMs: REQUEST_MS },
    );
    return answer.results[0]?.errorCode === 0;
  }

  /** One attempt. */
  async unregister(brokerId: number): Promise<void> {
    const connection = await this.client.anyBroker();
    await connection.send(unregisterBroker, { brokerId }, { timeoutMs: REQUEST_MS });
  }
}
