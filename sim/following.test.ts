import { afterEach, expect, test, vi } from 'vitest';
import { sleep } from '../src/base/clock.ts';
import { fetchHandler } from '../src/broker/handlers/01-fetch.ts';
import { KafkaConnection } from '../src/client/connection.ts';
import { produce } from '../src/protocol/messages/00-produce.ts';
import { createTopics } from '../src/protocol/messages/19-create-topics.ts';
import { buildBatch } from '../src/protocol/records/record.ts';
import { ClusterClient } from './cluster/cluster-client.ts';
import { nameOf, SimCluster } from './cluster/sim-cluster.ts';
import { Simulation } from './simulation.ts';

const BROKERS = [1, 2, 3];
const ALL = -1;

afterEach(() => {
  vi.restoreAllMocks();
});

/** Counts the fetches of followers, and the sessions that leaders keep for them. */
function counts() {
  const run = vi.spyOn(fetchHandler, 'run');
  return {
    get fetches(): number {
      return run.mock.calls.length;
    },
    /** The number of sessions of each leader. */
    get sessions(): number[] {
      const all = new Set(run.mock.calls.map(([context]) => context.fetchSessions));
      return [...all].map(({ size }) => size);
    },
  };
}

class Cluster {
  readonly client: ClusterClient;
  readonly simulation: Simulation;

  constructor(simulation: Simulation) {
    this.simulation = simulation;
    this.client = new ClusterClient(simulation, 'client', BROKERS.map(nameOf));
  }

  async create(name: string, configs: Readonly<Record<string, string>> = {}): Promise<void> {
    const connection = await this.client.anyBroker();
    const answer = await connection.send(createTopics, {
      topics: [
        {
          name,
          numPartitions: 1,
          replicationFactor: 3,
          assignments: [],
          configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
        },
      ],
      timeoutMs: 5000,
      validateOnly: false,
    });
    expect(answer.topics.map(({ errorCode }) => errorCode)).toEqual([0]);
  }

  /** Produces one record with acks=all; resolves with the milliseconds that it took. */
  async produce(topic: string): Promise<number> {
    const records = buildBatch({ records: [{ timestamp: 1, key: null, value: Buffer.from('x') }] });
    for (;;) {
      const leader = await this.client.leaderOf(topic, 0);
      const startedAt = this.simulation.time;
      const answer = await leader?.send(
        produce,
        {
          transactionalId: null,
          acks: ALL,
          timeoutMs: 5000,
          topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
        },
        { version: 9 },
      );
      if (answer?.responses[0]?.partitionResponses[0]?.errorCode === 0)
        return this.simulation.time - startedAt;
      this.client.forgetLeaders();
      await sleep(this.simulation.clock, 5);
    }
  }
}

async function withCluster(run: (cluster: Cluster) => Promise<void>): Promise<void> {
  const simulation = new Simulation(7);
  simulation.network.faults.slow = 0;
  const cluster = new SimCluster(simulation, {
    config: { 'broker.session.timeout.ms': '9000', 'min.insync.replicas': '2' },
  });
  await simulation.run(async () => {
    cluster.start();
    for (const id of BROKERS) cluster.addBroker(id);
    await simulation.until(() => cluster.isWhole(), 60_000);
    await run(new Cluster(simulation));
    await cluster.end();
  });
}

test('two hundred topics cost no fetch session, and the first record of each is acknowledged soon', async () => {
  const counted = counts();
  await withCluster(async (cluster) => {
    const tookMs: number[] = [];
    for (let i = 0; i < 200; i++) {
      await cluster.create(`topic-${i}`);
      tookMs.push(await cluster.produce(`topic-${i}`));
    }
    expect(counted.sessions).toEqual([2, 2, 2]);
    tookMs.sort((a, b) => a - b);
    expect(tookMs[100]).toBeLessThan(20);
    expect(tookMs[198]).toBeLessThan(50);
  });
});

test('a batch of a topic with flush.messages=1 costs each follower two fetches, however slow the device is', async () => {
  const counted = counts();
  await withCluster(async (cluster) => {
    await cluster.create('flushed', { 'flush.messages': '1' });
    await cluster.produce('flushed');
    for (const id of BROKERS) cluster.simulation.host(nameOf(id)).faults.syncMs = [80, 80];
    await sleep(cluster.simulation.clock, 2000);
    const before = counted.fetches;
    const startedAt = cluster.simulation.time;
    const batches = 20;
    for (let i = 0; i < batches; i++) await cluster.produce('flushed');
    const tookMs = cluster.simulation.time - startedAt;
    // Three brokers fetch from two others each, twice a second while nothing happens.
    const idle = Math.ceil((tookMs / 500) * 6);
    expect(counted.fetches - before).toBeLessThanOrEqual(batches * 2 * 2 + idle);
  });
});

test('a leader that speaks too old a version is tried again, and no follower ends because of it', async () => {
  const { versionOf } = KafkaConnection.prototype;
  const told = vi.spyOn(KafkaConnection.prototype, 'versionOf').mockImplementation(function (
    this: KafkaConnection,
    api,
  ) {
    const isLeader = this.remote.endsWith(':9091') && api.name === 'Fetch';
    return isLeader ? 12 : versionOf.call(this, api);
  });
  await withCluster(async (cluster) => {
    await cluster.create('followed');
    await sleep(cluster.simulation.clock, 5000);
    told.mockRestore();
    expect(await cluster.produce('followed')).toBeLessThan(5000);
  });
});
