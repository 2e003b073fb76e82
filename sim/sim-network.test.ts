import { expect, test } from 'vitest';
import { sleep } from '../src/base/clock.ts';
import type { Connection, ConnectionHandler, NetworkError } from '../src/base/network.ts';
import { Simulation } from './simulation.ts';

class Sink implements ConnectionHandler {
  readonly #into = Buffer.alloc(1000);
  readonly #chunks: Buffer[] = [];
  length = 0;
  drained = 0;
  closed: { error: NetworkError | undefined } | null = null;
  buffer(): Uint8Array {
    return this.#into;
  }
  received(bytes: number): void {
    expect(this.closed).toBeNull();
    this.#chunks.push(Buffer.from(this.#into.subarray(0, bytes)));
    this.length += bytes;
  }
  onDrain(): void {
    this.drained++;
  }
  onClose(error?: NetworkError): void {
    expect(this.closed).toBeNull();
    this.closed = { error };
  }
  content(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

interface Pair {
  readonly simulation: Simulation;
  readonly client: Connection;
  readonly server: Connection;
  readonly atClient: Sink;
  readonly atServer: Sink;
}

async function connected(seed: number, scenario: (pair: Pair) => Promise<void>): Promise<void> {
  const simulation = new Simulation(seed);
  await simulation.run(async () => {
    let server: Connection | undefined;
    const listener = await simulation.host('s').world.network.listen({ host: 's', port: 0 }, (connection) => {
      server = connection;
    });
    const { network } = simulation.host('c').world;
    const client = await network.connect({ host: 's', port: listener.port, timeoutMs: 1000 });
    if (!server) throw new Error('a client is connected before the server knows');
    const sinks = { atClient: new Sink(), atServer: new Sink() };
    client.start(sinks.atClient);
    server.start(sinks.atServer);
    await scenario({ simulation, client, server, ...sinks });
  });
}

const pattern = (bytes: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: bytes }, (_, i) => (i * 7) % 251));

test('bytes arrive whole and in order, cut anywhere, and writers hear of every write', async () => {
  for (let seed = 0; seed < 20; seed++) {
    await connected(seed, async ({ simulation, client, atServer }) => {
      const content = pattern(600_000);
      let told = 0;
      expect(client.write([content.subarray(0, 1), content.subarray(1, 300_000)], () => told++)).toBe(false);
      client.write([content.subarray(300_000)], () => told++);
      await simulation.until(
        () => atServer.length === content.length && atServer.length > 0 && told === 2,
        10_000,
      );
      expect(atServer.content().equals(content)).toBe(true);
      expect(client.pendingBytes).toBe(0);
    });
  }
});

test('a paused end reads nothing and holds the writer back until it resumes', async () => {
  await connected(1, async ({ simulation, client, server, atClient, atServer }) => {
    server.pause();
    client.write([pattern(1_000_000)]);
    await sleep(simulation.clock, 1000);
    expect(atServer.length).toBe(0);
    expect(client.pendingBytes).toBeGreaterThan(500_000);
    server.resume();
    await simulation.until(() => atServer.length === 1_000_000 && atClient.drained === 1, 10_000);
  });
});

test('an end that ends delivers all, then both close without an error', async () => {
  await connected(2, async ({ simulation, client, server, atClient, atServer }) => {
    client.write([pattern(300_000)]);
    server.pause();
    server.write([pattern(400_000)]);
    server.end();
    await simulation.until(() => atClient.closed !== null && atServer.closed !== null, 10_000);
    expect(atClient.length).toBe(400_000);
    expect(atClient.closed?.error).toBeUndefined();
    expect(atServer.closed?.error).toBeUndefined();
  });
});

test('an end that is destroyed closes at once, the other when it hears of it', async () => {
  await connected(3, async ({ simulation, client, atClient, atServer }) => {
    client.destroy();
    await simulation.until(() => atClient.closed !== null && atServer.closed !== null, 1000);
  });
});

test('a crash of one host resets the connection of the other', async () => {
  await connected(4, async ({ simulation, atClient, atServer }) => {
    simulation.host('s').crash();
    await simulation.until(() => atClient.closed !== null, 60_000);
    expect(atClient.closed?.error?.code).toBe('ECONNRESET');
    expect(atServer.closed).toBeNull();
  });
});

test('a cut one way holds bytes of that way back until it is healed, and lets the other through', async () => {
  await connected(5, async ({ simulation, client, server, atClient, atServer }) => {
    simulation.network.cut('c', 's');
    client.write([Buffer.from('held')]);
    server.write([Buffer.from('passes')]);
    await sleep(simulation.clock, 5000);
    expect(atServer.length).toBe(0);
    expect(atClient.content().toString()).toBe('passes');
    simulation.network.healAll();
    client.write([Buffer.from(' back')]);
    await simulation.until(() => atServer.length === 9, 1000);
    expect(atServer.content().toString()).toBe('held back');
  });
});

test('a lost segment resets both ends, and what arrived before it is a prefix', async () => {
  let resets = 0;
  for (let seed = 0; seed < 50; seed++) {
    await connected(seed, async ({ simulation, client, atClient, atServer }) => {
      simulation.network.faults.reset = 0.05;
      const content = pattern(200_000);
      client.write([content]);
      await sleep(simulation.clock, 1000);
      expect(content.subarray(0, atServer.length).equals(atServer.content())).toBe(true);
      expect(atClient.closed === null).toBe(atServer.closed === null);
      if (atServer.closed) resets++;
    });
  }
  expect(resets).toBeGreaterThan(5);
  expect(resets).toBeLessThan(50);
});

test('connections overtake each other', async () => {
  const orders = new Set<string>();
  for (let seed = 0; seed < 20; seed++) {
    await connected(seed, async ({ simulation, client, atServer }) => {
      const arrived: string[] = [];
      const { network } = simulation.host('c').world;
      await simulation.host('s').world.network.listen({ host: 's', port: 2 }, (connection) => {
        connection.start({
          buffer: () => Buffer.alloc(10),
          received: () => arrived.push('second'),
          onClose() {},
        });
      });
      const second = await network.connect({ host: 's', port: 2, timeoutMs: 1000 });
      client.write([Buffer.from('x')]);
      second.write([Buffer.from('y')]);
      await simulation.until(() => atServer.length === 1 || arrived.length === 1, 1000);
      orders.add(atServer.length === 1 ? 'first' : 'second');
    });
  }
  expect(orders.size).toBe(2);
});

test('connecting fails as TCP fails', async () => {
  const simulation = new Simulation(1);
  await simulation.run(async () => {
    const { network } = simulation.host('c').world;
    simulation.host('s');
    const to = (host: string) => network.connect({ host, port: 1, timeoutMs: 100 });
    await expect(to('s')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(to('nowhere')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await network.listen({ host: '127.0.0.1', port: 1 }, () => {});
    await expect(network.listen({ host: 'c', port: 1 }, () => {})).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    await to('127.0.0.1');
    simulation.network.cut('c', 's');
    await expect(to('s')).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });
});

test('what is late arrives seconds later, though its sender was told that the connection broke, and another is made meanwhile', async () => {
  let told = 0;
  for (let seed = 1; seed <= 20; seed++)
    await connected(seed, async ({ simulation, client, atClient, atServer }) => {
      const { network } = simulation;
      network.delay('c', 's', 1);
      client.write([pattern(10)]);
      network.healAll();
      const sentAt = simulation.time;
      // Longer than any ordinary delay, shorter than that of late segments.
      await sleep(simulation.clock, 400);
      expect(atServer.length).toBe(0);
      const again = await simulation.host('c').world.network.connect({
        host: 's',
        port: client.remotePort,
        timeoutMs: 1000,
      });
      again.destroy();
      expect(atServer.length).toBe(0);
      await simulation.until(() => atServer.length === 10, 30_000);
      expect(simulation.time - sentAt).toBeGreaterThan(500);
      expect(atServer.content()).toEqual(pattern(10));
      if (atClient.closed?.error?.code === 'ECONNRESET') told++;
    });
  expect(told).toBeGreaterThan(2);
  expect(told).toBeLessThan(18);
});

test('what the kernel of a killed process had taken still arrives', async () => {
  const arrived: boolean[] = [];
  for (let seed = 1; seed <= 20; seed++)
    await connected(seed, async ({ simulation, client, atServer }) => {
      simulation.network.delay('c', 's', 1);
      client.write([pattern(10)]);
      simulation.host('c').kill();
      await simulation.until(() => atServer.closed !== null, 60_000);
      arrived.push(atServer.length === 10);
    });
  expect(arrived).toContain(true);
  expect(arrived).toContain(false);
});
