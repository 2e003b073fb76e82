import { sleep } from '../../src/base/clock.ts';
import type { World } from '../../src/base/world.ts';
import { KafkaConnection } from '../../src/client/connection.ts';
import type { BrokerAddress } from '../../src/control/rebalance/broker-connections.ts';
import { produce } from '../../src/protocol/messages/00-produce.ts';
import { listOffsets } from '../../src/protocol/messages/02-list-offsets.ts';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import { createTopics } from '../../src/protocol/messages/19-create-topics.ts';
import { describeConfigs } from '../../src/protocol/messages/32-describe-configs.ts';
import { buildBatch } from '../../src/protocol/records/record.ts';

const UNKNOWN_TOPIC_OR_PARTITION = 3;
const NOT_LEADER_OR_FOLLOWER = 6;

/** Apache Kafka on a busy machine takes long to make partitions. */
const PATIENT = { timeoutMs: 120_000 };

/** What a test does to a cluster besides rebalancing it. Broker n is the n-th endpoint. */
export class AdminClient {
  readonly #world: World;
  readonly #brokers: readonly BrokerAddress[];
  readonly #connections = new Map<number, KafkaConnection>();

  constructor(world: World, brokers: readonly BrokerAddress[]) {
    this.#world = world;
    this.#brokers = brokers;
  }

  async createTopic(name: string, assignments: readonly (readonly number[])[]): Promise<void> {
    const connection = await this.#connection(1);
    const topic = {
      ...{ name, numPartitions: -1, replicationFactor: -1, configs: [] },
      assignments: assignments.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })),
    };
    const { topics } = await connection.send(createTopics, { topics: [topic], ...PATIENT }, PATIENT);
    if (topics.some(({ errorCode }) => errorCode !== 0)) throw new Error(JSON.stringify(topics));
  }

  /**
   * Records of about a kilobyte that do not compress, in batches that every broker accepts, with acks=all.
   */
  async produce(topic: string, partition: number, leader: number, kilobytes: number): Promise<void> {
    const connection = await this.#connection(leader);
    for (let left = kilobytes; left > 0; left -= 500) {
      const value = Buffer.from(this.#world.random.bytes(1000));
      const timestamp = this.#world.clock.now();
      const records = Array.from({ length: Math.min(500, left) }, () => ({ timestamp, key: null, value }));
      const answer = await connection.send(
        produce,
        {
          acks: -1,
          timeoutMs: 60_000,
          topicData: [
            { name: topic, partitionData: [{ index: partition, records: buildBatch({ records }) }] },
          ],
        },
        { version: 11, ...PATIENT },
      );
      const code = answer.responses[0]?.partitionResponses[0]?.errorCode;
      if (code === UNKNOWN_TOPIC_OR_PARTITION || code === NOT_LEADER_OR_FOLLOWER) {
        // The broker will lead when it has read the metadata log that far; nothing was written.
        await sleep(this.#world.clock, 100);
        left += 500;
      } else if (code !== 0) throw new Error(`produce to ${topic}-${partition}: error ${code}`);
    }
  }

  async endOffset(topic: string, partition: number, leader: number): Promise<number> {
    const connection = await this.#connection(leader);
    const { topics } = await connection.send(listOffsets, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{ name: topic, partitions: [{ partitionIndex: partition, timestamp: -1 }] }],
    });
    return topics[0]?.partitions[0]?.offset ?? -1;
  }

  /** The throttles of a topic and of all brokers, as `name=value`. */
  async throttles(topic: string): Promise<string[]> {
    const found: string[] = [];
    for (const broker of this.#brokers.keys()) {
      const connection = await this.#connection(broker + 1);
      const { results } = await connection.send(describeConfigs, {
        resources: [
          { resourceType: 4, resourceName: String(broker + 1), configurationKeys: null },
          ...(broker === 0 ? [{ resourceType: 2, resourceName: topic, configurationKeys: null }] : []),
        ],
      });
      for (const { resourceName, configs } of results) {
        for (const { name, value } of configs) {
          // Without a throttle Kafka returns an empty list, and the rate not at all or as the largest number.
          const isSet = value !== null && value !== '' && value !== '9223372036854775807';
          if (name.includes('replication.throttled') && isSet)
            found.push(`${resourceName}: ${name}=${value}`);
        }
      }
    }
    return found;
  }

  /** The brokers that one of them knows to be alive. */
  async aliveBrokers(asked: number): Promise<number[]> {
    const connection = await this.#connection(asked);
    const { brokers } = await connection.send(metadata, { topics: [] });
    return brokers.map(({ nodeId }) => nodeId).sort((a, b) => a - b);
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
  }

  async #connection(broker: number): Promise<KafkaConnection> {
    const open = this.#connections.get(broker);
    if (open) return open;
    const endpoint = this.#brokers[broker - 1];
    if (!endpoint) throw new Error(`no broker ${broker}`);
    const connection = await KafkaConnection.connect(this.#world, {
      ...endpoint,
      clientId: 'rebalance-test',
      timeoutMs: 60_000,
    });
    this.#connections.set(broker, connection);
    return connection;
  }
}
