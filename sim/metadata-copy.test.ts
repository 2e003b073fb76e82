import { expect, test } from 'vitest';
import { sleep } from '../src/base/clock.ts';
import { createTopics } from '../src/protocol/messages/19-create-topics.ts';
import { ClusterClient } from './cluster/cluster-client.ts';
import { nameOf, SimCluster } from './cluster/sim-cluster.ts';
import type { DiskFaults } from './disk-faults.ts';
import { Simulation } from './simulation.ts';

const BROKERS = [1, 2, 3];
/** The broker whose disk fails. Its peers have all replicas of the topics that are made. */
const HARMED = 2;
const KNOWS_MS = 15_000;

class Cluster {
  readonly simulation = new Simulation(3);
  readonly sim = new SimCluster(this.simulation, { config: {} });
  readonly #client = new ClusterClient(this.simulation, 'client', [nameOf(1)]);

  /** Makes a topic of which the harmed broker has nothing but the metadata. */
  async create(name: string): Promise<void> {
    const connection = await this.#client.anyBroker();
    const assignments = [{ partitionIndex: 0, brokerIds: [1, 3] }];
    const topic = { name, numPartitions: -1, replicationFactor: -1, assignments, configs: [] };
    const answer = await connection.send(createTopics, { topics: [topic], timeoutMs: 5000 });
    expect(answer.topics.map(({ errorCode }) => errorCode)).toEqual([0]);
  }

  get host() {
    return this.sim.host(HARMED);
  }

  harm(faults: Partial<DiskFaults>): void {
    Object.assign(this.host.faults, faults);
  }

  async knows(topic: string): Promise<void> {
    await this.simulation.until(
      () => this.sim.brokers.get(HARMED)?.image.topics.byName(topic) !== undefined && this.sim.isWhole(),
      KNOWS_MS,
      `broker ${HARMED} knows of ${topic}`,
    );
  }
}

async function withCluster(run: (cluster: Cluster) => Promise<void>): Promise<void> {
  const cluster = new Cluster();
  await cluster.simulation.run(async () => {
    cluster.sim.start();
    for (const id of BROKERS) cluster.sim.addBroker(id);
    await cluster.simulation.until(() => cluster.sim.isWhole(), 60_000);
    await run(cluster);
    await cluster.sim.end();
  });
}

test('a broker that could not write what it read of the cluster ends, and its next process reads it', () =>
  withCluster(async (cluster) => {
    cluster.harm({ writeEio: 1 });
    await cluster.create('unwritten');
    await sleep(cluster.simulation.clock, 1000);
    cluster.harm({ writeEio: 0 });
    await cluster.knows('unwritten');
  }));

test('so does one that cannot write it while it starts', () =>
  withCluster(async (cluster) => {
    cluster.host.kill();
    await cluster.create('unwritten');
    cluster.harm({ writeEio: 1 });
    await sleep(cluster.simulation.clock, 4000);
    cluster.harm({ writeEio: 0 });
    await cluster.knows('unwritten');
  }));
