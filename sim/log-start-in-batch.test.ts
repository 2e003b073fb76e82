import { expect, test } from 'vitest';
import { buildBatch } from '../src/protocol/records/record.ts';
import { Administrator } from './cluster/administrator.ts';
import { ClusterClient } from './cluster/cluster-client.ts';
import { send } from './cluster/producers.ts';
import { nameOf, SimCluster } from './cluster/sim-cluster.ts';
import { Simulation } from './simulation.ts';

const BROKERS = [1, 2, 3];
const BATCHES = 4;
const RECORDS = 5;
/** The offset of the third record of the second batch. */
const DELETED_UP_TO = 7;

test('a replica fills up though the records before the middle of a batch were deleted', async () => {
  const simulation = new Simulation(1);
  const cluster = new SimCluster(simulation, { config: { 'min.insync.replicas': '1' } });
  await simulation.run(async () => {
    cluster.start();
    for (const id of BROKERS) cluster.addBroker(id);
    await simulation.until(() => cluster.isWhole(), 60_000);
    const client = new ClusterClient(simulation, 'client', BROKERS.map(nameOf));
    const administrator = new Administrator(client, { isOver: () => false, created() {} });
    await administrator.create({ name: 't', partitions: 1, replicationFactor: 1 });
    await simulation.until(() => cluster.isWhole(), 60_000);
    for (let n = 0; n < BATCHES; n++) {
      const connection = (await client.leaderOf('t', 0)) ?? expect.fail('no leader');
      const record = { timestamp: client.world.clock.now(), key: null, value: Buffer.from('value') };
      const records = buildBatch({ records: Array.from({ length: RECORDS }, () => record) });
      const { error } = await send(connection, { topic: 't', partition: 0, acks: -1, records });
      expect(error).toBe('NONE');
    }
    expect(await administrator.deleteRecords('t', 0, DELETED_UP_TO)).toBe(DELETED_UP_TO);
    await administrator.reassign('t', 0, BROKERS);
    await simulation.until(() => cluster.isWhole(), 60_000);
    const logs = BROKERS.map((id) => cluster.brokers.get(id)?.replicas.find('t', 0)?.log);
    expect(logs.map((log) => [log?.logStartOffset, log?.endOffset])).toEqual(
      BROKERS.map(() => [DELETED_UP_TO, BATCHES * RECORDS]),
    );
    await cluster.end();
  });
});
