import { expect, onTestFinished, test } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import { sleep } from '../base/clock.ts';
import { silent } from '../base/log.ts';
import type { World } from '../base/world.ts';
import { nodeWorld } from '../platform/node-world.ts';
import { metadata } from '../protocol/messages/03-metadata.ts';
import { handle } from '../server/handler.ts';
import { KafkaServer } from '../server/kafka-server.ts';
import { KafkaConnection } from './connection.ts';
import { ConnectionError } from './connection-error.ts';

/** Answers with the names it was asked for, late and out of order, so that an answer shows whose it is. */
function echoServer(world: World, host: string): KafkaServer<World> {
  const echo = handle<World, typeof metadata>(
    metadata,
    { versions: [0, 13], operations: [] },
    async (context, request) => {
      await sleep(context.clock, context.random.uint32() % 10);
      const topics = (request.topics ?? []).map(({ name }) => ({ errorCode: 0, name, partitions: [] }));
      return { brokers: [], clusterId: 'echo', topics };
    },
  );
  const listeners = [{ name: 'PLAINTEXT', purpose: 'client', host, port: 0 } as const];
  return new KafkaServer(world, { handlers: [echo], context: world, listeners });
}

async function ask(connection: KafkaConnection, question: string): Promise<boolean> {
  try {
    const answer = await connection.send(metadata, { topics: [{ name: question }] }, { timeoutMs: 2000 });
    expect(answer.topics.map(({ name }) => name)).toEqual([question]);
    return true;
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    return false;
  }
}

test('every answer belongs to its question, whatever the network does', async () => {
  let answered = 0;
  let failed = 0;
  for (let seed = 0; seed < 40; seed++) {
    const simulation = new Simulation(seed);
    await simulation.run(async () => {
      const server = echoServer(simulation.host('server').world, 'server');
      await server.start();
      const port = server.port('PLAINTEXT');
      simulation.network.faults.reset = seed % 2 === 0 ? 0.005 : 0;
      for (let life = 0; life < 3; life++) {
        const connecting = KafkaConnection.connect(simulation.host('client').world, {
          host: 'server',
          port,
          clientId: 'c',
          timeoutMs: 1000,
        });
        const connection = await connecting.catch(() => null);
        if (!connection) continue;
        if (seed % 5 === 4) simulation.schedule(20, 'cut', () => simulation.network.cut('server', 'client'));
        const questions = Array.from({ length: 30 }, (_, n) => `${life}-${n}-${'x'.repeat(n * 200)}`);
        const results = await Promise.all(questions.map((question) => ask(connection, question)));
        answered += results.filter((well) => well).length;
        failed += results.filter((well) => !well).length;
        simulation.network.healAll();
        connection.close();
      }
    });
  }
  expect(answered).toBeGreaterThan(1500);
  expect(failed).toBeGreaterThan(50);
});

test('over real sockets questions of every size are answered', async () => {
  const world = nodeWorld(silent);
  const server = echoServer(world, '127.0.0.1');
  await server.start();
  onTestFinished(() => server.stop());
  const connection = await KafkaConnection.connect(world, {
    host: '127.0.0.1',
    port: server.port('PLAINTEXT'),
    clientId: 'c',
    timeoutMs: 60_000,
  });
  const topics = Array.from({ length: 20_000 }, (_, n) => ({ name: `${n}-${'x'.repeat(n % 100)}` }));
  const [small, large] = await Promise.all([
    connection.send(metadata, { topics: [{ name: 'one' }] }),
    connection.send(metadata, { topics }),
  ]);
  expect(small.topics.map(({ name }) => name)).toEqual(['one']);
  expect(large.topics.map(({ name }) => name)).toEqual(topics.map(({ name }) => name));
  connection.close();
});
