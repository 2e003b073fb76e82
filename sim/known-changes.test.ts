import { expect, test } from 'vitest';
import { KafkaConnection } from '../src/client/connection.ts';
import { errorName } from '../src/protocol/errors.ts';
import { metadata } from '../src/protocol/messages/03-metadata.ts';
import { createTopics } from '../src/protocol/messages/19-create-topics.ts';
import { deleteTopics } from '../src/protocol/messages/20-delete-topics.ts';
import { describeConfigs } from '../src/protocol/messages/32-describe-configs.ts';
import { alterConfigs } from '../src/protocol/messages/33-alter-configs.ts';
import { createPartitions } from '../src/protocol/messages/37-create-partitions.ts';
import { incrementalAlterConfigs } from '../src/protocol/messages/44-incremental-alter-configs.ts';
import { describeClientQuotas } from '../src/protocol/messages/48-describe-client-quotas.ts';
import { alterClientQuotas } from '../src/protocol/messages/49-alter-client-quotas.ts';
import { nameOf, SimCluster } from './cluster/sim-cluster.ts';
import { Simulation } from './simulation.ts';

const BROKERS = [1, 2, 3];
const TOPIC = 2;
const ROUNDS = 10;

test('what was changed through one broker is known at every other when the change is answered', async () => {
  const simulation = new Simulation(7);
  const cluster = new SimCluster(simulation, { config: {} });
  await simulation.run(async () => {
    cluster.start();
    for (const id of BROKERS) cluster.addBroker(id);
    await simulation.until(() => cluster.isWhole(), 60_000);
    const { world } = simulation.host('client');
    const [first, ...others] = await Promise.all(
      BROKERS.map((id) =>
        KafkaConnection.connect(world, { host: nameOf(id), port: 9092, clientId: 'c', timeoutMs: 5000 }),
      ),
    );
    if (!first) throw new Error('no broker');
    for (let round = 1; round <= ROUNDS; round++) await changeAndAsk(first, others, round);
    await cluster.end();
  });
});

/**
 * Makes a topic, changes it in every way and deletes it at one broker; asks the other brokers after each
 * answer.
 */
async function changeAndAsk(
  broker: KafkaConnection,
  others: readonly KafkaConnection[],
  round: number,
): Promise<void> {
  const topic = `t-${round}`;
  const atOthers = <Answer>(ask: (other: KafkaConnection) => Promise<Answer>) => Promise.all(others.map(ask));
  const everywhere = <Answer>(answer: Answer) => others.map(() => answer);
  const partitions = () =>
    atOthers(async (other) => {
      const [known] = (
        await other.send(metadata, { topics: [{ name: topic }], allowAutoTopicCreation: false })
      ).topics;
      return errorName(known?.errorCode ?? 0) === 'NONE' ? (known?.partitions.length ?? 0) : 0;
    });
  const retention = () =>
    atOthers(async (other) => {
      const answer = await other.send(describeConfigs, {
        resources: [{ resourceType: TOPIC, resourceName: topic, configurationKeys: ['retention.ms'] }],
      });
      return answer.results[0]?.configs[0]?.value;
    });

  const assignments: never[] = [];
  await broker.send(createTopics, {
    topics: [{ name: topic, numPartitions: 1, replicationFactor: 3, assignments, configs: [] }],
  });
  expect(await partitions()).toEqual(everywhere(1));

  await broker.send(createPartitions, {
    topics: [{ name: topic, count: 2, assignments: null }],
    timeoutMs: 5000,
    validateOnly: false,
  });
  expect(await partitions()).toEqual(everywhere(2));

  const resource = { resourceType: TOPIC, resourceName: topic };
  await broker.send(incrementalAlterConfigs, {
    resources: [
      { ...resource, configs: [{ name: 'retention.ms', configOperation: 0, value: `${round}000` }] },
    ],
    validateOnly: false,
  });
  expect(await retention()).toEqual(everywhere(`${round}000`));

  await broker.send(alterConfigs, {
    resources: [{ ...resource, configs: [{ name: 'retention.ms', value: `${round}001` }] }],
    validateOnly: false,
  });
  expect(await retention()).toEqual(everywhere(`${round}001`));

  const quota = { key: 'producer_byte_rate', value: round * 1000, remove: false };
  await broker.send(alterClientQuotas, {
    entries: [{ entity: [{ entityType: 'client-id', entityName: 'c' }], ops: [quota] }],
    validateOnly: false,
  });
  const quotas = await atOthers(async (other) => {
    const answer = await other.send(describeClientQuotas, { components: [], strict: false });
    return answer.entries?.[0]?.values[0]?.value;
  });
  expect(quotas).toEqual(everywhere(round * 1000));

  await broker.send(deleteTopics, { topicNames: [topic], timeoutMs: 5000 }, { version: 5 });
  expect(await partitions()).toEqual(everywhere(0));
}
