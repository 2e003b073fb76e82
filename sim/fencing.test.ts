import { describe, expect, test } from 'vitest';
import { sleep } from '../src/base/clock.ts';
import { SimCluster } from './cluster/sim-cluster.ts';
import { Simulation } from './simulation.ts';

const SESSION_MS = 3000;
const SEEDS = 5;

/** Starts three brokers and waits until they serve. */
async function withCluster(
  run: (cluster: SimCluster, simulation: Simulation) => Promise<void>,
  seeds = SEEDS,
): Promise<void> {
  for (let seed = 0; seed < seeds; seed++) {
    const simulation = new Simulation(seed);
    const cluster = new SimCluster(simulation, {
      config: { 'broker.session.timeout.ms': `${SESSION_MS}` },
    });
    await simulation.run(async () => {
      cluster.start();
      for (const id of [1, 2, 3]) cluster.addBroker(id);
      await simulation.until(() => cluster.isWhole(), 60_000);
      await run(cluster, simulation);
      await cluster.end();
    });
  }
}

const fenced = (cluster: SimCluster) =>
  cluster.ids.filter((id) => cluster.image?.brokers.byId(id)?.fenced !== false);

describe('a broker that lives', () => {
  test('is not fenced because its connections break', async () => {
    await withCluster(async (cluster, simulation) => {
      const epochs = cluster.ids.map((id) => cluster.image?.brokers.byId(id)?.epoch);
      const over = simulation.time + 20_000;
      simulation.network.faults.reset = 0.02;
      while (simulation.time < over) {
        await sleep(simulation.clock, 10);
        expect(fenced(cluster)).toEqual([]);
      }
      expect(cluster.ids.map((id) => cluster.image?.brokers.byId(id)?.epoch)).toEqual(epochs);
    });
  });

  test('and stands still is fenced when its session ends, not when its connection does', async () => {
    await withCluster(async (cluster, simulation) => {
      const pausedAt = simulation.time;
      cluster.host(1).pause();
      await simulation.until(() => fenced(cluster).length > 0, 2 * SESSION_MS);
      // At most one interval has passed since the last heartbeat.
      expect(simulation.time - pausedAt).toBeGreaterThan(SESSION_MS / 2);
      expect(fenced(cluster)).toEqual([1]);
      cluster.host(1).resume();
      await simulation.until(() => fenced(cluster).length === 0, 10_000);
    });
  });
});

test('a broker that was killed is fenced within a second, and nobody had to tell the controller', async () => {
  await withCluster(async (cluster, simulation) => {
    const { epoch } = cluster.image?.brokers.byId(2) ?? expect.fail();
    const killedAt = simulation.time;
    cluster.host(2).kill();
    const isOver = () => {
      const broker = cluster.image?.brokers.byId(2);
      return broker?.fenced === true || broker?.epoch !== epoch;
    };
    await simulation.until(isOver, SESSION_MS);
    expect(simulation.time - killedAt).toBeLessThan(1000);
  });
});
