import { connect, type Socket } from 'node:net';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Logger, silent } from '../../src/base/log.ts';
import { type StartedCluster, startCluster } from '../../src/index.ts';
import { eventually } from '../support/millrace.ts';
import { secret } from '../support/secrets/secret.ts';

/**
 * Floods from another address before authentication: the log names the limit that ends them, and other
 * clients sign in and work.
 */

const PASSWORD = secret('alice');
/** Every address of 127.0.0.0/8 is this machine. */
const FLOOD = '127.0.0.2';
const SILENT = '127.0.0.3';

interface Line {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const warnings: Line[] = [];
const told: Line[] = [];
let cluster: StartedCluster;

beforeAll(async () => {
  const log: Logger = {
    ...silent,
    info: (message, fields = {}) => void told.push({ message, fields }),
    warn: (message, fields = {}) => void warnings.push({ message, fields }),
    child: () => log,
  };
  cluster = await startCluster({
    brokers: 1,
    signIn: 'scram',
    users: { alice: PASSWORD },
    topics: ['orders'],
    listeners: { OPEN: {}, SECURE: { tls: true, signIn: 'scram' } },
    log,
  });
});

afterAll(() => cluster?.stop());

/** Resolves when the connection is made or the server has closed it. */
function open(bootstrap: string, localAddress: string): Promise<Socket> {
  const [host = '', port = ''] = bootstrap.split(':');
  return new Promise((made) => {
    const socket = connect({
      host: host === 'localhost' ? '127.0.0.1' : host,
      port: Number(port),
      localAddress,
    });
    socket.on('error', () => made(socket));
    socket.once('connect', () => made(socket));
    // Without reading it would not see that the other side closed.
    socket.resume();
  });
}

/** The limits that the log names for an address. */
function limitsOf(address: string): unknown[] {
  return warnings
    .filter(
      ({ message, fields }) => message === 'a limit of connections was reached' && fields.from === address,
    )
    .map(({ fields }) => fields.limit);
}

async function signInAndWrite(bootstrap: string, ca?: string): Promise<void> {
  const producer = new Kafka({
    brokers: bootstrap.split(','),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 60_000,
    retry: { retries: 0 },
    ...(ca === undefined ? {} : { ssl: { ca: [ca] } }),
    sasl: { mechanism: 'scram-sha-512', username: 'alice', password: PASSWORD },
  }).producer();
  await producer.connect();
  await producer.send({ topic: 'orders', messages: [{ value: 'x' }] });
  await producer.disconnect();
}

test.each(['CLIENT', 'SECURE'])(
  'an address that comes again and again on %s and never signs in is not listened to',
  async (listener) => {
    const bootstrap = listener === 'CLIENT' ? cluster.bootstrap : cluster.bootstrapOf(listener);
    const address = listener === 'CLIENT' ? FLOOD : '127.0.0.4';
    const says = () => limitsOf(address).includes('50 failed sign-ins a second');
    for (let round = 0; round < 100 && !says(); round++) {
      const sockets = await Promise.all(Array.from({ length: 50 }, () => open(bootstrap, address)));
      for (const socket of sockets) socket.destroy();
    }
    await eventually('the log says which limit', says);
    // Hundreds of connections ended in the same way.
    expect(told.filter(({ fields }) => fields.from === address).length).toBeLessThan(20);
    await signInAndWrite(bootstrap, listener === 'CLIENT' ? undefined : cluster.ca);
  },
);

test('of connections that say nothing only so many stay, and others come in', async () => {
  const bootstrap = cluster.bootstrapOf('OPEN');
  const sockets: Socket[] = [];
  let gone = 0;
  for (let round = 0; round < 21; round++) {
    const some = await Promise.all(Array.from({ length: 100 }, () => open(bootstrap, SILENT)));
    for (const socket of some) socket.once('close', () => gone++);
    sockets.push(...some);
  }
  await eventually('the first are closed', () => gone >= 100);
  expect(gone).toBe(100);
  expect([...new Set(limitsOf(SILENT))]).toEqual([
    '2000 connections that have not signed in or sent a request',
  ]);
  await signInAndWrite(cluster.bootstrap);
  for (const socket of sockets) socket.destroy();
});
