import { once } from 'node:events';
import { createServer, connect as netConnect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../../test/support/free-port.ts';
import { silent } from '../base/log.ts';
import type { Connection, NetworkError } from '../base/network.ts';
import type { ClientAuth, ClientTls, ServerTls, TlsIdentity } from '../base/tls.ts';
import { createCa, issue } from '../security/certificates/certificate.ts';
import { derOf } from '../security/certificates/pem.ts';
import { FairTurns } from './fair-turns.ts';
import { NodeClock } from './node-clock.ts';
import { NodeNetwork } from './node-network.ts';
import { NodeRandom } from './node-random.ts';
import { busyFor } from './testing/turns.ts';
import { TlsHandshakes } from './tls-handshakes.ts';

const world = { clock: new NodeClock(), random: new NodeRandom() };
const network = new NodeNetwork(silent);
const DAY_MS = 86_400_000;

/** A world whose clock stands `days` from now. */
function daysFromNow(days: number) {
  const now = () => world.clock.now() + days * DAY_MS;
  return { ...world, clock: { ...world.clock, now } as unknown as NodeClock };
}

let serverCa: TlsIdentity;
let clientCa: TlsIdentity;
let server: TlsIdentity;

beforeAll(() => {
  serverCa = createCa(world, { commonName: 'server CA', permittedNames: ['localhost'] });
  clientCa = createCa(world, { commonName: 'client CA' });
  server = issue(world, serverCa, { commonName: 'localhost', dnsNames: ['localhost'], purposes: ['server'] });
});

function client(ca: TlsIdentity, now = world): TlsIdentity {
  return issue(now, ca, { commonName: 'alice', purposes: ['client'] });
}

/** What one end of a connection sees, and answers with the same bytes if it is a server. */
function watch(connection: Connection, isServer: boolean) {
  const buffer = Buffer.alloc(1000);
  const seen = { text: '', closed: undefined as { error: NetworkError | undefined } | undefined };
  let changed = (): void => {};
  connection.start({
    buffer: () => buffer,
    received: (bytes) => {
      seen.text += buffer.toString('latin1', 0, bytes);
      if (isServer) connection.write([Buffer.from(buffer.subarray(0, bytes))]);
      changed();
    },
    onClose: (error) => {
      seen.closed = { error };
      changed();
    },
  });
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition())
      await new Promise<void>((done) => {
        changed = done;
      });
  };
  return { ...seen, until, seen, connection };
}

/** A listener that may change what it shows, and the server's ends of its connections. */
async function listen(
  clientAuth: ClientAuth,
  first: ServerTls = { identity: server, clientCas: clientCa.certificate },
  host = '127.0.0.1',
) {
  let current = first;
  let changed = (): void => {};
  const ends: ReturnType<typeof watch>[] = [];
  let arrived = (): void => {};
  const listener = await network.listen(
    {
      host,
      port: 0,
      tls: {
        clientAuth,
        current: () => current,
        onChange: (run) => {
          changed = run;
          return () => {};
        },
      },
    },
    (connection) => {
      ends.push(watch(connection, true));
      arrived();
    },
  );
  onTestFinished(async () => {
    for (const { connection } of ends) connection.destroy();
    await listener.close();
  });
  return {
    port: listener.port,
    ends,
    change: (next: ServerTls) => {
      current = next;
      changed();
    },
    end: async (index: number) => {
      while (!ends[index])
        await new Promise<void>((done) => {
          arrived = done;
        });
      return ends[index];
    },
  };
}

async function connect(port: number, tls: Partial<ClientTls> = {}) {
  const connection = await network.connect({
    host: '127.0.0.1',
    port,
    timeoutMs: 60_000,
    tls: { serverCas: serverCa.certificate, serverName: 'localhost', ...tls },
  });
  onTestFinished(() => connection.destroy());
  return watch(connection, false);
}

async function echo(end: Awaited<ReturnType<typeof connect>>, text: string): Promise<void> {
  const before = end.seen.text.length;
  end.connection.write([Buffer.from(text)]);
  await end.until(() => end.seen.text.length >= before + text.length || end.seen.closed !== undefined);
  expect(end.seen.text.slice(before)).toBe(text);
}

describe('a client', () => {
  test('speaks encrypted with a server whose certificate its CA vouches for', async () => {
    const { port, end } = await listen('none');
    const large = 'x'.repeat(500_000);
    await echo(await connect(port), large);
    expect((await end(0)).connection.peerCertificate).toBeNull();
  });

  test.each([
    ['another CA', () => ({ serverCas: clientCa.certificate })],
    ['another name', () => ({ serverName: 'example.org' })],
  ])('refuses a server of %s', async (_, tls) => {
    const { port } = await listen('none');
    await expect(connect(port, tls())).rejects.toMatchObject({ code: 'ETLS' });
  });

  test('refuses a server whose certificate is over', async () => {
    const old = issue(daysFromNow(-400), serverCa, {
      commonName: 'localhost',
      dnsNames: ['localhost'],
      purposes: ['server'],
    });
    const { port } = await listen('none', { identity: old, clientCas: '' });
    await expect(connect(port)).rejects.toMatchObject({ code: 'ETLS' });
  });

  test('refuses a name that the CA may not vouch for', async () => {
    const strayed = issue(world, serverCa, {
      commonName: 'example.org',
      dnsNames: ['example.org'],
      purposes: ['server'],
    });
    const { port } = await listen('none', { identity: strayed, clientCas: '' });
    await expect(connect(port, { serverName: 'example.org' })).rejects.toMatchObject({ code: 'ETLS' });
  });

  test('refuses a client certificate in the place of a server’s', async () => {
    const { port } = await listen('none', { identity: client(serverCa), clientCas: '' });
    await expect(connect(port)).rejects.toMatchObject({ code: 'ETLS' });
  });
});

describe('a server', () => {
  test('is told the certificate of a client', async () => {
    const { port, end } = await listen('required');
    const identity = client(clientCa);
    await echo(await connect(port, { identity }), 'hello');
    expect((await end(0)).connection.peerCertificate).toEqual(derOf(identity.certificate));
  });

  test('lets clients without a certificate in where it is optional, and not where it is required', async () => {
    const optional = await listen('optional');
    await echo(await connect(optional.port), 'hello');
    expect((await optional.end(0)).connection.peerCertificate).toBeNull();
    const required = await listen('required');
    await isRefused(required);
  });

  test.each<[string, () => TlsIdentity]>([
    ['of another CA', () => client(createCa(world, { commonName: 'client CA' }))],
    ['of the server’s CA', () => client(serverCa)],
    ['that is over', () => client(clientCa, daysFromNow(-400))],
    ['that is not valid yet', () => client(clientCa, daysFromNow(2))],
    ['of a server', () => issue(world, clientCa, { commonName: 'alice', purposes: ['server'] })],
    ['that signed itself', () => createCa(world, { commonName: 'alice' })],
  ])('refuses a certificate %s, optional or not', async (_, identity) => {
    for (const clientAuth of ['optional', 'required'] as const)
      await isRefused(await listen(clientAuth), identity());
  });

  // Where it is required TLS closes the connection itself, and the log said only that it was closed.
  test.each<[string, () => TlsIdentity]>([
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', () => client(createCa(world, { commonName: 'other CA' }))],
    ['CERT_HAS_EXPIRED', () => client(clientCa, daysFromNow(-400))],
    ['INVALID_PURPOSE', () => createCa(world, { commonName: 'alice' })],
  ])('says why it refuses a certificate: %s', async (reason, identity) => {
    for (const clientAuth of ['optional', 'required'] as const) {
      const message = await isRefused(await listen(clientAuth), identity());
      expect(message).toBe(`the client's certificate is not valid: ${reason}`);
    }
  });

  test('lets in clients of two CAs of one name, as while a CA is replaced', async () => {
    const nextCa = createCa(world, { commonName: 'client CA' });
    for (const cas of [
      [clientCa, nextCa],
      [nextCa, clientCa],
    ]) {
      const clientCas = cas.map(({ certificate }) => certificate).join('');
      const { port } = await listen('required', { identity: server, clientCas });
      for (const ca of cas) await echo(await connect(port, { identity: client(ca) }), 'hello');
    }
  });

  test('says of whom it refuses that there was no certificate', async () => {
    expect(await isRefused(await listen('required'))).toMatch(/peer did not return a certificate/);
  });

  test('shows a new certificate to new connections, and keeps those that are open', async () => {
    const { port, change } = await listen('none');
    const old = await connect(port);
    await echo(old, 'before');
    const nextCa = createCa(world, { commonName: 'next CA' });
    const next = issue(world, nextCa, {
      commonName: 'localhost',
      dnsNames: ['localhost'],
      purposes: ['server'],
    });
    change({ identity: next, clientCas: '' });
    await expect(connect(port)).rejects.toMatchObject({ code: 'ETLS' });
    await echo(await connect(port, { serverCas: nextCa.certificate }), 'after');
    await echo(old, 'still here');
  });

  test('keeps what it has when new settings cannot be used', async () => {
    const { port, change } = await listen('none');
    change({ identity: { certificate: server.certificate, key: client(clientCa).key }, clientCas: '' });
    await echo(await connect(port), 'hello');
  });

  test('does not listen with settings that cannot be used', async () => {
    const broken = { identity: { certificate: 'none', key: 'none' }, clientCas: '' };
    await expect(listen('none', broken)).rejects.toMatchObject({ code: 'ETLS' });
  });

  test('resumes no session: a client proves itself in each connection', async () => {
    const { port } = await listen('required');
    const { certificate: cert, key } = client(clientCa);
    const again = (session?: Buffer) =>
      new Promise<{ session: Buffer | undefined; isReused: boolean }>((resolve, reject) => {
        const socket = tlsConnect({
          port,
          host: '127.0.0.1',
          servername: 'localhost',
          ca: serverCa.certificate,
          cert,
          key,
          session,
        });
        let latest: Buffer | undefined;
        socket.on('session', (given) => {
          latest = given;
        });
        socket.on('error', reject);
        socket.on('secureConnect', () => socket.write('hello'));
        socket.on('data', () => {
          resolve({ session: latest, isReused: socket.isSessionReused() });
          socket.destroy();
        });
      });
    const first = await again();
    expect(first.isReused).toBe(false);
    expect((await again(first.session)).isReused).toBe(false);
  });

  test.each(['TLSv1', 'TLSv1.1'] as const)('does not speak %s', async (version) => {
    const { port } = await listen('none');
    const failure = await new Promise<Error>((resolve) => {
      const options = { minVersion: version, maxVersion: version, ciphers: 'ALL@SECLEVEL=0' };
      tlsConnect({ port, host: '127.0.0.1', ca: serverCa.certificate, ...options }).once('error', resolve);
    });
    expect(failure.message).toMatch(/protocol version|unsupported protocol/);
  });

  test('reads nothing while it is paused, and everything after it', async () => {
    const { port, end } = await listen('none');
    const { connection } = await connect(port);
    const server = await end(0);
    connection.write([Buffer.from('0')]);
    await server.until(() => server.seen.text.length === 1);
    server.connection.pause();
    const large = Buffer.alloc(20_000_000, '1234567890');
    connection.write([large]);
    for (let turn = 0; turn < 100; turn++) await new Promise((done) => setImmediate(done));
    // What was decrypted already may still come.
    expect(server.seen.text.length).toBeLessThan(1_000_000);
    expect(connection.pendingBytes).toBeGreaterThan(0);
    server.connection.resume();
    await server.until(() => server.seen.text.length === 1 + large.length);
    expect(server.seen.text.slice(1) === large.toString('latin1')).toBe(true);
  });

  test('closes what speaks no TLS', async () => {
    const { port, end } = await listen('none');
    const socket = netConnect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\n\r\n'));
    onTestFinished(() => {
      socket.destroy();
    });
    const served = await end(0);
    await served.until(() => served.seen.closed !== undefined);
    expect(served.seen.closed?.error?.code).toBe('ETLS');
  });
});

test('two connections from one port to two addresses of the listener are told apart', async () => {
  const { port, end } = await listen('none', { identity: server, clientCas: '' }, '0.0.0.0');
  const from = await freePort();
  const dial = async (host: string): Promise<Socket> => {
    const socket = netConnect({ host, port, localAddress: '127.0.0.9', localPort: from });
    onTestFinished(() => {
      socket.destroy();
    });
    await once(socket, 'connect');
    return socket;
  };
  // Both are accepted before either shakes hands.
  const sockets = [await dial('127.0.0.1'), await dial('127.0.0.2')];
  await end(0);
  await end(1);
  for (const [index, socket] of sockets.entries()) {
    const secured = tlsConnect({ socket, servername: 'localhost', ca: serverCa.certificate });
    await once(secured, 'secureConnect');
    const said = once(secured, 'data');
    secured.write(`from ${index}`);
    expect(String((await said)[0])).toBe(`from ${index}`);
    const served = await end(index);
    await served.until(() => served.seen.text === `from ${index}`);
    const closed = served.until(() => served.seen.closed !== undefined);
    secured.destroy();
    await closed;
  }
});

test('a client shakes hands at once while another address asks for hundreds of handshakes', async () => {
  const { port, end } = await listen('none');
  const hello = await clientHello();
  const answered: string[] = [];
  const open = async (localAddress: string): Promise<Socket> => {
    const socket = netConnect({ port, host: '127.0.0.1', localAddress });
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => {});
    socket.once('data', () => answered.push(localAddress));
    await once(socket, 'connect');
    return socket;
  };
  const flood = await Promise.all(Array.from({ length: 200 }, () => open('127.0.0.2')));
  const healthy = await open('127.0.0.1');
  // All are accepted: from here on only the handshakes decide.
  await end(200);
  for (const socket of [...flood, healthy]) socket.write(hello);
  await once(healthy, 'data');
  expect(answered.length).toBeLessThan(50);
});

/** The first bytes of a client, which many may send. */
function clientHello(): Promise<Buffer> {
  return new Promise((resolve) => {
    const listener = createServer((socket) => {
      socket.once('data', (bytes) => {
        socket.destroy();
        listener.close();
        resolve(bytes);
      });
    }).listen(0, '127.0.0.1', () => {
      const address = listener.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      tlsConnect({ port, host: '127.0.0.1', servername: 'localhost' }).on('error', () => {});
    });
  });
}

test('a handshake that does not end is ended, however many bytes come', async () => {
  const settings = { identity: server, clientCas: '' };
  const handshakes = new TlsHandshakes(
    silent,
    { clientAuth: 'none', current: () => settings, onChange: () => () => {} },
    new FairTurns(),
    50,
  );
  const failed = new Promise<NetworkError>((resolve) => {
    const listener = createServer({ pauseOnConnect: true }, (socket) => {
      handshakes.begin(socket, (handshake) => {
        socket.destroy();
        listener.close();
        if ('failed' in handshake) resolve(handshake.failed);
      });
    }).listen(0, '127.0.0.1', () => {
      const address = listener.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      const socket = netConnect(port ?? 0, '127.0.0.1');
      // The head of a record that never ends, byte by byte.
      const drip = setInterval(() => socket.write(Buffer.from([0x16])), 5);
      socket.write(Buffer.from([0x16, 0x03, 0x01, 0x3f, 0xff]));
      socket.on('error', () => {});
      socket.on('close', () => clearInterval(drip));
    });
  });
  expect((await failed).code).toBe('ETIMEDOUT');
});

async function isRefused(
  listener: Awaited<ReturnType<typeof listen>>,
  identity?: TlsIdentity,
): Promise<string | undefined> {
  const { port, ends } = listener;
  // With TLS 1.3 a client may send before the server has judged its certificate.
  const outcome = await connect(port, identity ? { identity } : {}).then(
    async (end) => {
      end.connection.write([Buffer.from('hello')]);
      await end.until(() => end.seen.closed !== undefined || end.seen.text !== '');
      return end.seen.text;
    },
    () => '',
  );
  expect(outcome).toBe('');
  const served = await listener.end(ends.length - 1);
  await served.until(() => served.seen.closed !== undefined);
  expect(served.seen.text).toBe('');
  expect(served.seen.closed?.error).toMatchObject({ code: 'ETLS' });
  expect(served.connection.peerCertificate).toBeNull();
  return served.seen.closed?.error?.message;
}

test('clients that say nothing are given up over many turns of the loop, not all in one', async () => {
  const SILENT = 40;
  const current = (): ServerTls => ({ identity: server, clientCas: '' });
  const handshakes = new TlsHandshakes(
    silent,
    { clientAuth: 'none', current, onChange: () => () => {} },
    new FairTurns(),
    300,
  );
  let turn = 0;
  let isWatching = true;
  const count = (): void => {
    turn++;
    if (isWatching) setImmediate(count);
  };
  setImmediate(count);
  const turns: number[] = [];
  const accepting = createServer({ pauseOnConnect: true }, (socket) =>
    handshakes.begin(socket, (handshake) => {
      if ('failed' in handshake) busyFor(1);
      turns.push(turn);
      socket.destroy();
    }),
  );
  accepting.listen(0, '127.0.0.1');
  await once(accepting, 'listening');
  const bound = accepting.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const clients = Array.from({ length: SILENT }, () =>
    netConnect({ host: '127.0.0.1', port })
      .on('error', () => undefined)
      .resume(),
  );
  onTestFinished(() => {
    isWatching = false;
    for (const one of clients) one.destroy();
    accepting.close();
  });
  await vi.waitFor(() => expect(turns).toHaveLength(SILENT), { timeout: 60_000 });
  // Each takes its millisecond of a turn.
  expect(new Set(turns).size).toBe(SILENT);
});
