import { connect } from 'node:net';
import { expect, test, vi } from 'vitest';
import { silent } from '../base/log.ts';
import { nodeWorld } from '../platform/node-world.ts';
import { NO_CONNECTION_LIMITS } from './gate/connection-limits.ts';
import { KafkaServer } from './kafka-server.ts';

const SASL = {
  mechanisms: ['SCRAM-SHA-512'],
  credential: () => undefined,
  secret: () => Buffer.from('secret'),
  requestBytesMax: 1000,
  maxReauthMs: 0,
  failureDelayMs: 0,
};

test('who leaves without having signed in is counted by listener, and what a limit did by its name', async () => {
  const place = { purpose: 'client', host: '127.0.0.1', port: 0 } as const;
  const server = new KafkaServer(nodeWorld(silent), {
    handlers: [],
    context: null,
    listeners: [
      { ...place, name: 'OPEN' },
      { ...place, name: 'SIGNED', sasl: SASL },
    ],
    connectionLimits: (name) => ({ ...NO_CONNECTION_LIMITS, perIpMax: () => (name === 'OPEN' ? 1 : 10) }),
  });
  await server.start();
  const open = (listener: string) =>
    connect({ host: '127.0.0.1', port: server.port(listener) })
      .on('error', () => undefined)
      .resume();
  const sockets = [open('OPEN')];
  await vi.waitFor(() => expect(server.connectionCount).toBe(1));
  sockets.push(open('OPEN'));
  await vi.waitFor(() => expect([...server.limitsMet]).toEqual([['max.connections.per.ip', 1]]));
  sockets.push(open('SIGNED'));
  await vi.waitFor(() => expect(server.connectionCount).toBe(2));
  for (const socket of sockets) socket.destroy();
  await vi.waitFor(() => expect(server.connectionCount).toBe(0));
  expect([...server.failedSignIns]).toEqual([['SIGNED', 1]]);
  await server.stop();
});
