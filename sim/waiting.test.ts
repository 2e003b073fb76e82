import { afterEach, expect, test, vi } from 'vitest';
import { DeferredSet } from '../src/base/deferred-set.ts';
import { KafkaConnection } from '../src/client/connection.ts';
import { errorName } from '../src/protocol/errors.ts';
import { produce } from '../src/protocol/messages/00-produce.ts';
import { fetch } from '../src/protocol/messages/01-fetch.ts';
import { createTopics } from '../src/protocol/messages/19-create-topics.ts';
import { buildBatch } from '../src/protocol/records/record.ts';
import { METADATA_TOPIC_ID } from '../src/raft/metadata-topic.ts';
import type { Partition } from '../src/replication/partition.ts';
import { nameOf, SimCluster } from './cluster/sim-cluster.ts';
import { Simulation } from './simulation.ts';

const BROKERS = [1, 2, 3];
const REQUESTS = 1000;

afterEach(() => {
  vi.restoreAllMocks();
});

async function withCluster(
  run: (cluster: SimCluster, simulation: Simulation) => Promise<void>,
): Promise<void> {
  const simulation = new Simulation(3);
  const cluster = new SimCluster(simulation, { config: { 'broker.session.timeout.ms': '60000' } });
  await simulation.run(async () => {
    cluster.start();
    for (const id of BROKERS) cluster.addBroker(id);
    await simulation.until(() => cluster.isWhole(), 60_000);
    await run(cluster, simulation);
    await cluster.end();
  });
}

function connect(simulation: Simulation, host: string, port: number, inFlightMax = REQUESTS) {
  const { world } = simulation.host('client');
  return KafkaConnection.connect(world, { host, port, clientId: 'c', timeoutMs: 5000, inFlightMax });
}

/** The leader of a topic whose followers are stopped, so that nothing is acknowledged with acks=all. */
async function stuck(cluster: SimCluster, simulation: Simulation): Promise<Partition> {
  const admin = await connect(simulation, nameOf(1), 9092);
  await admin.send(createTopics, {
    topics: [{ name: 't', numPartitions: 1, replicationFactor: 3, assignments: [], configs: [] }],
  });
  await simulation.until(() => cluster.isWhole(), 60_000);
  const leader = cluster.image?.topics.byName('t')?.partitions[0]?.leader ?? -1;
  for (const id of BROKERS) if (id !== leader) cluster.host(id).pause();
  return cluster.brokers.get(leader)?.replicas.find('t', 0) ?? expect.fail('no leader');
}

const records = buildBatch({ records: [{ timestamp: 1, key: null, value: Buffer.from('x') }] });
const request = (timeoutMs: number) => ({
  transactionalId: null,
  acks: -1,
  timeoutMs,
  topicData: [{ name: 't', partitionData: [{ index: 0, records }] }],
});

test('requests for acks=all that timed out are answered and not kept', async () => {
  await withCluster(async (cluster, simulation) => {
    const partition = await stuck(cluster, simulation);
    const client = await connect(simulation, nameOf(partition.leaderId), 9092);
    const answers = await Promise.all(
      Array.from({ length: REQUESTS }, () => client.send(produce, request(100), { version: 9 })),
    );
    const errors = answers.map(({ responses }) =>
      errorName(responses[0]?.partitionResponses[0]?.errorCode ?? -1),
    );
    expect(new Set(errors)).toEqual(new Set(['REQUEST_TIMED_OUT']));
    expect(partition.waiterCount).toBe(0);
    expect(partition.log.endOffset).toBe(REQUESTS);
    for (const id of BROKERS) cluster.host(id).resume();
    await simulation.until(() => partition.log.highWatermark === REQUESTS, 60_000);
  });
});

test('nor those of a client that has gone', async () => {
  await withCluster(async (cluster, simulation) => {
    const partition = await stuck(cluster, simulation);
    for (let i = 0; i < 20; i++) {
      const client = await connect(simulation, nameOf(partition.leaderId), 9092);
      const sent = client.send(produce, request(2_000_000_000), { version: 9 }).catch(() => undefined);
      await simulation.until(() => partition.log.endOffset === i + 1, 5000);
      client.close();
      await sent;
    }
    await simulation.until(() => partition.waiterCount === 0, 5000);
  });
});

test('the controller keeps no metadata fetch of an observer that has gone', async () => {
  const add = vi.spyOn(DeferredSet.prototype, 'add');
  await withCluster(async (cluster, simulation) => {
    const waiting = () => {
      const [set] = add.mock.contexts;
      return set instanceof DeferredSet ? set.size() : expect.fail('nobody waits');
    };
    await simulation.until(() => waiting() === BROKERS.length, 5000);
    for (let i = 0; i < 20; i++) {
      const observer = await connect(simulation, cluster.controllerHost.name, 9093);
      const asked = observer
        .send(fetch, {
          replicaState: { replicaId: 99, replicaEpoch: -1 },
          maxWaitMs: 60_000,
          minBytes: 0,
          maxBytes: 1000,
          topics: [
            {
              topicId: METADATA_TOPIC_ID,
              partitions: [
                {
                  partition: 0,
                  currentLeaderEpoch: -1,
                  fetchOffset: (cluster.image?.provenance.offset ?? -1) + 1,
                  lastFetchedEpoch: cluster.image?.provenance.epoch ?? -1,
                  partitionMaxBytes: 1000,
                  highWatermark: Number.MAX_SAFE_INTEGER,
                },
              ],
            },
          ],
          forgottenTopicsData: [],
        })
        .catch(() => undefined);
      await simulation.until(() => waiting() > BROKERS.length, 5000);
      observer.close();
      await asked;
    }
    await simulation.until(() => waiting() <= BROKERS.length, 1000);
  });
});
