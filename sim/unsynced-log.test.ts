import { expect, test } from 'vitest';
import { sleep } from '../src/base/clock.ts';
import type { PartitionImage } from '../src/metadata/topics.ts';
import { errorName } from '../src/protocol/errors.ts';
import { produce } from '../src/protocol/messages/00-produce.ts';
import { createTopics } from '../src/protocol/messages/19-create-topics.ts';
import { buildBatch } from '../src/protocol/records/record.ts';
import { AcknowledgedRecordsSurvive } from './checkers/acknowledged-records-survive.ts';
import { Violations } from './checkers/violations.ts';
import { ClusterClient } from './cluster/cluster-client.ts';
import { IdempotentProducer } from './cluster/producers.ts';
import { readThrough } from './cluster/read-through.ts';
import { nameOf, SimCluster } from './cluster/sim-cluster.ts';
import { Simulation } from './simulation.ts';

const BROKERS = [1, 2, 3];
/** The broker on which one log cannot be synced. */
const HARMED = 2;
const SEEDS = [1, 2, 3];
/** Many times as long as a broker that ends takes until it is there again. */
const LONG_MS = 60_000;
/** Longer than the longest pause between two tries to open a log, and what it has to fetch then. */
const BACK_MS = 45_000;

class Bench {
  readonly simulation: Simulation;
  readonly cluster: SimCluster;
  readonly client: ClusterClient;
  /** How often the harmed broker's process began. */
  lives = 0;

  constructor(seed: number) {
    this.simulation = new Simulation(seed);
    this.cluster = new SimCluster(this.simulation, {
      config: { 'min.insync.replicas': '1', 'log.flush.interval.messages': '1' },
      beforeLife: (host) => {
        if (host.name === nameOf(HARMED)) this.lives++;
      },
    });
    this.client = new ClusterClient(this.simulation, 'client', [1, 3].map(nameOf));
  }

  partition(topic: string): PartitionImage | undefined {
    return this.cluster.image?.topics.byName(topic)?.partitions[0];
  }

  harm(topic: string | null): void {
    this.cluster.host(HARMED).faults.syncEioIn = topic === null ? null : `/data/${topic}-0`;
  }

  async create(name: string, brokerIds: readonly number[]): Promise<void> {
    const connection = await this.client.anyBroker();
    const assignments = [{ partitionIndex: 0, brokerIds: [...brokerIds] }];
    const topic = { name, numPartitions: -1, replicationFactor: -1, assignments, configs: [] };
    const answer = await connection.send(createTopics, { topics: [topic], timeoutMs: 5000 });
    expect(answer.topics.map(({ errorCode }) => errorCode)).toEqual([0]);
    await this.simulation.until(() => this.cluster.isWhole(), 60_000, 'the new topic');
  }

  /** What the harmed broker answers to one record, with acks=all. */
  async produce(topic: string): Promise<string> {
    const connection = await this.client.connect(nameOf(HARMED));
    const records = buildBatch({ records: [{ timestamp: 1, key: null, value: Buffer.from('x') }] });
    const topicData = [{ name: topic, partitionData: [{ index: 0, records }] }];
    const request = { transactionalId: null, acks: -1, timeoutMs: 5000, topicData };
    const answer = await connection.send(produce, request, { version: 9 });
    return errorName(answer.responses[0]?.partitionResponses[0]?.errorCode ?? -1);
  }
}

async function withCluster(run: (bench: Bench) => Promise<void>): Promise<void> {
  for (const seed of SEEDS) {
    const bench = new Bench(seed);
    await bench.simulation.run(async () => {
      bench.cluster.start();
      for (const id of BROKERS) bench.cluster.addBroker(id);
      await bench.simulation.until(() => bench.cluster.isWhole(), 60_000);
      await run(bench);
      await bench.cluster.end();
    });
  }
}

test('a broker of which one log cannot be synced ends once, and then goes on with its other logs', () =>
  withCluster(async (bench) => {
    const { simulation, cluster } = bench;
    // The harmed broker leads both.
    await bench.create('harmed', [2, 3, 1]);
    await bench.create('healthy', [2, 1, 3]);
    const violations = new Violations();
    const survive = new AcknowledgedRecordsSurvive(violations);
    const producer = new IdempotentProducer(bench.client, {
      topic: 'harmed',
      partitions: 1,
      checks: {
        sent: () => {},
        acknowledged: (_, offset, { value }) => survive.acknowledged('harmed-0', offset, String(value)),
      },
    });
    let isDraining = false;
    const produced = producer.run({
      isOver: () => isDraining && producer.isDrained,
      isDraining: () => isDraining,
    });
    await simulation.until(() => survive.count > 20, 20_000, 'records');

    bench.harm('harmed');
    const before = { lives: bench.lives, count: survive.count };
    await sleep(simulation.clock, LONG_MS);
    expect(bench.lives - before.lives).toBe(1);
    expect(survive.count).toBeGreaterThan(before.count + 100);
    expect([...(bench.partition('harmed')?.isr ?? [])].sort()).toEqual([1, 3]);
    expect([...(bench.partition('healthy')?.isr ?? [])].sort()).toEqual([1, 2, 3]);
    expect(cluster.brokers.get(HARMED)?.replicas.offlineCount).toBe(1);

    bench.harm(null);
    await simulation.until(() => cluster.isInSync(), BACK_MS, 'the replica is back');
    expect(bench.lives - before.lives).toBe(1);
    expect(cluster.brokers.get(HARMED)?.replicas.offlineCount).toBe(0);
    isDraining = true;
    await produced;
    // Every copy, the harmed broker's too, has all that was acknowledged after a power loss.
    await simulation.until(() => cluster.isWhole(), 20_000, 'all have all');
    for (const id of BROKERS) cluster.host(id).crash();
    await simulation.until(() => cluster.isWhole(), 120_000, 'all are back');
    for (const id of BROKERS.filter((id) => id !== HARMED)) cluster.host(id).kill();
    const upTo = survive.end('harmed-0');
    const records = await readThrough(bench.client, {
      topic: 'harmed',
      partition: 0,
      upTo,
      isOver: () => false,
    });
    const values = new Map(records?.map(({ offset, value }) => [offset, String(value)]));
    survive.check('harmed-0', values, { on: HARMED });
    expect(violations.first).toBe(undefined);
  }));

test('a topic whose only copy cannot be synced says so, and is there again when its disk is mended', () =>
  withCluster(async (bench) => {
    const { simulation, cluster } = bench;
    await bench.create('harmed', [HARMED]);
    await bench.create('healthy', [HARMED]);
    expect(await bench.produce('harmed')).toBe('NONE');
    bench.harm('harmed');
    const { lives } = bench;
    // The process may end before it answers.
    await bench.produce('harmed').catch(() => {});
    await simulation.until(() => bench.lives > lives && cluster.brokers.has(HARMED), 30_000, 'the next life');
    await simulation.until(() => bench.partition('harmed')?.leader === -1, 30_000, 'it is offline');
    await simulation.until(() => bench.partition('healthy')?.leader === HARMED, 30_000, 'the other serves');
    for (let n = 0; n < 20; n++) {
      expect([await bench.produce('harmed'), await bench.produce('healthy')]).toEqual([
        'KAFKA_STORAGE_ERROR',
        'NONE',
      ]);
      await sleep(simulation.clock, 1700);
    }
    expect(bench.lives - lives).toBe(1);
    bench.harm(null);
    await simulation.until(() => cluster.isWhole(), BACK_MS, 'it leads again');
    expect(await bench.produce('harmed')).toBe('NONE');
    const records = await readThrough(bench.client, {
      topic: 'harmed',
      partition: 0,
      upTo: 2,
      isOver: () => false,
    });
    expect(records?.length).toBeGreaterThan(1);
  }));
