import { connect } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ManualClock, settle } from '../../test/coordinator/manual-clock.ts';
import { silent } from '../base/log.ts';
import type { Connection, ConnectionHandler, Network } from '../base/network.ts';
import { nodeWorld } from '../platform/node-world.ts';
import { busyFor } from '../platform/testing/turns.ts';
import type { Api } from '../protocol/api.ts';
import type { Encodable, Fields } from '../protocol/field.ts';
import { FRAME_LENGTH_BYTES } from '../protocol/frame.ts';
import { encodeRequestHeader } from '../protocol/headers.ts';
import { saslHandshake } from '../protocol/messages/17-sasl-handshake.ts';
import { saslAuthenticate } from '../protocol/messages/36-sasl-authenticate.ts';
import { Writer } from '../protocol/writer.ts';
import { directoryOf, userIdentity } from '../security/iam/testing/directory-of.ts';
import { NO_CONNECTION_LIMITS } from './gate/connection-limits.ts';
import { KafkaServer } from './kafka-server.ts';
import type { SaslOptions } from './sasl/sasl-session.ts';

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
  await vi.waitFor(() => expect(server.connectionCount).toBe(1), 60_000);
  sockets.push(open('OPEN'));
  await vi.waitFor(() => expect([...server.limitsMet]).toEqual([['max.connections.per.ip', 1]]), 60_000);
  sockets.push(open('SIGNED'));
  await vi.waitFor(() => expect(server.connectionCount).toBe(2), 60_000);
  for (const socket of sockets) socket.destroy();
  await vi.waitFor(() => expect(server.connectionCount).toBe(0), 60_000);
  expect([...server.failedSignIns]).toEqual([['SIGNED', 1]]);
  await server.stop();
});

test('the steps of hundreds who sign in together are spread over turns of the loop', async () => {
  const STRANGERS = 200;
  let turn = 0;
  let isWatching = true;
  const count = (): void => {
    turn++;
    if (isWatching) setImmediate(count);
  };
  const turns: number[] = [];
  const credential = (): undefined => {
    busyFor(1);
    turns.push(turn);
  };
  const place = { name: 'SIGNED', purpose: 'client', host: '127.0.0.1', port: 0 } as const;
  const server = new KafkaServer(nodeWorld(silent), {
    handlers: [],
    context: null,
    listeners: [{ ...place, sasl: { ...SASL, credential } }],
  });
  await server.start();
  let answered = 0;
  const sockets = Array.from({ length: STRANGERS }, () =>
    connect({ host: '127.0.0.1', port: server.port('SIGNED') })
      .on('error', () => undefined)
      .on('data', () => answered++),
  );
  onTestFinished(async () => {
    isWatching = false;
    for (const socket of sockets) socket.destroy();
    await server.stop();
  });
  const named = request(saslHandshake, 1, { mechanism: 'SCRAM-SHA-512' });
  for (const socket of sockets) socket.write(named);
  await vi.waitFor(() => expect(answered).toBe(STRANGERS), { timeout: 60_000 });
  setImmediate(count);
  const first = request(saslAuthenticate, 2, { authBytes: Buffer.from('n,,n=alice,r=nonce') });
  for (const socket of sockets) socket.write(first);
  await vi.waitFor(() => expect(answered).toBe(2 * STRANGERS), { timeout: 60_000 });
  // Each takes the millisecond that strangers have of a turn.
  expect(new Set(turns).size).toBe(STRANGERS);
});

/** A client whose steps run when the test says so. */
class Stranger implements Connection {
  readonly remoteHost = '10.0.0.1';
  readonly remotePort = 1;
  readonly peerCertificate = null;
  readonly pendingBytes = 0;
  readonly sentBytes = 0;
  readonly steps: (() => void)[] = [];
  answers = 0;
  isClosed = false;
  #handler: ConnectionHandler | undefined;

  says(bytes: Buffer): void {
    const into = this.#handler?.buffer();
    if (into) this.#handler?.received(bytes.copy(into));
  }

  /** Runs what asked for a turn until now; returns how many steps that were. */
  async hasItsTurn(): Promise<number> {
    const steps = this.steps.splice(0);
    for (const step of steps) step();
    await settle();
    return steps.length;
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
  }

  write(): boolean {
    this.answers++;
    return true;
  }

  inTurn(step: () => void): void {
    this.steps.push(step);
  }

  pause(): void {}

  resume(): void {}

  end(): void {
    this.isClosed = true;
  }

  destroy(): void {
    this.isClosed = true;
    this.#handler?.onClose();
  }
}

/** A server that strangers sign in to, on a clock that stands still. */
async function signedListener(failureDelayMs: number, sasl: SaslOptions = SASL) {
  const clock = new ManualClock();
  let comes = (_: Connection): void => {};
  const network: Network = {
    listen: async ({ host, port }, accept) => {
      comes = accept;
      return { host, port, close: async () => {} };
    },
    connect: () => Promise.reject(new Error('nobody connects')),
  };
  const server = new KafkaServer(
    { ...nodeWorld(silent), clock, network },
    {
      handlers: [],
      context: null,
      listeners: [
        { name: 'SIGNED', purpose: 'client', host: '127.0.0.1', port: 1, sasl: { ...sasl, failureDelayMs } },
      ],
    },
  );
  await server.start();
  onTestFinished(() => server.stop());
  const stranger = (): Stranger => {
    const one = new Stranger();
    comes(one);
    return one;
  };
  return { server, clock, stranger };
}

test('who does not sign in in time is closed in its turn', async () => {
  const { clock, stranger } = await signedListener(0);
  const one = stranger();
  await clock.advance(30_000);
  expect(one.isClosed).toBe(false);
  expect(await one.hasItsTurn()).toBe(1);
  expect(one.isClosed).toBe(true);
});

test('each step of a sign-in waits for its turn, and the answer to one that failed waits again', async () => {
  const { clock, stranger } = await signedListener(100);
  const one = stranger();
  const first = request(saslAuthenticate, 2, { authBytes: Buffer.from('n,,n=alice,r=nonce') });
  const nonsense = request(saslAuthenticate, 2, { authBytes: Buffer.from('nonsense') });
  one.says(Buffer.concat([request(saslHandshake, 1, { mechanism: 'SCRAM-SHA-512' }), first, nonsense]));
  for (let answers = 0; answers < 2; answers++) {
    expect(one.answers).toBe(answers);
    expect(await one.hasItsTurn()).toBe(1);
    expect(one.answers).toBe(answers + 1);
  }
  expect(await one.hasItsTurn()).toBe(1);
  await clock.advance(100);
  expect([one.answers, one.isClosed]).toEqual([2, false]);
  expect(await one.hasItsTurn()).toBe(1);
  expect([one.answers, one.isClosed]).toEqual([3, true]);
});

test('who may not stay signed in by IAM is closed, and everybody else goes on', async () => {
  const gone = new Set<string>();
  const directory = directoryOf({});
  const iam: SaslOptions['iam'] = {
    step(_, message) {
      const identity = userIdentity(message.toString());
      const stands = () => !gone.has(identity.principalArn);
      return { identity, stands, credentialsEndAt: null, reply: Buffer.alloc(0) };
    },
    stands: (proof) => proof.stands(directory),
  };
  const { server, stranger } = await signedListener(0, { ...SASL, mechanisms: ['AWS_MSK_IAM'], iam });
  const signedIn = async (name: string) => {
    const one = stranger();
    const message = request(saslAuthenticate, 2, { authBytes: Buffer.from(name) });
    one.says(Buffer.concat([request(saslHandshake, 1, { mechanism: 'AWS_MSK_IAM' }), message]));
    while ((await one.hasItsTurn()) > 0);
    expect([one.answers, one.isClosed]).toEqual([2, false]);
    return one;
  };
  const [alice, bob, nobody] = [await signedIn('alice'), await signedIn('bob'), stranger()];
  server.closeLapsed();
  expect([alice.isClosed, bob.isClosed, nobody.isClosed]).toEqual([false, false, false]);
  gone.add(userIdentity('alice').principalArn);
  server.closeLapsed();
  expect([alice.isClosed, bob.isClosed, nobody.isClosed]).toEqual([true, false, false]);
});

test('a step of a connection that is gone is not taken', async () => {
  const { stranger } = await signedListener(0);
  const one = stranger();
  one.says(request(saslHandshake, 1, { mechanism: 'SCRAM-SHA-512' }));
  one.destroy();
  await one.hasItsTurn();
  expect(one.answers).toBe(0);
});

function request<Req extends Fields, Res extends Fields>(
  api: Api<Req, Res>,
  version: number,
  body: Encodable<Req>,
): Buffer {
  const writer = new Writer(256, FRAME_LENGTH_BYTES);
  encodeRequestHeader(writer, api, version, 1, 'test');
  api.request(version).encode(writer, body);
  writer.setLength();
  return writer.done();
}
