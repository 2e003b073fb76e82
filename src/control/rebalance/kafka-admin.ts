import { assert } from '../../base/assert.ts';
import type { World } from '../../base/world.ts';
import type { Api } from '../../protocol/api.ts';
import { type ErrorName, errorMessage, errorName, isRetriable } from '../../protocol/errors.ts';
import type { Decoded, Encodable, Fields } from '../../protocol/field.ts';
import { describeLogDirs } from '../../protocol/messages/35-describe-log-dirs.ts';
import { electLeaders } from '../../protocol/messages/43-elect-leaders.ts';
import { incrementalAlterConfigs } from '../../protocol/messages/44-incremental-alter-configs.ts';
import { alterPartitionReassignments } from '../../protocol/messages/45-alter-partition-reassignments.ts';
import { listPartitionReassignments } from '../../protocol/messages/46-list-partition-reassignments.ts';
import { alterUserScramCredentials } from '../../protocol/messages/51-alter-user-scram-credentials.ts';
import { unregisterBroker } from '../../protocol/messages/64-unregister-broker.ts';
import { saltPassword } from '../../security/scram/credential.ts';
import { ITERATIONS_MIN, scramMechanisms } from '../../security/scram/mechanism.ts';
import { KafkaTopicAdmin } from '../topics/kafka-topic-admin.ts';
import { retried } from './admin-retry.ts';
import { BrokerConnections, type BrokerConnectionsOptions, type Metadata } from './broker-connections.ts';
import {
  AdminError,
  type ClusterAdmin,
  type LogSize,
  type OngoingReassignment,
  type PartitionDescription,
  type ReassignmentTarget,
  type Refusal,
  type Throttles,
} from './cluster-admin.ts';
import type { TopicPartition } from './move.ts';
import { brokerThrottle, topicThrottles } from './throttle-configs.ts';

/** What a request that changes the metadata may take inside the cluster. */
const TIMEOUT_MS = 30_000;
const PREFERRED = 0;
const SALT_BYTES = 24;

/** Over Kafka's own requests, as any client may send them, so it works on every engine. */
export class KafkaAdmin implements ClusterAdmin {
  readonly topics: KafkaTopicAdmin;
  readonly #world: World;
  readonly #connections: BrokerConnections;

  constructor(world: World, options: BrokerConnectionsOptions) {
    this.#world = world;
    this.#connections = new BrokerConnections(world, options);
    this.topics = new KafkaTopicAdmin(world.clock, this.#connections);
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  async describePartitions(topics: readonly string[] | null): Promise<readonly PartitionDescription[]> {
    const answer = await this.#metadata(topics);
    return answer.topics.flatMap(({ name, partitions }) =>
      partitions.map((partition) => ({
        topic: name ?? '',
        partition: partition.partitionIndex,
        replicas: partition.replicaNodes,
        isr: partition.isrNodes,
        leader: partition.leaderId,
      })),
    );
  }

  async logSizes(
    brokers: readonly number[],
    partitions: readonly TopicPartition[] | null,
  ): Promise<{ sizes: LogSize[]; unreachable: number[] }> {
    const topics =
      partitions && [...byTopic(partitions)].map(([topic, own]) => ({ topic, partitions: own.map(index) }));
    const sizes: LogSize[] = [];
    const unreachable: number[] = [];
    await this.#onEach(brokers, unreachable, async (broker) => {
      const answer = await this.#connections.ask(broker, describeLogDirs, { topics });
      check('DescribeLogDirs', answer.errorCode, null);
      for (const directory of answer.results) {
        for (const topic of directory.topics) {
          for (const { partitionIndex, partitionSize, isFutureKey } of topic.partitions) {
            if (isFutureKey) continue;
            sizes.push({ broker, topic: topic.name, partition: partitionIndex, sizeInBytes: partitionSize });
          }
        }
      }
    });
    return { sizes, unreachable };
  }

  async alterReassignments(targets: readonly ReassignmentTarget[]): Promise<readonly Refusal[]> {
    const topics = [...byTopic(targets)].map(([name, own]) => ({
      name,
      partitions: own.map(({ partition, replicas }) => ({ partitionIndex: partition, replicas })),
    }));
    const answer = await this.#askController(
      alterPartitionReassignments,
      { timeoutMs: TIMEOUT_MS, topics },
      ({ errorCode, errorMessage: message }) => check('AlterPartitionReassignments', errorCode, message),
    );
    return answer.responses.flatMap(({ name, partitions }) =>
      partitions.flatMap(({ partitionIndex, errorCode, errorMessage: message }) =>
        refusalOf({ topic: name, partition: partitionIndex }, errorCode, message),
      ),
    );
  }

  async listReassignments(): Promise<readonly OngoingReassignment[]> {
    const answer = await this.#askController(
      listPartitionReassignments,
      { timeoutMs: TIMEOUT_MS, topics: null },
      ({ errorCode, errorMessage: message }) => check('ListPartitionReassignments', errorCode, message),
    );
    return answer.topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, replicas, addingReplicas, removingReplicas }) => ({
        topic: name,
        partition: partitionIndex,
        replicas,
        adding: addingReplicas,
        removing: removingReplicas,
      })),
    );
  }

  async setThrottles(throttles: Throttles): Promise<{ unreachable: number[] }> {
    // Which replicas first: a rate without replicas throttles nothing, replicas without a rate nothing either.
    await this.#setTopicThrottles(throttles);
    const unreachable: number[] = [];
    // A broker takes its own dynamic configs only from itself.
    await this.#onEach(throttles.brokers, unreachable, async (broker) => {
      const answer = await this.#connections.ask(broker, incrementalAlterConfigs, {
        resources: [brokerThrottle(broker, throttles.bytesPerSecond)],
        validateOnly: false,
      });
      for (const { errorCode, errorMessage: message } of answer.responses)
        check(`throttle of broker ${broker}`, errorCode, message);
    });
    return { unreachable };
  }

  async electPreferred(partitions: readonly TopicPartition[]): Promise<readonly Refusal[]> {
    const topicPartitions = [...byTopic(partitions)].map(([topic, own]) => ({
      topic,
      partitions: own.map(index),
    }));
    const answer = await this.#askController(
      electLeaders,
      { electionType: PREFERRED, topicPartitions, timeoutMs: TIMEOUT_MS },
      ({ errorCode }) => check('ElectLeaders', errorCode, null),
    );
    return answer.replicaElectionResults
      .flatMap(({ topic, partitionResult }) =>
        partitionResult.flatMap(({ partitionId, errorCode, errorMessage: message }) =>
          refusalOf({ topic, partition: partitionId }, errorCode, message),
        ),
      )
      .filter(({ error }) => error !== 'ELECTION_NOT_NEEDED');
  }

  /** Makes the cluster forget a broker that was taken away for good; one that it does not know is as good. */
  async unregister(broker: number): Promise<void> {
    await this.#askController(
      unregisterBroker,
      { brokerId: broker },
      ({ errorCode, errorMessage: message }) => {
        if (errorName(errorCode) !== 'BROKER_ID_NOT_REGISTERED')
          check(`UnregisterBroker ${broker}`, errorCode, message);
      },
    );
  }

  /**
   * Users sign in by SCRAM-SHA-512, the one mechanism that MSK has, with these passwords; those of `take` do not any more. One that is
   * not there is as good.
   */
  async alterScramUsers(
    give: readonly { readonly name: string; readonly password: string }[],
    take: readonly string[],
  ): Promise<void> {
    const mechanism = scramMechanisms.find(({ name }) => name === 'SCRAM-SHA-512');
    assert(mechanism, 'SCRAM-SHA-512 is there');
    const upsertions = give.map(({ name, password }) => {
      const salt = Buffer.from(this.#world.random.bytes(SALT_BYTES));
      const salted = { salt, iterations: ITERATIONS_MIN };
      const saltedPassword = saltPassword(mechanism, password, salted);
      return { name, mechanism: mechanism.code, ...salted, saltedPassword };
    });
    const deletions = take.map((name) => ({ name, mechanism: mechanism.code }));
    await this.#askController(alterUserScramCredentials, { deletions, upsertions }, ({ results }) => {
      for (const { user, errorCode, errorMessage: message } of results)
        if (errorName(errorCode) !== 'RESOURCE_NOT_FOUND') check(`user ${user}`, errorCode, message);
    });
  }

  async #setTopicThrottles({ topics, bytesPerSecond }: Throttles): Promise<void> {
    if (topics.length === 0) return;
    const resources = topicThrottles(topics, bytesPerSecond !== null);
    await this.#askController(incrementalAlterConfigs, { resources, validateOnly: false }, (answer) => {
      for (const { errorCode, errorMessage: message, resourceName } of answer.responses) {
        // The topic was deleted, and its throttle with it.
        if (errorName(errorCode) === 'UNKNOWN_TOPIC_OR_PARTITION') continue;
        check(`throttle of topic ${resourceName}`, errorCode, message);
      }
    });
  }

  #metadata(topics: readonly string[] | null): Promise<Metadata> {
    return retried(this.#world.clock, async () => {
      const answer = await this.#connections.metadata(topics);
      check('Metadata', answer.errorCode, null);
      const known = answer.topics.filter(
        ({ errorCode }) => errorName(errorCode) !== 'UNKNOWN_TOPIC_OR_PARTITION',
      );
      for (const { name, errorCode } of known) check(`Metadata of ${name}`, errorCode, null);
      return { ...answer, topics: known };
    });
  }

  /** Metadata names as controller a broker that takes requests for it. */
  #askController<Req extends Fields, Res extends Fields>(
    api: Api<Req, Res>,
    request: Encodable<Req>,
    checkAnswer: (answer: Decoded<Res>) => void,
  ): Promise<Decoded<Res>> {
    return retried(this.#world.clock, async () => {
      const { controllerId } = await this.#connections.metadata([]);
      const answer = await this.#connections.ask(controllerId, api, request);
      checkAnswer(answer);
      return answer;
    });
  }

  /** Asks brokers side by side; one that is not alive is named at once, one that answers nothing after retries. */
  async #onEach(
    brokers: readonly number[],
    unreachable: number[],
    ask: (broker: number) => Promise<void>,
  ): Promise<void> {
    if (brokers.length === 0) return;
    await this.#metadata([]);
    const alive = new Set(this.#connections.brokers);
    unreachable.push(...brokers.filter((broker) => !alive.has(broker)));
    await Promise.all(
      brokers
        .filter((broker) => alive.has(broker))
        .map(async (broker) => {
          try {
            await retried(this.#world.clock, () => ask(broker));
          } catch (error) {
            if (!(error instanceof AdminError) || !error.retriable) throw error;
            unreachable.push(broker);
          }
        }),
    );
  }
}

function check(what: string, code: number, message: string | null): void {
  const name = errorName(code);
  if (name === 'NONE') return;
  throw new AdminError(`${what}: ${name}: ${message ?? errorMessage(name)}`, {
    retriable: isRetriable(name),
  });
}

function refusalOf(partition: TopicPartition, code: number, message: string | null): Refusal[] {
  const error: ErrorName = errorName(code);
  return error === 'NONE' ? [] : [{ ...partition, error, message: message ?? errorMessage(error) }];
}

function byTopic<T extends TopicPartition>(partitions: readonly T[]): Map<string, T[]> {
  const topics = new Map<string, T[]>();
  for (const one of partitions) {
    const own = topics.get(one.topic);
    if (own) own.push(one);
    else topics.set(one.topic, [one]);
  }
  return topics;
}

function index({ partition }: TopicPartition): number {
  return partition;
}
