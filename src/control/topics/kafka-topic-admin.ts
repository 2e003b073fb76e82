import { ZERO_UUID } from '../../base/brand.ts';
import { type Clock, sleep } from '../../base/clock.ts';
import { ConnectionError } from '../../client/connection-error.ts';
import type { Api } from '../../protocol/api.ts';
import { errorMessage, errorName } from '../../protocol/errors.ts';
import type { Decoded, Encodable, Fields } from '../../protocol/field.ts';
import { createTopics } from '../../protocol/messages/19-create-topics.ts';
import { deleteTopics } from '../../protocol/messages/20-delete-topics.ts';
import { describeConfigs } from '../../protocol/messages/32-describe-configs.ts';
import { createPartitions } from '../../protocol/messages/37-create-partitions.ts';
import { incrementalAlterConfigs } from '../../protocol/messages/44-incremental-alter-configs.ts';
import { retried } from '../rebalance/admin-retry.ts';
import type { BrokerConnections, Metadata } from '../rebalance/broker-connections.ts';
import { AdminError } from '../rebalance/cluster-admin.ts';
import type {
  RequestedTopic,
  TopicAdmin,
  TopicConfigChange,
  TopicConfigEntry,
  TopicDescription,
} from './topic-admin.ts';

/** What a change may take inside the cluster. */
const TIMEOUT_MS = 30_000;
/**
 * A broker that answers reads the change in milliseconds; one that does not by then shows it later, and the
 * change stands.
 */
const TOLD_WITHIN_MS = 5_000;
const ASK_EVERY_MS = 20;
/** A resource type and a config's source of DescribeConfigs; operations of IncrementalAlterConfigs. */
const TOPIC = 2;
const SET_FOR_TOPIC = 1;
const SET = 0;
const DELETE = 1;

/** The topics of a cluster over Kafka's own requests. */
export class KafkaTopicAdmin implements TopicAdmin {
  readonly #clock: Clock;
  readonly #connections: BrokerConnections;

  constructor(clock: Clock, connections: BrokerConnections) {
    this.#clock = clock;
    this.#connections = connections;
  }

  async list(): Promise<readonly TopicDescription[]> {
    const { topics } = await this.#metadata(null);
    return topics.flatMap(described).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async describe(topic: string): Promise<TopicDescription | null> {
    const [found] = (await this.#metadata([topic])).topics;
    if (!found || errorName(found.errorCode) === 'UNKNOWN_TOPIC_OR_PARTITION') return null;
    check('Metadata', found.errorCode, null);
    return described(found)[0] ?? null;
  }

  async configs(topic: string): Promise<readonly TopicConfigEntry[]> {
    const resources = [{ resourceType: TOPIC, resourceName: topic, configurationKeys: null }];
    const { results } = await this.#ask(describeConfigs, { resources, includeSynonyms: false });
    const [found] = results;
    if (!found) return [];
    check('DescribeConfigs', found.errorCode, found.errorMessage);
    return found.configs.flatMap(({ name, value, configSource }) =>
      value === null ? [] : [{ name, value, isOfTopic: configSource === SET_FOR_TOPIC }],
    );
  }

  async create({ name, partitionCount, replicationFactor, configs }: RequestedTopic): Promise<void> {
    const topic = {
      name,
      numPartitions: partitionCount,
      replicationFactor,
      assignments: [],
      configs: [...configs].map(([key, value]) => ({ name: key, value })),
    };
    const { topics } = await this.#command(createTopics, { topics: [topic], timeoutMs: TIMEOUT_MS });
    for (const { errorCode, errorMessage: message } of topics) check('CreateTopics', errorCode, message);
    await this.#told(name, (found) => found !== null);
  }

  async createPartitions(topic: string, count: number): Promise<void> {
    const topics = [{ name: topic, count, assignments: null }];
    const { results } = await this.#command(createPartitions, {
      topics,
      timeoutMs: TIMEOUT_MS,
      validateOnly: false,
    });
    for (const { errorCode, errorMessage: message } of results) check('CreatePartitions', errorCode, message);
    await this.#told(topic, (found) => found === null || found.partitions.length >= count);
  }

  async alterConfigs(topic: string, changes: readonly TopicConfigChange[]): Promise<void> {
    const configs = changes.map(({ name, value }) => ({
      name,
      configOperation: value === null ? DELETE : SET,
      value,
    }));
    const { responses } = await this.#command(incrementalAlterConfigs, {
      resources: [{ resourceType: TOPIC, resourceName: topic, configs }],
      validateOnly: false,
    });
    for (const { errorCode, errorMessage: message } of responses)
      check('IncrementalAlterConfigs', errorCode, message);
  }

  async remove(topic: string): Promise<void> {
    const { responses } = await this.#command(deleteTopics, {
      topics: [{ name: topic, topicId: ZERO_UUID }],
      timeoutMs: TIMEOUT_MS,
    });
    for (const { errorCode, errorMessage: message } of responses) check('DeleteTopics', errorCode, message);
    await this.#told(topic, (found) => found === null);
  }

  #metadata(topics: readonly string[] | null): Promise<Metadata> {
    return retried(this.#clock, async () => {
      const answer = await this.#connections.metadata(topics);
      check('Metadata', answer.errorCode, null);
      return answer;
    });
  }

  #ask<Req extends Fields, Res extends Fields>(
    api: Api<Req, Res>,
    request: Encodable<Req>,
  ): Promise<Decoded<Res>> {
    return retried(this.#clock, async () => {
      const { controllerId } = await this.#connections.metadata([]);
      return this.#connections.ask(controllerId, api, request);
    });
  }

  /** A request whose answer was lost is not sent again: it would be refused for what it has done itself. */
  #command<Req extends Fields, Res extends Fields>(
    api: Api<Req, Res>,
    request: Encodable<Req>,
  ): Promise<Decoded<Res>> {
    return retried(this.#clock, async () => {
      const { controllerId } = await this.#connections.metadata([]);
      try {
        return await this.#connections.ask(controllerId, api, request);
      } catch (error) {
        if (!(error instanceof AdminError) || !isLost(error)) throw error;
        const message = `${error.message}: whether it was done is not known`;
        throw new AdminError(message, {
          cause: error,
          retriable: false,
          answer: { error: 'REQUEST_TIMED_OUT', message },
        });
      }
    });
  }

  /** The controller has decided; the brokers that are asked next tell of it a moment later. */
  async #told(topic: string, isSo: (found: TopicDescription | null) => boolean): Promise<void> {
    const deadline = this.#clock.monotonic() + TOLD_WITHIN_MS;
    while (!isSo(await this.describe(topic)) && this.#clock.monotonic() < deadline)
      await sleep(this.#clock, ASK_EVERY_MS);
  }
}

function described({ name, errorCode, partitions }: Metadata['topics'][number]): TopicDescription[] {
  if (name === null || errorName(errorCode) !== 'NONE') return [];
  const own = partitions.map(({ partitionIndex, leaderId, replicaNodes, isrNodes }) => ({
    partition: partitionIndex,
    leader: leaderId,
    replicas: replicaNodes,
    isr: isrNodes,
  }));
  return [{ name, partitions: own.sort((a, b) => a.partition - b.partition) }];
}

function isLost(error: AdminError): boolean {
  const { cause } = error;
  return cause instanceof ConnectionError && (cause.code === 'CLOSED' || cause.code === 'TIMED_OUT');
}

function check(what: string, code: number, message: string | null): void {
  const name = errorName(code);
  if (name === 'NONE') return;
  const text = message ?? errorMessage(name);
  const retriable = name === 'NOT_CONTROLLER';
  throw new AdminError(`${what}: ${name}: ${text}`, { retriable, answer: { error: name, message: text } });
}
