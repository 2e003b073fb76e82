import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { silent } from '../base/log.ts';
import type { Connection, ConnectionHandler, NetworkError } from '../base/network.ts';
import { NodeNetwork } from './node-network.ts';

const network = new NodeNetwork(silent);

/** Collects what arrives, reading into pieces of an odd size. */
class Sink implements ConnectionHandler {
  readonly #piece: Buffer;
  readonly #chunks: Buffer[] = [];
  length = 0;
  closed: { error: NetworkError | undefined } | null = null;
  drained = 0;
  #changed = (): void => {};

  constructor(pieceBytes = 4099) {
    this.#piece = Buffer.alloc(pieceBytes);
  }
  buffer(): Uint8Array {
    return this.#piece;
  }
  received(bytes: number): void {
    this.#chunks.push(Buffer.from(this.#piece.subarray(0, bytes)));
    this.length += bytes;
    this.#changed();
  }
  onDrain(): void {
    this.drained++;
    this.#changed();
  }
  onClose(error?: NetworkError): void {
    expect(this.closed).toBeNull();
    this.closed = { error };
    this.#changed();
  }
  content(): Buffer {
    return Buffer.concat(this.#chunks);
  }
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((done) => {
        this.#changed = done;
      });
    }
  }
}

async function pair(sinks = { client: new Sink(), server: new Sink() }) {
  const accepted = deferred<Connection>();
  const listener = await network.listen({ host: '127.0.0.1', port: 0 }, (connection) =>
    accepted.resolve(connection),
  );
  const client = await network.connect({ host: '127.0.0.1', port: listener.port, timeoutMs: 60_000 });
  const server = await accepted.promise;
  client.start(sinks.client);
  server.start(sinks.server);
  onTestFinished(async () => {
    client.destroy();
    server.destroy();
    await listener.close();
  });
  return { listener, client, server, sinks };
}

function deferred<T>(): { promise: Promise<T>; resolve(value: T): void } {
  let settle: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    settle = done;
  });
  return { promise, resolve: (value) => settle(value) };
}

const pattern = (bytes: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: bytes }, (_, i) => (i * 7) % 251));

describe('a connection', () => {
  test('carries bytes both ways, in order and whole, gathered from many parts', async () => {
    const { client, server, sinks } = await pair();
    const large = pattern(3_000_017);
    client.write([large.subarray(0, 5), large.subarray(5, 100_000), large.subarray(100_000)]);
    server.write([Buffer.from('answer')]);
    await sinks.server.until(() => sinks.server.length === large.length);
    await sinks.client.until(() => sinks.client.length === 6);
    expect(sinks.server.content().equals(large)).toBe(true);
    expect(sinks.client.content().toString()).toBe('answer');
  });

  test('calls written once per write, in order, also for no bytes', async () => {
    const { client } = await pair();
    const order: number[] = [];
    await new Promise<void>((done) => {
      client.write([Buffer.from('a')], () => order.push(1));
      client.write([Buffer.from('b'), Buffer.from('c')], () => {
        order.push(2);
        client.write([], () => {
          order.push(3);
          done();
        });
      });
    });
    expect(order).toEqual([1, 2, 3]);
  });

  test('reads nothing while paused, tells a fast writer to wait, and drains after resume', async () => {
    const { client, server, sinks } = await pair();
    server.pause();
    const piece = pattern(1_000_000);
    let sent = 0;
    do sent += piece.length;
    while (client.write([piece]) || sent < 20_000_000);
    expect(client.pendingBytes).toBeGreaterThan(0);
    expect(sinks.server.length).toBe(0);
    server.resume();
    await sinks.client.until(() => sinks.client.drained > 0);
    await sinks.server.until(() => sinks.server.length === sent);
    expect(client.pendingBytes).toBe(0);
  });

  test('end sends what is queued, then both sides close without an error', async () => {
    const { client, server, sinks } = await pair();
    // Bytes that the server never reads must not turn its close into a reset.
    client.write([pattern(500_000)]);
    server.pause();
    const answer = pattern(2_000_000);
    server.write([answer]);
    server.end();
    await sinks.client.until(() => sinks.client.closed !== null);
    expect(sinks.client.content().equals(answer)).toBe(true);
    expect(sinks.client.closed?.error).toBeUndefined();
    await sinks.server.until(() => sinks.server.closed !== null);
    expect(sinks.server.closed?.error).toBeUndefined();
  });

  test('destroy closes at once, and the writes that were pending are told', async () => {
    const { client, server, sinks } = await pair();
    server.pause();
    const told = new Promise<void>((done) => {
      client.write([Buffer.alloc(30_000_000)], done);
    });
    client.destroy();
    await told;
    await sinks.client.until(() => sinks.client.closed !== null);
    server.resume();
    await sinks.server.until(() => sinks.server.closed !== null);
  });

  test('written to before it was started sends that, and reads all the same', async () => {
    const accepted = deferred<Connection>();
    const listener = await network.listen({ host: '127.0.0.1', port: 0 }, (connection) => {
      connection.write([pattern(10_000_000)]);
      accepted.resolve(connection);
    });
    const client = await network.connect({ host: '127.0.0.1', port: listener.port, timeoutMs: 60_000 });
    const sinks = { client: new Sink(), server: new Sink(7) };
    (await accepted.promise).start(sinks.server);
    client.start(sinks.client);
    client.write([Buffer.from('a few pieces of seven bytes')]);
    await sinks.client.until(() => sinks.client.length === 10_000_000);
    await sinks.server.until(() => sinks.server.length === 27);
    expect(sinks.server.content().toString()).toBe('a few pieces of seven bytes');
    client.end();
    await sinks.server.until(() => sinks.server.closed !== null);
    await listener.close();
  });

  test('that closed before it was started says so after', async () => {
    const accepted = deferred<Connection>();
    const listener = await network.listen({ host: '127.0.0.1', port: 0 }, (connection) =>
      accepted.resolve(connection),
    );
    const client = await network.connect({ host: '127.0.0.1', port: listener.port, timeoutMs: 60_000 });
    const clientSink = new Sink();
    client.start(clientSink);
    const server = await accepted.promise;
    server.destroy();
    const sink = new Sink();
    server.start(sink);
    await sink.until(() => sink.closed !== null);
    await clientSink.until(() => clientSink.closed !== null);
    await listener.close();
  });
});

describe('a listener', () => {
  test('that closed frees its port at once and leaves open connections open', async () => {
    const { listener, client, sinks } = await pair();
    await listener.close();
    const again = await network.listen({ host: '127.0.0.1', port: listener.port }, () => {});
    expect(again.port).toBe(listener.port);
    client.write([Buffer.from('still here')]);
    await sinks.server.until(() => sinks.server.length === 10);
    await again.close();
  });

  test('closes whom it refuses, and is not told of them', async () => {
    const asked: string[] = [];
    const accepted: string[] = [];
    const listener = await network.listen(
      {
        host: '127.0.0.1',
        port: 0,
        refuses: (host) => {
          asked.push(host);
          return host === '127.0.0.2';
        },
      },
      ({ remoteHost }) => accepted.push(remoteHost),
    );
    onTestFinished(() => listener.close());
    const from = async (address: string): Promise<Sink> => {
      const to = { host: '127.0.0.1', port: listener.port, timeoutMs: 60_000 };
      const client = await new NodeNetwork(silent, address).connect(to);
      onTestFinished(() => client.destroy());
      const sink = new Sink();
      client.start(sink);
      return sink;
    };
    const refused = await from('127.0.0.2');
    await refused.until(() => refused.closed !== null);
    await from('127.0.0.3');
    await vi.waitFor(() => expect(accepted).toEqual(['127.0.0.3']), 60_000);
    expect(asked).toEqual(['127.0.0.2', '127.0.0.3']);
  });

  test('on a taken port is refused with EADDRINUSE', async () => {
    const { listener } = await pair();
    await expect(network.listen({ host: '127.0.0.1', port: listener.port }, () => {})).rejects.toMatchObject({
      name: 'Error',
      code: 'EADDRINUSE',
    });
  });
});

describe('connect', () => {
  test('to a port where nobody listens is ECONNREFUSED', async () => {
    const listener = await network.listen({ host: '127.0.0.1', port: 0 }, () => {});
    await listener.close();
    const connecting = network.connect({ host: '127.0.0.1', port: listener.port, timeoutMs: 60_000 });
    await expect(connecting).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('to a name that does not exist is ENOTFOUND', async () => {
    const connecting = network.connect({ host: 'nowhere.invalid', port: 9, timeoutMs: 60_000 });
    await expect(connecting).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });
});

test('connections that come at the same time are let in together, and none waits for what others ask', async () => {
  const CLIENTS = 200;
  let turn = 0;
  let isWatching = true;
  const count = (): void => {
    turn++;
    if (isWatching) setImmediate(count);
  };
  setImmediate(count);
  const turns: number[] = [];
  const all = deferred<void>();
  const accepted: Connection[] = [];
  const listener = await network.listen({ host: '127.0.0.1', port: 0 }, (connection) => {
    accepted.push(connection);
    turns.push(turn);
    if (turns.length === CLIENTS) all.resolve();
  });
  // The kernel has all of them before the loop accepts the first.
  const clients = Array.from({ length: CLIENTS }, () =>
    network.connect({ host: '127.0.0.1', port: listener.port, timeoutMs: 60_000 }),
  );
  onTestFinished(async () => {
    isWatching = false;
    for (const connection of [...accepted, ...(await Promise.all(clients))]) connection.destroy();
    await listener.close();
  });
  await all.promise;
  // Together means in one turn, or in a few where the machine stood still for a while.
  expect(new Set(turns).size).toBeLessThan(CLIENTS / 10);
});
