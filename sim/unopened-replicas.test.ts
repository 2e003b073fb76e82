import { describe, expect, test } from 'vitest';
import type { PartitionImage } from '../src/metadata/topics.ts';
import { Administrator } from './cluster/administrator.ts';
import { ClusterClient } from './cluster/cluster-client.ts';
import { nameOf, SimCluster } from './cluster/sim-cluster.ts';
import { Simulation } from './simulation.ts';

const BROKERS = [1, 2, 3];
const SEEDS = 4;
/** Milliseconds from the moment when the log is opened to the election of another leader. */
const TOLD_MS = 1000;
const FAULTS = ['EMFILE', 'EIO'] as const;

interface Bench {
  readonly simulation: Simulation;
  readonly cluster: SimCluster;
  create(topic: string): Promise<void>;
  /** The partition in the controller's image. */
  orders(): PartitionImage | undefined;
}

async function withCluster(run: (bench: Bench) => Promise<void>): Promise<void> {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const simulation = new Simulation(seed);
    const cluster = new SimCluster(simulation, { config: {} });
    await simulation.run(async () => {
      cluster.start();
      for (const id of BROKERS) cluster.addBroker(id);
      await simulation.until(() => cluster.isWhole(), 60_000);
      const client = new ClusterClient(simulation, 'admin', BROKERS.map(nameOf), { factor: 1 });
      const administrator = new Administrator(client, { isOver: () => false, created: () => {} });
      await run({
        simulation,
        cluster,
        create: async (name) => {
          await administrator.create({ name, partitions: 1, replicationFactor: BROKERS.length });
        },
        orders: () => cluster.image?.topics.byName('orders')?.partitions[0],
      });
      await cluster.end();
    });
  }
}

describe.each(FAULTS)('a replica whose log cannot be opened (%s)', (code) => {
  const refused = { folder: '/data/orders-0', code };

  test('of a new topic is not in sync and does not lead, until it is open', async () => {
    const led = new Set<number>();
    await withCluster(async ({ simulation, cluster, create, orders }) => {
      // The first broker on which a partition is placed leads it; the seeds choose which.
      cluster.host(1).faults.refused = refused;
      await create('orders');
      led.add(orders()?.replicas[0] ?? -1);
      await simulation.until(() => orders()?.isr.includes(1) === false, TOLD_MS, 'another ISR');
      expect(orders()?.isr.length).toBe(2);
      expect([2, 3]).toContain(orders()?.leader);
      cluster.host(1).faults.refused = null;
      await simulation.until(() => cluster.isWhole(), 120_000, 'all in sync');
      // Now broker 1 may lead again.
      for (const id of [2, 3]) cluster.host(id).kill();
      await simulation.until(() => orders()?.leader === 1, 20_000, 'its leadership');
    });
    expect(led.has(1)).toBe(true);
  });

  test('after a restart is not elected', async () => {
    await withCluster(async ({ simulation, cluster, create, orders }) => {
      await create('orders');
      await simulation.until(() => cluster.isWhole(), 60_000);
      const life = cluster.brokers.get(1)?.epoch;
      cluster.host(1).kill();
      cluster.host(1).faults.refused = refused;
      const registered = () => cluster.image?.brokers.byId(1);
      await simulation.until(() => registered()?.epoch !== life && registered()?.fenced === false, 60_000);
      for (const id of [2, 3]) cluster.host(id).kill();
      const isFenced = (id: number) => cluster.image?.brokers.byId(id)?.fenced === true;
      await simulation.until(() => isFenced(2) && isFenced(3), 20_000);
      expect(orders()?.isr).not.toContain(1);
      expect(orders()?.leader).not.toBe(1);
      cluster.host(1).faults.refused = null;
      await simulation.until(() => cluster.isWhole(), 120_000, 'all in sync');
    });
  });
});
