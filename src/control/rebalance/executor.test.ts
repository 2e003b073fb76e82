import { describe, expect, test } from 'vitest';
import type { SimHost } from '../../../sim/sim-host.ts';
import { Simulation } from '../../../sim/simulation.ts';
import { sleep } from '../../base/clock.ts';
import { clusterPartitions } from './cluster-partitions.ts';
import {
  clearThrottles,
  RebalanceExecutor,
  type RebalanceOptions,
  type RebalanceProgress,
} from './executor.ts';
import { planRebalance, type RebalancePlan } from './plan.ts';
import type { PlanBroker, PlanPartition } from './planned-cluster.ts';
import { modelAdmin } from './testing/model-admin.ts';
import { ModelCluster } from './testing/model-cluster.ts';

const MIB = 1024 ** 2;

/**
 * Three brokers in three zones, 24 partitions of three replicas, about 1 MiB each; three more brokers come.
 */
function threePartitioned(): PlanPartition[] {
  return Array.from({ length: 24 }, (_, index) => {
    const replicas = [0, 1, 2].map((replica) => 1 + ((index + replica) % 3));
    return { topic: `t${index % 3}`, index, replicas, leader: replicas[0] ?? -1, sizeInBytes: MIB + index };
  });
}

function sixBrokers(drained: readonly number[] = []): PlanBroker[] {
  return [1, 2, 3, 4, 5, 6].map((id) => ({ id, zone: `z${id % 3}`, accepts: !drained.includes(id) }));
}

function planned(brokers: readonly PlanBroker[], partitions: readonly PlanPartition[]): RebalancePlan {
  const plan = planRebalance(brokers, partitions);
  if ('error' in plan) throw new Error(plan.message);
  return plan;
}

interface Scenario {
  readonly simulation: Simulation;
  readonly cluster: ModelCluster;
  readonly plan: RebalancePlan;
  readonly control: SimHost;
  executor(options?: Partial<RebalanceOptions>): RebalanceExecutor;
}

const unbounded = new AbortController().signal;

function scenario(
  seed: number,
  run: (scenario: Scenario) => Promise<void>,
  failures = 0,
  publishMs?: number,
): Promise<void> {
  const simulation = new Simulation(seed);
  return simulation.run(async () => {
    // 10 MiB a second for each broker.
    const cluster = new ModelCluster(simulation.clock, threePartitioned(), {
      bytesPerMs: MIB / 100,
      publishMs,
    });
    for (const id of [4, 5, 6]) cluster.addBroker(id);
    await sleep(simulation.clock, 1000);
    const plan = planned(sixBrokers(), threePartitioned());
    const control = simulation.host('control');
    const executor = (options: Partial<RebalanceOptions> = {}) => {
      const { clock, random } = control.world;
      const admin = modelAdmin(cluster, { clock, random, failures });
      return new RebalanceExecutor(clock, admin, plan, { bytesPerSecond: null, maxMoves: 4, ...options });
    };
    await run({ simulation, cluster, plan, control, executor });
  });
}

/** Nothing under way, no throttle left, and the plan's partitions lie and are led as they should. */
function expectArrived({ cluster, plan }: Scenario, where: 'from' | 'to'): void {
  expect(cluster.ongoing()).toEqual([]);
  expect(cluster.rates.size).toBe(0);
  expect(cluster.throttled.size).toBe(0);
  const partitions = new Map(cluster.partitions().map((one) => [`${one.topic}/${one.partition}`, one]));
  for (const move of plan.moves) {
    expect(partitions.get(`${move.topic}/${move.partition}`)).toMatchObject({
      replicas: move[where],
      leader: move[where][0],
    });
  }
}

describe('a plan that is carried out', () => {
  test('ends with every partition in its place, led by its preferred leader, and no throttle', () =>
    scenario(1, async (all) => {
      const seen: RebalanceProgress[] = [];
      const executor = all.executor({ bytesPerSecond: 4 * MIB, onProgress: (one) => seen.push(one) });
      const outcome = await executor.run(unbounded);
      expect(outcome).toMatchObject({
        state: 'COMPLETED',
        refused: [],
        notElected: [],
        throttledBrokers: [],
      });
      expectArrived(all, 'to');
      const { moves, totalBytes } = all.plan;
      expect(outcome.progress).toEqual({
        movedPartitions: moves.length,
        movingPartitions: 0,
        totalPartitions: moves.length,
        movedBytes: totalBytes,
        totalBytes,
      });
      for (const [index, { movedBytes }] of seen.entries())
        expect(movedBytes).toBeGreaterThanOrEqual(seen[index - 1]?.movedBytes ?? 0);
      expect(seen.some(({ movedBytes }) => movedBytes > 0 && movedBytes < totalBytes)).toBe(true);
      expect(all.cluster.bytesCopied).toBeCloseTo(totalBytes, 0);
    }));

  test('copies no more partitions and bytes at a time than it may', () =>
    scenario(2, async (all) => {
      await all.executor({ maxMoves: 5 }).run(unbounded);
      expect(all.cluster.mostMoving).toBeLessThanOrEqual(5);
      expect(all.cluster.mostMoving).toBeGreaterThan(1);
      expectArrived(all, 'to');
    }).then(() =>
      scenario(3, async (all) => {
        await all.executor({ maxMoves: 50, maxBytes: 3.5 * MIB }).run(unbounded);
        expect(all.cluster.mostMovingBytes).toBeLessThanOrEqual(3.5 * MIB);
        expectArrived(all, 'to');
      }),
    ));

  test('moves a partition that is larger than the bound alone instead of never', () =>
    scenario(4, async (all) => {
      await all.executor({ maxBytes: 1 }).run(unbounded);
      expect(all.cluster.mostMoving).toBe(1);
      expectArrived(all, 'to');
    }));

  test('is no faster than its throttle, and faster when the throttle is lifted', () =>
    scenario(5, async (all) => {
      const began = all.simulation.time;
      const executor = all.executor({ bytesPerSecond: MIB / 2, maxMoves: 50 });
      const running = executor.run(unbounded);
      await sleep(all.simulation.clock, 8000);
      expect(all.cluster.bytesCopied).toBeLessThan(3 * 8.1 * (MIB / 2));
      expect(all.cluster.bytesCopied).toBeGreaterThan(3 * 5 * (MIB / 2));
      executor.setThrottle(100 * MIB);
      await running;
      expect(all.simulation.time - began).toBeLessThan(8000 + 8000);
      expectArrived(all, 'to');
    }));

  test('is throttled as was asked last, also when that came while the throttle before was being set', () =>
    scenario(5, async (all) => {
      const { clock, random } = all.control.world;
      const admin = modelAdmin(all.cluster, { clock, random, failures: 0 });
      const asked: (number | null)[] = [];
      const setThrottles: typeof admin.setThrottles = async (throttles) => {
        asked.push(throttles.bytesPerSecond);
        const set = await admin.setThrottles(throttles);
        if (asked.length === 1) executor.setThrottle(100 * MIB);
        return set;
      };
      const executor = new RebalanceExecutor(clock, { ...admin, setThrottles }, all.plan, {
        bytesPerSecond: MIB / 2,
      });
      await executor.run(unbounded);
      // The last of them lifts it.
      expect(asked).toEqual([MIB / 2, 100 * MIB, null]);
      expectArrived(all, 'to');
    }));

  test('of which nothing is left to do removes the throttle that an earlier run left', () =>
    scenario(6, async (all) => {
      await all.executor().run(unbounded);
      all.cluster.throttle({
        brokers: [1, 4],
        topics: [{ topic: 't0', leaderReplicas: ['0:1'], followerReplicas: ['0:4'] }],
        bytesPerSecond: 1,
      });
      expect(await all.executor().run(unbounded)).toMatchObject({ state: 'COMPLETED' });
      expectArrived(all, 'to');
    }));
});

describe('a cancelled plan', () => {
  test('takes back what is under way and leaves what has arrived', () =>
    scenario(7, async (all) => {
      const executor = all.executor({ bytesPerSecond: MIB });
      const running = executor.run(unbounded);
      await all.simulation.until(() => all.cluster.ongoing().length === 2, 60_000);
      const arrived = new Map(
        all.cluster.partitions().map((one) => [`${one.topic}/${one.partition}`, one.replicas]),
      );
      const underWay = new Set(all.cluster.ongoing().map((one) => `${one.topic}/${one.partition}`));
      executor.cancel();
      const outcome = await running;
      expect(outcome).toMatchObject({ state: 'CANCELLED', refused: [] });
      expect(all.cluster.ongoing()).toEqual([]);
      expect([all.cluster.rates.size, all.cluster.throttled.size]).toEqual([0, 0]);
      for (const one of all.cluster.partitions()) {
        const key = `${one.topic}/${one.partition}`;
        const move = all.plan.moves.find(({ topic, partition }) => `${topic}/${partition}` === key);
        if (move && underWay.has(key)) expect(one.replicas).toEqual(move.from);
        else expect([arrived.get(key), move?.to]).toContainEqual(one.replicas);
      }
      expect(outcome.progress.movedPartitions).toBeGreaterThan(0);
      expect(outcome.progress.movedPartitions).toBeLessThan(all.plan.moves.length);
    }));

  test.each([
    ['restores the order of replicas too, which taking back alone does not', 150],
    ['restores it also where brokers learn of nothing for two seconds', 2_000],
  ])('%s', (_, publishMs) =>
    scenario(
      15,
      async (all) => {
        const [from, bytes] = [[1, 2, 3], MIB];
        const moves = [
          { topic: 't0', partition: 0, from, to: [4, 2, 3], bytes },
          { topic: 't0', partition: 3, from, to: [1, 5, 3], bytes },
        ];
        const { clock, random } = all.control.world;
        const admin = modelAdmin(all.cluster, { clock, random, failures: 0 });
        const plan = { moves, brokers: [], totalBytes: 2 * MIB };
        const executor = new RebalanceExecutor(clock, admin, plan, { bytesPerSecond: 1000 });
        const running = executor.run(unbounded);
        await all.simulation.until(() => all.cluster.ongoing().length === 2, 60_000);
        executor.cancel();
        expect(await running).toMatchObject({ state: 'CANCELLED', refused: [] });
        expectArrived({ ...all, plan }, 'from');
      },
      0,
      publishMs,
    ),
  );

  test('that had not begun leaves everything as it was', () =>
    scenario(8, async (all) => {
      const executor = all.executor();
      executor.cancel();
      expect(await executor.run(unbounded)).toMatchObject({ state: 'CANCELLED' });
      expectArrived(all, 'from');
    }));
});

describe('a control plane that dies', () => {
  test('again and again, with a network that fails, still carries the plan out within its bounds', async () => {
    for (let seed = 0; seed < 60; seed++) {
      await scenario(
        100 + seed,
        async (all) => {
          const { simulation, control } = all;
          for (let life = 0; life < 6; life++) {
            const running = all.executor({ bytesPerSecond: 4 * MIB }).run(unbounded);
            const death = simulation.fork(`life ${life}`).uint32() % 2500;
            const ended = await Promise.race([
              running.then(() => true),
              sleep(simulation.clock, death).then(() => false),
            ]);
            if (ended) break;
            control.kill();
            control.start();
          }
          expect(await all.executor({ bytesPerSecond: 4 * MIB }).run(unbounded)).toMatchObject({
            state: 'COMPLETED',
            refused: [],
          });
          expectArrived(all, 'to');
          expect(all.cluster.mostMoving).toBeLessThanOrEqual(4);
          // Nothing was copied twice.
          expect(all.cluster.bytesCopied).toBeCloseTo(all.plan.totalBytes, 0);
        },
        0.1,
      );
    }
  });

  test('while it cancels, cancels on when it is back', async () => {
    for (let seed = 0; seed < 40; seed++) {
      await scenario(
        200 + seed,
        async (all) => {
          const { simulation, control } = all;
          void all.executor({ bytesPerSecond: MIB, maxMoves: 20 }).run(unbounded);
          await sleep(simulation.clock, 500);
          control.kill();
          control.start();
          const first = all.executor({ bytesPerSecond: MIB });
          first.cancel();
          void first.run(unbounded);
          await sleep(simulation.clock, simulation.random.uint32() % 300);
          control.kill();
          control.start();
          const second = all.executor({ bytesPerSecond: MIB });
          second.cancel();
          expect(await second.run(unbounded)).toMatchObject({ state: 'CANCELLED', refused: [] });
          expect(all.cluster.ongoing()).toEqual([]);
          expect([all.cluster.rates.size, all.cluster.throttled.size]).toEqual([0, 0]);
          for (const one of all.cluster.partitions()) {
            const move = all.plan.moves.find(
              ({ topic, partition }) => topic === one.topic && partition === one.partition,
            );
            if (move) expect([move.from, move.to]).toContainEqual(one.replicas);
          }
        },
        0.1,
      );
    }
  });

  test('asked to stop leaves the cluster to its copying', () =>
    scenario(9, async (all) => {
      const abort = new AbortController();
      const running = all.executor({ bytesPerSecond: MIB }).run(abort.signal);
      await sleep(all.simulation.clock, 1000);
      abort.abort(new Error('the control plane stops'));
      await expect(running).rejects.toThrow('the control plane stops');
      expect(all.cluster.ongoing().length).toBeGreaterThan(0);
    }));
});

describe('what the cluster does not grant', () => {
  test('a topic that is deleted on the way is named, and the others arrive', () =>
    scenario(10, async (all) => {
      const running = all.executor().run(unbounded);
      await sleep(all.simulation.clock, 300);
      all.cluster.deleteTopic('t1');
      const { state, refused } = await running;
      expect(state).toBe('COMPLETED');
      expect(new Set(refused.map(({ topic, error }) => `${topic} ${error}`))).toEqual(
        new Set(['t1 UNKNOWN_TOPIC_OR_PARTITION']),
      );
      expect(all.cluster.ongoing()).toEqual([]);
      expect([all.cluster.rates.size, all.cluster.throttled.size]).toEqual([0, 0]);
    }));

  test('a partition that somebody else moves meanwhile is left to them and named', () =>
    scenario(11, async (all) => {
      const last = all.plan.moves.findLast(({ bytes }) => bytes > 0);
      if (!last) throw new Error('the plan moves something');
      const elsewhere = last.from.map((id) => id + 3);
      const other = last.to.every((id) => elsewhere.includes(id)) ? [...last.from.slice(1), 4] : elsewhere;
      all.cluster.alter(last, other);
      const { refused } = await all.executor().run(unbounded);
      expect(refused).toMatchObject([{ partition: last.partition, error: 'REPLICAS_CHANGED' }]);
      const partition = all.cluster.partitions().find((one) => one.partition === last.partition);
      expect(partition?.replicas).toEqual(other);
    }));

  test('a broker that is away is not waited for with throttles, and is told when it is back', () =>
    scenario(12, async (all) => {
      // Broker 1 keeps its throttle when it goes: draining goes on without it.
      all.cluster.throttle({ brokers: [1], topics: [], bytesPerSecond: 5 });
      all.cluster.stopBroker(1);
      const outcome = await all.executor({ bytesPerSecond: 8 * MIB }).run(unbounded);
      expect(outcome).toMatchObject({ state: 'COMPLETED', throttledBrokers: [1] });
      expect([...all.cluster.rates.keys()]).toEqual([1]);
      all.cluster.addBroker(1);
      const { clock, random } = all.control.world;
      const admin = modelAdmin(all.cluster, { clock, random, failures: 0 });
      expect(await clearThrottles(admin, all.plan)).toEqual([]);
      expect(all.cluster.rates.size).toBe(0);
    }));

  test('a cluster that answers nothing ends the run after a bounded time, and a later run goes on', () =>
    scenario(13, async (all) => {
      const { clock, random } = all.control.world;
      const deaf = modelAdmin(all.cluster, { clock, random, failures: 2 });
      const began = all.simulation.time;
      const running = new RebalanceExecutor(clock, deaf, all.plan, { bytesPerSecond: null }).run(unbounded);
      await expect(running).rejects.toThrow('the request was lost');
      expect(all.simulation.time - began).toBeLessThan(60_000);
      await all.executor().run(unbounded);
      expectArrived(all, 'to');
    }));
});

test('3 -> 6 -> 3: what was moved out comes back, and the plan is made from what the cluster says', () =>
  scenario(14, async (all) => {
    await all.executor().run(unbounded);
    const { clock, random } = all.control.world;
    const admin = modelAdmin(all.cluster, { clock, random, failures: 0 });
    await sleep(all.simulation.clock, 1000);
    const back = planned(sixBrokers([4, 5, 6]), await clusterPartitions(admin));
    const executor = new RebalanceExecutor(clock, admin, back, { bytesPerSecond: null });
    expect(await executor.run(unbounded)).toMatchObject({ state: 'COMPLETED', refused: [] });
    expect(
      all.cluster
        .partitions()
        .flatMap(({ replicas }) => replicas)
        .every((id) => id <= 3),
    ).toBe(true);
  }));
