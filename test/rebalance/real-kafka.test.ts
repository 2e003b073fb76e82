import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { silent } from '../../src/base/log.ts';
import { clusterPartitions } from '../../src/control/rebalance/cluster-partitions.ts';
import { RebalanceExecutor, type RebalanceProgress } from '../../src/control/rebalance/executor.ts';
import { KafkaAdmin } from '../../src/control/rebalance/kafka-admin.ts';
import { planRebalance, type RebalancePlan } from '../../src/control/rebalance/plan.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { clientScript } from '../kafka-client/client-script.ts';
import { AdminClient } from './admin-client.ts';
import { type ApacheCluster, startApacheCluster } from './apache-cluster.ts';

const TOPIC = 'moved';
const KILOBYTES = 1500;
const PARTITIONS = [
  [1, 3],
  [3, 2],
  [2, 3],
  [3, 1],
  [1, 2],
  [2, 1],
];

/** Three brokers of Apache Kafka take seconds to start, and on a busy machine minutes. */
const STARTS_MS = 540_000;

const world = nodeWorld(silent);
const never = new AbortController().signal;

let cluster: ApacheCluster;
let admin: KafkaAdmin;
let client: AdminClient;

beforeAll(async () => {
  if (!kafkaJars('tools')) return;
  cluster = await startApacheCluster();
  admin = new KafkaAdmin(world, { bootstrap: cluster.brokers, clientId: 'rebalance-test' });
  client = new AdminClient(world, cluster.brokers);
  await until(async () => (await admin.logSizes([1, 2, 3], null)).unreachable.length === 0);
  await client.createTopic(TOPIC, PARTITIONS);
  await until(async () => {
    const described = await admin.describePartitions([TOPIC]);
    return described.length === PARTITIONS.length && described.every(({ isr }) => isr.length === 2);
  });
  await Promise.all(
    PARTITIONS.map(([leader], partition) => client.produce(TOPIC, partition, leader ?? -1, KILOBYTES)),
  );
});

afterAll(async () => {
  client?.close();
  await admin?.close();
  await cluster?.stop();
});

/** A broker that starts may refuse requests and close connections for a while. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + STARTS_MS;
  for (let last: unknown = 'it never held'; ; ) {
    try {
      if (await holds()) return;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error('not in time', { cause: last });
    await new Promise((done) => setTimeout(done, 100));
  }
}

async function plan(drained: readonly number[]): Promise<RebalancePlan> {
  const brokers = [1, 2, 3].map((id) => ({ id, zone: `zone-${id}`, accepts: !drained.includes(id) }));
  const planned = planRebalance(brokers, await clusterPartitions(admin));
  if ('error' in planned) throw new Error(planned.message);
  return planned;
}

describe.skipIf(!kafkaJars('tools'))('Apache Kafka with three brokers', () => {
  test('broker 3 is drained under a throttle: all replicas and leaders elsewhere, all records there', async () => {
    const drain = await plan([3]);
    expect(drain.moves).toHaveLength(4);
    expect(drain.totalBytes).toBeGreaterThan(4 * KILOBYTES * 1000);
    const seen: RebalanceProgress[] = [];
    const executor = new RebalanceExecutor(world.clock, admin, drain, {
      bytesPerSecond: 1_000_000,
      maxMoves: 2,
      onProgress: (progress) => seen.push(progress),
    });
    const running = executor.run(never);
    let throttles: readonly string[] = [];
    await until(async () => {
      throttles = await client.throttles(TOPIC);
      return throttles.length > 2;
    });
    expect(throttles.join()).toContain('leader.replication.throttled.rate=1000000');
    expect(await running).toMatchObject({
      state: 'COMPLETED',
      refused: [],
      notElected: [],
      throttledBrokers: [],
    });
    expect(Math.max(...seen.map(({ movingPartitions }) => movingPartitions))).toBeLessThanOrEqual(2);
    expect(seen.at(-1)).toMatchObject({ movedPartitions: 4, movedBytes: drain.totalBytes });

    await until(async () => (await admin.describePartitions([TOPIC])).every(({ leader }) => leader !== 3));
    for (const { partition, replicas, isr, leader } of await admin.describePartitions([TOPIC])) {
      expect(replicas.toSorted()).toEqual([1, 2]);
      expect(isr.toSorted()).toEqual([1, 2]);
      expect(await client.endOffset(TOPIC, partition, leader)).toBe(KILOBYTES);
    }
    await until(async () => (await client.throttles(TOPIC)).length === 0);
    // The broker deletes the moved replica a moment later.
    await until(async () => (await admin.logSizes([3], null)).sizes.every(({ topic }) => topic !== TOPIC));
  });

  test('a cancelled move back leaves every partition as it was, order and all', async () => {
    const before = await admin.describePartitions([TOPIC]);
    const back = await plan([]);
    expect(back.moves.length).toBeGreaterThanOrEqual(4);
    const executor = new RebalanceExecutor(world.clock, admin, back, { bytesPerSecond: 20_000 });
    const running = executor.run(never);
    await until(async () => (await admin.listReassignments()).length >= 4);
    executor.cancel();
    expect(await running).toMatchObject({ state: 'CANCELLED', refused: [] });
    expect(await admin.listReassignments()).toEqual([]);
    const byPartition = new Map(before.map(({ partition, replicas }) => [partition, replicas]));
    const moved = new Map(back.moves.map(({ partition, bytes }) => [partition, bytes]));
    for (const { partition, replicas } of await admin.describePartitions([TOPIC])) {
      // Only changes of order take effect at once, and stay.
      if (moved.get(partition) === 0) continue;
      expect(replicas).toEqual(byPartition.get(partition));
    }
    await until(async () => (await client.throttles(TOPIC)).length === 0);
  });

  test('a control plane that died in the middle leaves an executor that finishes the way back', async () => {
    const back = await plan([]);
    const dies = new AbortController();
    const options = { bytesPerSecond: 1_000_000, maxMoves: 1 };
    const first = new RebalanceExecutor(world.clock, admin, back, options).run(dies.signal);
    await until(async () => (await admin.listReassignments()).length === 1);
    dies.abort(new Error('died'));
    await expect(first).rejects.toThrow('died');
    const second = new RebalanceExecutor(world.clock, admin, back, { bytesPerSecond: null });
    expect(await second.run(never)).toMatchObject({ state: 'COMPLETED', refused: [], notElected: [] });
    await until(async () => (await client.throttles(TOPIC)).length === 0);
    await until(async () =>
      (await admin.describePartitions([TOPIC])).every(({ leader, replicas }) => leader === replicas[0]),
    );
    const described = await admin.describePartitions([TOPIC]);
    for (const broker of [1, 2, 3]) {
      expect(described.filter(({ replicas }) => replicas.includes(broker)).length).toBe(4);
      expect(described.filter(({ leader }) => leader === broker)).toHaveLength(2);
    }
    for (const { partition, leader } of described)
      expect(await client.endOffset(TOPIC, partition, leader)).toBe(KILOBYTES);
    expect((await plan([])).moves).toEqual([]);
  });

  // Unrelated to the tests above; it is here because it needs an Apache Kafka too.
  describe('our client does there what it does on a cluster of ours', () => {
    clientScript({
      bootstrap: () => cluster.brokers.map(({ host, port }) => `${host}:${port}`),
      createTopic: (name, partitions) =>
        client.createTopic(
          name,
          Array.from({ length: partitions }, () => [1, 2, 3]),
        ),
    });
  });
});
