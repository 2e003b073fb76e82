import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import type { Logger } from '../../base/log.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { unregisterBroker } from '../../protocol/messages/64-unregister-broker.ts';
import { handle } from '../../server/handler.ts';
import { KafkaServer } from '../../server/kafka-server.ts';
import { ConnectionError } from '../connection-error.ts';
import { PeerConnection } from './peer-connection.ts';
import { PeerConnections } from './peer-connections.ts';
import { Peers } from './peers.ts';

const NODE = 7;

/** A node that listens, as often as it is started. */
function nodeAt(port: number) {
  const forget = handle<null, typeof unregisterBroker>(
    unregisterBroker,
    { versions: [0, 0], operations: [], listeners: ['controller'] },
    () => ({ errorCode: 0, errorMessage: null }),
  );
  return async () => {
    const server = new KafkaServer<null>(nodeWorld(told([])), {
      handlers: [forget],
      context: null,
      listeners: [{ name: 'CONTROLLER', purpose: 'controller', host: '127.0.0.1', port }],
    });
    await server.start();
    onTestFinished(() => server.stop());
    return server;
  };
}

/** A logger that keeps the messages. */
function told(messages: string[]): Logger {
  const keep = (message: string) => {
    messages.push(message);
  };
  const logger: Logger = { debug: keep, info: keep, warn: keep, error: keep, child: () => logger };
  return logger;
}

async function bench() {
  const port = await freePort();
  const messages: string[] = [];
  const peers = new Peers(nodeWorld(told(messages)), null);
  const lost: number[] = [];
  const connection = new PeerConnection(peers, {
    node: NODE,
    address: () => ({ host: '127.0.0.1', port }),
    clientId: 'test',
    timeoutMs: 60_000,
    onLost: () => lost.push(1),
  });
  onTestFinished(() => connection.close());
  return { port, peers, connection, lost, messages, start: nodeAt(port) };
}

function closed(connection: { onClose(listener: () => void): void }): Promise<void> {
  return new Promise((resolve) => connection.onClose(() => resolve()));
}

test('all who need the node share one connection', async () => {
  const { connection, start } = await bench();
  await start();
  const [one, other] = await Promise.all([connection.open(), connection.open()]);
  expect(other).toBe(one);
  expect(await connection.open()).toBe(one);
});

test('a connection that broke is told of and made anew', async () => {
  const { connection, lost, start } = await bench();
  const first = await start();
  const broken = await connection.open();
  const ended = closed(broken);
  await first.stop();
  await ended;
  expect(lost).toEqual([1]);
  await expect(connection.open()).rejects.toThrow(ConnectionError);
  await start();
  const made = await connection.open();
  expect(made).not.toBe(broken);
  await made.send(unregisterBroker, { brokerId: 1 });
});

test('it is logged once that a node is lost, and once that it is back; one that is not there yet is no loss', async () => {
  const { connection, messages, start } = await bench();
  await expect(connection.open()).rejects.toThrow(ConnectionError);
  const first = await start();
  const ended = closed(await connection.open());
  expect(messages).toEqual([]);
  await first.stop();
  await ended;
  for (let attempt = 0; attempt < 3; attempt++)
    await expect(connection.open()).rejects.toThrow(ConnectionError);
  await start();
  await connection.open();
  expect(messages).toEqual(['a node cannot be reached any more', 'a node can be reached again']);
});

test('what is dropped ends, is not told as lost, and is made anew', async () => {
  const { connection, lost, start } = await bench();
  await start();
  const dropped = await connection.open();
  connection.drop();
  expect((await connection.open()) === dropped).toBe(false);
  await closed(dropped);
  expect(lost).toEqual([]);
});

test('after close nothing is connected, and what was being connected ends', async () => {
  const { connection, start } = await bench();
  await start();
  const opening = connection.open();
  connection.close();
  await closed(await opening);
  await expect(connection.open()).rejects.toMatchObject({ code: 'CLOSED' });
});

test('a node whose address is not known is asked for again, and found when it is', async () => {
  const { port, peers, start } = await bench();
  const addresses = new Map<number, { host: string; port: number }>();
  const connections = new PeerConnections(peers, {
    address: (node) => addresses.get(node) ?? null,
    clientId: 'test',
    timeoutMs: 60_000,
  });
  onTestFinished(() => connections.close());
  await expect(connections.to(NODE)).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
  await start();
  addresses.set(NODE, { host: '127.0.0.1', port });
  const connection = await connections.to(NODE);
  connections.close();
  await closed(connection);
  await expect(connections.to(NODE)).rejects.toMatchObject({ code: 'CLOSED' });
  await expect(connections.to(NODE + 1)).rejects.toMatchObject({ code: 'CLOSED' });
});

test('a node that takes connections and answers late gets more time with each attempt, and is reached', async () => {
  const { port, start } = await bench();
  await start();
  const slow = await slowTo(port, 300);
  const connection = new PeerConnection(new Peers(nodeWorld(told([])), null), {
    ...{ node: NODE, address: () => ({ host: '127.0.0.1', port: slow }), clientId: 'test' },
    timeoutMs: 200,
  });
  onTestFinished(() => connection.close());
  await expect(connection.open()).rejects.toMatchObject({ code: 'CONNECT_LATE' });
  // The second attempt, unless this machine is as busy as that.
  let reached: unknown = null;
  for (let attempt = 0; attempt < 20 && reached === null; attempt++)
    reached = await connection.open().catch(() => null);
  expect(reached).not.toBe(null);
});

/** A port whose connections reach `port`, with all that is sent to it so many milliseconds late. */
async function slowTo(port: number, delayMs: number): Promise<number> {
  const own = await freePort();
  const relay = createServer((client) => {
    const node = createConnection({ host: '127.0.0.1', port });
    client.on('data', (bytes) => setTimeout(() => node.write(bytes), delayMs));
    node.pipe(client);
    for (const [one, other] of [
      [client, node],
      [node, client],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
  });
  relay.listen(own, '127.0.0.1');
  await once(relay, 'listening');
  onTestFinished(() => {
    relay.close();
  });
  return own;
}
