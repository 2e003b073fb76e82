import { expect, onTestFinished, test } from 'vitest';
import { silent } from '../../base/log.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { metadata } from '../../protocol/messages/03-metadata.ts';
import { unregisterBroker } from '../../protocol/messages/64-unregister-broker.ts';
import { type PeerAccess, PeerSecret } from '../../security/peers/peer-secret.ts';
import { handle } from '../../server/handler.ts';
import { KafkaServer } from '../../server/kafka-server.ts';
import { peerSasl } from '../../server/sasl/peer-sasl.ts';
import { Peers } from './peers.ts';

const world = nodeWorld(silent);
const secret = new PeerSecret('x'.repeat(43));
const stranger = new PeerSecret('y'.repeat(43));

/** A controller's listener, and which brokers it was asked to forget, by whom. */
async function controller(sasl: PeerSecret | null, access: PeerAccess = 'nodes') {
  const asked: string[] = [];
  const forget = handle<null, typeof unregisterBroker>(
    unregisterBroker,
    { versions: [0, 0], operations: [], listeners: ['controller'] },
    (_, request, info) => {
      asked.push(`${request.brokerId} by ${info.principal}, ${info.isPeer ? 'a peer' : 'no peer'}`);
      return { errorCode: 0, errorMessage: null };
    },
  );
  const server = new KafkaServer<null>(world, {
    handlers: [forget],
    context: null,
    listeners: [
      {
        name: 'CONTROLLER',
        purpose: 'controller',
        host: '127.0.0.1',
        port: 0,
        ...(sasl ? { sasl: peerSasl(sasl, access) } : {}),
      },
    ],
  });
  await server.start();
  onTestFinished(() => server.stop());
  return { port: server.port('CONTROLLER'), asked };
}

function connect(port: number, known: PeerSecret | null, access: PeerAccess = 'nodes') {
  return new Peers(world, known, null, access).connect({
    node: 9,
    host: '127.0.0.1',
    port,
    clientId: 'node',
    timeoutMs: 60_000,
  });
}

test('a node that knows the secret is let in, as a peer and as no user', async () => {
  const { port, asked } = await controller(secret);
  const connection = await connect(port, secret);
  await connection.send(unregisterBroker, { brokerId: 1 });
  expect(asked).toEqual(['1 by User:ANONYMOUS, a peer']);
  expect(connection.versionOf(metadata)).toBeNull();
  connection.close();
});

test('who does not sign in is answered nothing', async () => {
  const { port, asked } = await controller(secret);
  const connection = await connect(port, null);
  await expect(connection.send(unregisterBroker, { brokerId: 1 })).rejects.toMatchObject({ code: 'CLOSED' });
  expect(asked).toEqual([]);
});

test('a node of another cluster is not let in', async () => {
  const { port } = await controller(secret);
  await expect(connect(port, stranger)).rejects.toMatchObject({
    code: 'CONNECT_FAILED',
    cause: { message: expect.stringContaining('does not take this for a node of its cluster') },
  });
});

test('a node does not speak with one that lets everybody in', async () => {
  const { port, asked } = await controller(null);
  await expect(connect(port, secret)).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
  expect(asked).toEqual([]);
});

/** In the order in which nodes of an older release come to it: open, accepting both, requiring the secret. */
const PHASES = [
  { says: 'an older release', known: null, access: 'nodes' },
  { says: 'the first phase', known: secret, access: 'everybody' },
  { says: 'the second phase', known: secret, access: 'nodes' },
] as const;

test('nodes of neighbouring phases understand each other, whoever connects', async () => {
  const understood: string[] = [];
  for (const server of PHASES)
    for (const client of PHASES) {
      const { port, asked } = await controller(server.known, server.access);
      const outcome = await connect(port, client.known, client.access).then(
        async (connection) => {
          const answered = await connection.send(unregisterBroker, { brokerId: 1 }).then(
            () => true,
            () => false,
          );
          connection.close();
          return answered;
        },
        () => false,
      );
      expect(asked.length).toBe(outcome ? 1 : 0);
      if (outcome) understood.push(`${client.says} by ${server.says}`);
    }
  expect(understood).toEqual([
    'an older release by an older release',
    'the first phase by an older release',
    'an older release by the first phase',
    'the first phase by the first phase',
    'the second phase by the first phase',
    'the first phase by the second phase',
    'the second phase by the second phase',
  ]);
});

test('who signs in where it need not is checked all the same', async () => {
  const { port } = await controller(secret, 'everybody');
  await expect(connect(port, stranger)).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
});
