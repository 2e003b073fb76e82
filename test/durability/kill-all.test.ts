import { expect, test } from 'vitest';
import { buildBatch } from '../../src/protocol/records/record.ts';
import { eventually } from '../support/millrace.ts';
import { WireClient } from '../workloads/wire-client.ts';
import { NodeCluster } from './node-cluster.ts';
import { type KillAllRun, killAll } from './run.ts';

function seeded(): Pick<KillAllRun, 'seed' | 'say'> {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  const say = (line: string) => process.stdout.write(`${line}\n`);
  say(`kill-all: seed ${seed} (SEED=${seed} repeats the times of the kills)`);
  return { seed, say };
}

test.each([3, 1] as const)(
  'with %i copies, compacted topics, committed offsets, transactions and topics made again survive kill -9 of all brokers',
  async (replicationFactor) => {
    const rounds = replicationFactor === 3 ? 3 : 2;
    const report = await killAll({ ...seeded(), rounds, workMs: 7000, replicationFactor });
    expect(report.violations).toEqual([]);
    expect(report.compactions).toBeGreaterThan(0);
    for (const acknowledged of Object.values(report.acknowledged)) expect(acknowledged).toBeGreaterThan(0);
  },
);

test('a broker that was away while a topic was deleted and made again takes part by itself', async () => {
  await using cluster = await NodeCluster.start(3, {
    'default.replication.factor': '3',
    'min.insync.replicas': '2',
    'broker.session.timeout.ms': '9000',
    'replica.high.watermark.checkpoint.interval.ms': '200',
  });
  const client = new WireClient(cluster.bootstrap);
  const fill = (value: string) =>
    client.retried(() =>
      client.produce(
        'again',
        0,
        buildBatch({ records: [{ timestamp: Date.now(), key: null, value: Buffer.from(value) }] }),
      ),
    );
  const topicId = await client.createTopic('again', 1);
  for (let i = 0; i < 20; i++) await fill(`old ${i}`);
  await eventually('all are in sync', async () => (await client.inSync('again'))?.[0]?.length === 3);
  cluster.signal(2, 'SIGSTOP');
  const others = new WireClient(cluster.bootstrap.filter((_, i) => i !== 1));
  await others.deleteTopic(topicId);
  await others.createTopic('again', 1);
  await cluster.killBrokers([2]);
  const hasInSync = (replicas: number) => async () => {
    const [isr] = (await others.retried(() => others.inSync('again'))) ?? [];
    return isr?.length === replicas;
  };
  await eventually('the new topic goes on without broker 2', hasInSync(2));
  cluster.startBroker(2);
  await eventually('broker 2 is in sync', hasInSync(3));
  await fill('new');
  await cluster.killBrokers();
  for (const id of cluster.brokerIds) cluster.startBroker(id);
  // It is there twice if its first answer was late: these writes are repeated, and not idempotent.
  const values = (await client.readAll('again', 0)).map(({ value }) => value);
  expect([...new Set(values)]).toEqual(['new']);
  await others.close();
  await client.close();
});
