import { assert } from '../../base/assert.ts';
import { byTopic, type TopicPartition } from '../../base/topic-partition.ts';
import type { World } from '../../base/world.ts';
import { type ErrorName, errorMessage, errorName } from '../../protocol/errors.ts';
import { apiVersions } from '../../protocol/messages/18-api-versions.ts';
import { describeLogDirs } from '../../protocol/messages/35-describe-log-dirs.ts';
import { electLeaders } from '../../protocol/messages/43-elect-leaders.ts';
import { incrementalAlterConfigs } from '../../protocol/messages/44-incremental-alter-configs.ts';
import { alterPartitionReassignments } from '../../protocol/messages/45-alter-partition-reassignments.ts';
import { listPartitionReassignments } from '../../protocol/messages/46-list-partition-reassignments.ts';
import { describeUserScramCredentials } from '../../protocol/messages/50-describe-user-scram-credentials.ts';
import { alterUserScramCredentials } from '../../protocol/messages/51-alter-user-scram-credentials.ts';
import { updateFeatures } from '../../protocol/messages/57-update-features.ts';
import { unregisterBroker } from '../../protocol/messages/64-unregister-broker.ts';
import { saltPassword } from '../../security/scram/credential.ts';
import { ITERATIONS_MIN, scramMechanisms } from '../../security/scram/mechanism.ts';
import { KafkaTopicAdmin } from '../topics/kafka-topic-admin.ts';
import { AclAdmin } from './acl-admin.ts';
import { AdminRequests, check } from './admin-requests.ts';
import { BrokerConnections, type BrokerConnectionsOptions } from './broker-connections.ts';
import type {
  ClusterAdmin,
  LogSize,
  OngoingReassignment,
  PartitionDescription,
  PartitionRefusal,
  ReassignmentTarget,
  Throttles,
  VolumeUse,
} from './cluster-admin.ts';
import { brokerDefaults, brokerThrottle, topicThrottles } from './throttle-configs.ts';

/** What a request that changes the metadata may take inside the cluster. */
const TIMEOUT_MS = 30_000;
const PREFERRED = 0;
/** Of UpdateFeatures. */
const UPGRADE = 1;
const SALT_BYTES = 24;

/** Over Kafka's own requests, as any client may send them, so it works on every engine. */
export class KafkaAdmin implements ClusterAdmin {
  readonly topics: KafkaTopicAdmin;
  readonly acls: AclAdmin;
  readonly #world: World;
  readonly #requests: AdminRequests;

  constructor(world: World, options: BrokerConnectionsOptions) {
    this.#world = world;
    const connections = new BrokerConnections(world, options);
    this.#requests = new AdminRequests(world.clock, connections);
    this.topics = new KafkaTopicAdmin(world.clock, connections);
    this.acls = new AclAdmin(this.#requests, world.clock);
  }

  close(): Promise<void> {
    return this.#requests.close();
  }

  async describePartitions(topics: readonly string[] | null): Promise<readonly PartitionDescription[]> {
    const answer = await this.#requests.metadata(topics);
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
    withinMs?: number,
  ): Promise<{ sizes: LogSize[]; volumes: VolumeUse[]; unreachable: number[] }> {
    const topics =
      partitions && [...byTopic(partitions)].map(([topic, own]) => ({ topic, partitions: own.map(index) }));
    const sizes: LogSize[] = [];
    const volumes: VolumeUse[] = [];
    const unreachable: number[] = [];
    await this.#requests.onEach(brokers, { unreachable, withinMs }, async (broker) => {
      const answer = await this.#requests.ask(broker, describeLogDirs, { topics });
      check('DescribeLogDirs', answer.errorCode, null);
      for (const directory of answer.results) {
        const { totalBytes, usableBytes } = directory;
        volumes.push({ broker, totalBytes, usableBytes });
        for (const topic of directory.topics) {
          for (const { partitionIndex, partitionSize, isFutureKey } of topic.partitions) {
            if (isFutureKey) continue;
            sizes.push({ broker, topic: topic.name, partition: partitionIndex, sizeInBytes: partitionSize });
          }
        }
      }
    });
    return { sizes, volumes, unreachable };
  }

  async alterReassignments(targets: readonly ReassignmentTarget[]): Promise<readonly PartitionRefusal[]> {
    const topics = [...byTopic(targets)].map(([name, own]) => ({
      name,
      partitions: own.map(({ partition, replicas }) => ({ partitionIndex: partition, replicas })),
    }));
    const answer = await this.#requests.askController(
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
    const answer = await this.#requests.askController(
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
    // Which replicas first: a rate without replicas throttles nothing, replicas without a rate nothing
    // either.
    await this.#setTopicThrottles(throttles);
    const unreachable: number[] = [];
    // A broker takes its own dynamic configs only from itself.
    await this.#requests.onEach(throttles.brokers, { unreachable }, async (broker) => {
      const answer = await this.#requests.ask(broker, incrementalAlterConfigs, {
        resources: [brokerThrottle(broker, throttles.bytesPerSecond)],
        validateOnly: false,
      });
      for (const { errorCode, errorMessage: message } of answer.responses)
        check(`throttle of broker ${broker}`, errorCode, message);
    });
    return { unreachable };
  }

  async electPreferred(partitions: readonly TopicPartition[]): Promise<readonly PartitionRefusal[]> {
    const topicPartitions = [...byTopic(partitions)].map(([topic, own]) => ({
      topic,
      partitions: own.map(index),
    }));
    const answer = await this.#requests.askController(
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

  async alterBrokerDefaults(values: Readonly<Record<string, string | null>>): Promise<void> {
    const request = { resources: [brokerDefaults(values)], validateOnly: false };
    await this.#requests.askController(incrementalAlterConfigs, request, ({ responses }) => {
      for (const { errorCode, errorMessage: message } of responses)
        check('Defaults of all brokers', errorCode, message);
    });
  }

  async raiseFeatures(levels: ReadonlyMap<string, number>): Promise<void> {
    const { finalizedFeatures } = await this.#requests.askController(
      apiVersions,
      { clientSoftwareName: 'millrace', clientSoftwareVersion: '1' },
      ({ errorCode }) => check('ApiVersions', errorCode, null),
    );
    const featureUpdates = [...levels]
      .filter(([name, level]) => {
        const now = finalizedFeatures.find((one) => one.name === name)?.maxVersionLevel ?? 0;
        return now < level;
      })
      .map(([feature, maxVersionLevel]) => ({
        feature,
        maxVersionLevel,
        allowDowngrade: false,
        upgradeType: UPGRADE,
      }));
    if (featureUpdates.length === 0) return;
    const request = { timeoutMs: TIMEOUT_MS, featureUpdates, validateOnly: false };
    await this.#requests.askController(updateFeatures, request, ({ errorCode, errorMessage: message }) =>
      check('UpdateFeatures', errorCode, message),
    );
  }

  /** Makes the cluster forget a broker that was taken away for good; one that it does not know is as good. */
  async unregister(broker: number): Promise<void> {
    await this.#requests.askController(
      unregisterBroker,
      { brokerId: broker },
      ({ errorCode, errorMessage: message }) => {
        if (errorName(errorCode) !== 'BROKER_ID_NOT_REGISTERED')
          check(`UnregisterBroker ${broker}`, errorCode, message);
      },
    );
  }

  /**
   * Users sign in by SCRAM-SHA-512, the one mechanism that MSK has, with these passwords; those of `take` do
   * not any more. One that is not there is as good.
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
    await this.#requests.askController(
      alterUserScramCredentials,
      { deletions, upsertions },
      ({ results }) => {
        for (const { user, errorCode, errorMessage: message } of results)
          if (errorName(errorCode) !== 'RESOURCE_NOT_FOUND') check(`user ${user}`, errorCode, message);
      },
    );
  }

  /** The names of all users that can sign in by SCRAM, whatever the mechanism. */
  async scramUsers(): Promise<readonly string[]> {
    const answer = await this.#requests.askController(
      describeUserScramCredentials,
      { users: null },
      ({ errorCode, errorMessage: message }) => check('DescribeUserScramCredentials', errorCode, message),
    );
    return answer.results.map(({ user }) => user);
  }

  async #setTopicThrottles({ topics, bytesPerSecond }: Throttles): Promise<void> {
    if (topics.length === 0) return;
    const resources = topicThrottles(topics, bytesPerSecond !== null);
    await this.#requests.askController(
      incrementalAlterConfigs,
      { resources, validateOnly: false },
      (answer) => {
        for (const { errorCode, errorMessage: message, resourceName } of answer.responses) {
          // The topic was deleted, and its throttle with it.
          if (errorName(errorCode) === 'UNKNOWN_TOPIC_OR_PARTITION') continue;
          check(`throttle of topic ${resourceName}`, errorCode, message);
        }
      },
    );
  }
}

function refusalOf(partition: TopicPartition, code: number, message: string | null): PartitionRefusal[] {
  const error: ErrorName = errorName(code);
  return error === 'NONE' ? [] : [{ ...partition, error, message: message ?? errorMessage(error) }];
}

function index({ partition }: TopicPartition): number {
  return partition;
}
