import { expect, test } from 'vitest';
import { sleep } from '../src/base/clock.ts';
import type { KafkaConnection } from '../src/client/connection.ts';
import { partitionFor } from '../src/coordinator/partition-for.ts';
import { coordinatorKey } from '../src/coordinator/share/share-key.ts';
import { SHARE_GROUP_STATE } from '../src/metadata/internal-topics.ts';
import { produce } from '../src/protocol/messages/00-produce.ts';
import { createTopics } from '../src/protocol/messages/19-create-topics.ts';
import { buildBatch } from '../src/protocol/records/record.ts';
import { Administrator } from './cluster/administrator.ts';
import { ClusterClient } from './cluster/cluster-client.ts';
import { ShareAdministrator } from './cluster/share-administrator.ts';
import { nameOf, SimCluster } from './cluster/sim-cluster.ts';
import { Simulation } from './simulation.ts';
import { ShareReader } from './testing/share-reader.ts';

const BROKERS = [1, 2, 3];
const SEEDS = [1, 2, 3];
const TOPIC = 'queue';
/** A group that is only there to have the internal topics made. */
const FIRST_GROUP = 'first';
/** Longer than a fenced broker needs to hear what the cluster is now, and its peers to hear from it. */
const SETTLED_MS = 20_000;
/** Longer than a process needs to hand a request over to its kernel. */
const SENT_MS = 5;
/** Longer than the slowest segment is on its way. */
const ARRIVED_MS = 200;

class Bench {
  readonly simulation: Simulation;
  readonly cluster: SimCluster;
  readonly client: ClusterClient;
  /** Asks the group coordinator that is replaced later. */
  readonly early: ClusterClient;
  readonly administrator: Administrator;

  constructor(seed: number) {
    this.simulation = new Simulation(seed);
    this.cluster = new SimCluster(this.simulation, { config: { 'min.insync.replicas': '1' } });
    this.client = new ClusterClient(this.simulation, 'client', BROKERS.map(nameOf));
    this.early = new ClusterClient(this.simulation, 'early', BROKERS.map(nameOf));
    this.administrator = new Administrator(this.client, { isOver: () => false, created: () => {} });
  }

  /** The id of the leader of the partition; -1 when there is none, or the topic is not there. */
  leader(topic: string, partition: number): number {
    return this.cluster.image?.topics.byName(topic)?.partitions[partition]?.leader ?? -1;
  }

  groupCoordinator(group: string): number {
    return this.leader('__consumer_offsets', this.#partitionFor('__consumer_offsets', group));
  }

  shareCoordinator(groupId: string): number {
    const topicId = this.cluster.image?.topics.byName(TOPIC)?.id;
    if (!topicId) return -1;
    const key = coordinatorKey({ groupId, topicId, partition: 0 });
    return this.leader(SHARE_GROUP_STATE, this.#partitionFor(SHARE_GROUP_STATE, key));
  }

  #partitionFor(topic: string, key: string): number {
    return partitionFor(key, this.cluster.image?.topics.byName(topic)?.partitions.length ?? 1);
  }

  async create(): Promise<void> {
    const connection = await this.client.anyBroker();
    const topic = { name: TOPIC, numPartitions: 1, replicationFactor: 3, assignments: [], configs: [] };
    const answer = await connection.send(createTopics, { topics: [topic], timeoutMs: 5000 });
    expect(answer.topics.map(({ errorCode }) => errorCode)).toEqual([0]);
    await this.simulation.until(() => this.cluster.isWhole(), 60_000, 'the topic');
  }

  /** Resolves when the records are acknowledged. Some broker that is asked may be paused. */
  async write(values: readonly string[]): Promise<void> {
    const { client } = this;
    const records = buildBatch({
      records: values.map((value) => ({ timestamp: 1, key: null, value: Buffer.from(value) })),
    });
    const topicData = [{ name: TOPIC, partitionData: [{ index: 0, records }] }];
    const request = { transactionalId: null, acks: -1, timeoutMs: 5000, topicData };
    client.forgetLeaders();
    let leader: KafkaConnection | null = null;
    while (!leader)
      await client.tried(async () => {
        leader = await client.leaderOf(TOPIC, 0);
      });
    const answer = await (leader as KafkaConnection).send(produce, request, { version: 9 });
    expect(answer.responses[0]?.partitionResponses[0]?.errorCode).toBe(0);
  }

  reader(group: string): ShareReader {
    return new ShareReader(this.client, { group, topic: TOPIC });
  }

  /** How far what the coordinator of the group has written is committed. */
  writtenOf(group: string): number {
    const [partition, broker] = [
      this.#partitionFor('__consumer_offsets', group),
      this.groupCoordinator(group),
    ];
    return (
      this.cluster.brokers.get(broker)?.replicas.find('__consumer_offsets', partition)?.log.highWatermark ?? 0
    );
  }

  isReplaced(group: string, early: number): boolean {
    return ![early, -1].includes(this.groupCoordinator(group)) && this.leader(TOPIC, 0) !== early;
  }

  /** Resolves when the group is deleted. */
  async delete(group: string): Promise<void> {
    const administrator = new ShareAdministrator(this.client, TOPIC);
    while ((await administrator.delete(group)) !== 'done') await this.client.pause();
  }

  /**
   * Starts the cluster, with a topic of one record. Resolves with a group that has read it and has no member,
   * and whose group coordinator and share coordinator are two brokers.
   */
  async begin(): Promise<string> {
    const { cluster, simulation } = this;
    cluster.start();
    for (const id of BROKERS) cluster.addBroker(id);
    await simulation.until(() => cluster.isWhole(), 60_000, 'the cluster');
    await this.create();
    await this.write(['first']);
    await this.#readFirst(FIRST_GROUP);
    const group = Array.from({ length: 100 }, (_, n) => `group-${n}`).find((name) => {
      const [one, other] = [this.groupCoordinator(name), this.shareCoordinator(name)];
      return one !== -1 && other !== -1 && one !== other;
    });
    if (group === undefined) throw new Error('every group has one broker as both coordinators');
    await this.#readFirst(group);
    return group;
  }

  async #readFirst(group: string): Promise<void> {
    await this.administrator.alterGroup(group, { 'share.auto.offset.reset': 'earliest' });
    const reader = this.reader(group);
    expect(await reader.take(1)).toEqual(['first']);
    await reader.leave();
  }
}

interface Story {
  /** What the coordinator that is replaced is asked for; its requests to the share coordinator come late. */
  readonly asks: (administrator: ShareAdministrator, group: string) => Promise<unknown>;
  /** What happens to the new group of that name before they come, and after. */
  readonly before: (bench: Bench, group: string) => Promise<void>;
  readonly after: (bench: Bench, group: string) => Promise<void>;
}

/**
 * A coordinator of share groups is paused while its requests to the share coordinator are on their way, and
 * replaced. The next coordinator deletes the group, and a new one of its name begins.
 */
async function tell({ asks, before, after }: Story): Promise<void> {
  for (const seed of SEEDS) {
    const bench = new Bench(seed);
    const { simulation, cluster } = bench;
    await simulation.run(async () => {
      const group = await bench.begin();
      const [early, share] = [bench.groupCoordinator(group), bench.shareCoordinator(group)];
      const written = bench.writtenOf(group);
      const asked = asks(new ShareAdministrator(bench.early, TOPIC), group);
      // It asks the share coordinator in the instant in which what it will do is written down.
      await simulation.until(() => bench.writtenOf(group) > written, 5_000, 'the decision');
      simulation.network.cut(nameOf(early), nameOf(share));
      await sleep(simulation.clock, SENT_MS);
      cluster.host(early).pause();
      await simulation.until(() => bench.isReplaced(group, early), 30_000, 'the next coordinator');
      await bench.delete(group);
      await before(bench, group);
      // What lies in its kernel arrives, before it goes on and gives its connections up.
      simulation.network.healAll();
      await sleep(simulation.clock, ARRIVED_MS);
      cluster.host(early).resume();
      await asked;
      await sleep(simulation.clock, SETTLED_MS);
      await after(bench, group);
      await cluster.end();
    });
  }
}

test('a deletion that a replaced group coordinator asked for does not reach a new group of that name', () =>
  tell({
    asks: (administrator, group) => administrator.delete(group),
    before: async (bench, group) => {
      await bench.write(['second']);
      expect(await bench.reader(group).take(2)).toEqual(['first', 'second']);
    },
    after: async (bench, group) => {
      await bench.write(['third']);
      expect(await bench.reader(group).take(1)).toEqual(['third']);
    },
  }));

test('a move that a replaced group coordinator asked for does not reach a new group of that name', () =>
  tell({
    asks: (administrator, group) => administrator.alter(group, new Map([[0, 3]])),
    before: async (bench) => bench.write(['second', 'third', 'fourth']),
    after: async (bench, group) => {
      expect(await bench.reader(group).take(4)).toEqual(['first', 'second', 'third', 'fourth']);
    },
  }));
