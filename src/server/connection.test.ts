import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { silent } from '../base/log.ts';
import { nodeWorld } from '../platform/node-world.ts';
import { busyFor } from '../platform/testing/turns.ts';
import type { Api } from '../protocol/api.ts';
import type { Decoded, Encodable, Fields } from '../protocol/field.ts';
import { FRAME_LENGTH_BYTES } from '../protocol/frame.ts';
import { decodeResponseHeader, encodeRequestHeader } from '../protocol/headers.ts';
import { listOffsets } from '../protocol/messages/02-list-offsets.ts';
import { heartbeat } from '../protocol/messages/12-heartbeat.ts';
import { syncGroup } from '../protocol/messages/14-sync-group.ts';
import { describeGroups } from '../protocol/messages/15-describe-groups.ts';
import { Reader } from '../protocol/reader.ts';
import { Writer } from '../protocol/writer.ts';
import { NO_CONNECTION_LIMITS } from './gate/connection-limits.ts';
import { CLOSE_CONNECTION, type Handler, handle, NO_RESPONSE } from './handler.ts';
import { KafkaServer } from './kafka-server.ts';

const world = nodeWorld(silent);

/** Answers heartbeats when told to; the generation id says which. */
class Script {
  readonly waiting = new Map<number, () => void>();
  readonly begun: number[] = [];
  /** How long a heartbeat holds the loop. */
  costMs = 0;
}

const heartbeats = handle(
  heartbeat,
  { versions: [0, 4], operations: [] },
  (script: Script, request) =>
    new Promise((resolve) => {
      script.begun.push(request.generationId);
      busyFor(script.costMs);
      script.waiting.set(request.generationId, () => resolve({ errorCode: request.generationId }));
    }),
);
const failing = handle(syncGroup, { versions: [0, 5], operations: [] }, (): never => {
  throw new Error('a fault of ours');
});
const MUTED_MS = 100;
const MUTING = 2;
const silentOrGone = handle(
  listOffsets,
  { versions: [1, 11], operations: [] },
  (_: Script, request, info) => {
    if (request.replicaId === MUTING) info.mute(MUTED_MS);
    return request.replicaId === 1 ? CLOSE_CONNECTION : NO_RESPONSE;
  },
);
/** Waits as heartbeats do; the first group's name is the number of the request. */
const describing = handle(
  describeGroups,
  { versions: [0, 6], operations: [] },
  (script: Script, { groups: [first = ''] }) =>
    new Promise((resolve) => {
      script.begun.push(Number(first));
      script.waiting.set(Number(first), () => resolve({ groups: [] }));
    }),
);
const handlers: Handler<Script>[] = [heartbeats, failing, silentOrGone, describing];

async function serve(script: Script, limits = {}, connectionLimits = NO_CONNECTION_LIMITS, of = world) {
  const server = new KafkaServer(of, {
    handlers,
    context: script,
    listeners: [{ name: 'C', purpose: 'client', host: '127.0.0.1', port: 0 }],
    limits,
    connectionLimits: () => connectionLimits,
  });
  await server.start();
  return {
    server,
    connect: () => RawClient.connect(server.port('C')),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

const beat = (generationId: number) => ({ groupId: 'g', generationId, memberId: 'm', groupInstanceId: null });

describe('a connection', () => {
  test('answers in the order of requests, whatever order they are done in', async () => {
    const script = new Script();
    await using running = await serve(script);
    const client = await running.connect();
    for (const id of [1, 2, 3]) client.send(heartbeat, 4, id, beat(id));
    await client.until(() => script.begun.length === 3);
    for (const id of [3, 1, 2]) script.waiting.get(id)?.();
    expect([
      await client.correlationId(),
      await client.correlationId(),
      await client.correlationId(),
    ]).toEqual([1, 2, 3]);
    client.close();
  });

  test('begins no more requests than its limit, and goes on when one is answered', async () => {
    const script = new Script();
    await using running = await serve(script, { inFlightMax: 2 });
    const client = await running.connect();
    for (const id of [1, 2, 3, 4]) client.send(heartbeat, 4, id, beat(id));
    await client.until(() => script.begun.length === 2);
    script.waiting.get(1)?.();
    expect(await client.correlationId()).toBe(1);
    await client.until(() => script.begun.length === 3);
    expect(script.begun).toEqual([1, 2, 3]);
    client.close();
  });

  test.each([
    ['of one connection', { inFlightBytesMax: 3_000_000 }],
    ['of all connections', { inputBytesMax: 3_000_000 }],
  ])(
    'begins no more than the limit %s: long lists count with what they take in memory',
    async (_, limits) => {
      const script = new Script();
      await using running = await serve(script, limits);
      const client = await running.connect();
      // Each is 30 KB, and 2 MB as it is read.
      const list = new Array(10_000).fill('a');
      for (const id of [1, 2, 3, 4]) client.send(describeGroups, 4, id, { groups: [String(id), ...list] });
      for (const [answered, begun] of [
        [1, 2],
        [2, 3],
        [3, 4],
      ] as const) {
        await client.until(() => script.begun.length >= begun);
        expect(script.begun).toHaveLength(begun);
        script.waiting.get(answered)?.();
        expect(await client.correlationId()).toBe(answered);
      }
      client.close();
    },
  );

  test('that sends hundreds of costly requests at once leaves turns of the loop to others', async () => {
    const script = new Script();
    await using running = await serve(script);
    script.costMs = 30;
    const [flood, other] = [await running.connect(), await running.connect()];
    const COUNT = 60;
    flood.raw(
      Buffer.concat(Array.from({ length: COUNT }, (_, id) => flood.frame(heartbeat, 4, id, beat(id)))),
    );
    await flood.until(() => script.begun.length > 0);
    other.send(heartbeat, 4, COUNT, beat(COUNT));
    await other.until(() => script.begun.includes(COUNT));
    expect(script.begun.indexOf(COUNT)).toBeLessThan(COUNT / 2);
    script.costMs = 0;
    await flood.until(() => script.begun.length === COUNT + 1);
    expect(script.begun.filter((id) => id < COUNT)).toEqual(Array.from({ length: COUNT }, (_, id) => id));
    flood.close();
    other.close();
  });

  test.each(['in one piece', 'afterwards'])(
    'begins nothing while it is muted: what came %s waits',
    async (how) => {
      const script = new Script();
      await using running = await serve(script);
      const client = await running.connect();
      const muting = client.frame(listOffsets, 6, 1, { replicaId: MUTING, isolationLevel: 0, topics: [] });
      const next = client.frame(heartbeat, 4, 2, beat(2));
      const began = performance.now();
      client.raw(how === 'afterwards' ? muting : Buffer.concat([muting, next]));
      if (how === 'afterwards') {
        await new Promise((resolve) => setTimeout(resolve, MUTED_MS / 2));
        client.raw(next.subarray(0, 7));
        client.raw(next.subarray(7));
      }
      await client.until(() => script.begun.length === 1);
      expect(performance.now() - began).toBeGreaterThanOrEqual(MUTED_MS - 1);
      client.close();
    },
  );

  // A broker's timers come up to a millisecond early by its clock: a connection that was muted for two stayed
  // so for ever.
  test('goes on after it was muted, also when the timer came early', async () => {
    const script = new Script();
    const { clock } = world;
    const early = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      soon: (run: () => void) => clock.soon(run),
      after: (delayMs: number, run: () => void) => clock.after(delayMs / 2, run),
    };
    await using running = await serve(script, {}, NO_CONNECTION_LIMITS, { ...world, clock: early });
    const client = await running.connect();
    client.raw(client.frame(listOffsets, 6, 1, { replicaId: MUTING, isolationLevel: 0, topics: [] }));
    client.raw(client.frame(heartbeat, 4, 2, beat(2)));
    await client.until(() => script.begun.length === 1);
    client.close();
  });

  test.each([-1, 0, 3, 1001, 0x7fff_ffff])('ends at a frame that says it has %i bytes', async (size) => {
    await using running = await serve(new Script(), { requestBytesMax: 1000 });
    const client = await running.connect();
    const prefix = Buffer.alloc(4);
    prefix.writeInt32BE(size);
    client.raw(prefix);
    await client.closed;
  });

  test('takes frames in any pieces', async () => {
    const script = new Script();
    await using running = await serve(script);
    const client = await running.connect();
    const bytes = Buffer.concat([1, 2].map((id) => client.frame(heartbeat, 4, id, beat(id))));
    for (let at = 0; at < bytes.length; at += 3) {
      client.raw(bytes.subarray(at, at + 3));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.until(() => script.begun.length === 2);
    client.close();
  });

  test('of a handler that fails is answered UNKNOWN_SERVER_ERROR and lives on', async () => {
    const script = new Script();
    await using running = await serve(script);
    const client = await running.connect();
    const request = {
      groupId: 'g',
      generationId: 1,
      memberId: 'm',
      groupInstanceId: null,
      protocolType: null,
      protocolName: null,
      assignments: [],
    };
    client.send(syncGroup, 5, 7, request);
    const answer = await client.answer(syncGroup, 5);
    expect(answer.errorCode).toBe(-1);
    client.send(heartbeat, 4, 8, beat(8));
    await client.until(() => script.begun.length === 1);
    client.close();
  });

  test.each([
    ['an unknown key', 999, 0],
    ['an unknown version', heartbeat.key, 99],
  ])('ends at %s', async (_, key, version) => {
    await using running = await serve(new Script());
    const client = await running.connect();
    const bytes = Buffer.alloc(4 + 8 + 2);
    bytes.writeInt32BE(10, 0);
    bytes.writeInt16BE(key, 4);
    bytes.writeInt16BE(version, 6);
    client.raw(bytes);
    await client.closed;
  });

  test('is told the versions of ApiVersions in version 0 when it asks in one that does not exist', async () => {
    await using running = await serve(new Script());
    const client = await running.connect();
    const bytes = Buffer.alloc(4 + 8 + 3);
    bytes.writeInt32BE(11, 0);
    bytes.writeInt16BE(18, 4);
    bytes.writeInt16BE(99, 6);
    bytes.writeInt32BE(5, 8);
    client.raw(bytes);
    // correlation id 5, error 35, one key: 18 from 0 to 4.
    expect((await client.next()).toString('hex')).toBe('00000005002300000001001200000004');
    client.close();
  });

  test('that is not answered carries on; one that must end ends after the answers before it', async () => {
    const script = new Script();
    await using running = await serve(script);
    const client = await running.connect();
    client.send(listOffsets, 1, 1, { replicaId: 0, topics: [] });
    client.send(heartbeat, 4, 2, beat(2));
    client.send(listOffsets, 1, 3, { replicaId: 1, topics: [] });
    await client.until(() => script.begun.length === 1);
    script.waiting.get(2)?.();
    expect(await client.correlationId()).toBe(2);
    await client.closed;
  });

  test('beyond the limit of its address is refused', async () => {
    await using running = await serve(new Script(), {}, { ...NO_CONNECTION_LIMITS, perIpMax: () => 1 });
    const first = await running.connect();
    const second = await running.connect();
    await second.closed;
    first.close();
  });

  test('beyond the limit of all waits until another is closed, and is served then', async () => {
    const script = new Script();
    const limits = { ...NO_CONNECTION_LIMITS, max: 1 };
    await using running = await serve(script, {}, limits);
    const first = await running.connect();
    await first.until(() => running.server.connectionCount === 1);
    const second = await running.connect();
    second.send(heartbeat, 4, 1, beat(1));
    first.send(heartbeat, 4, 2, beat(2));
    await first.until(() => script.begun.length === 1);
    expect(script.begun).toEqual([2]);
    first.close();
    await second.until(() => script.begun.length === 2);
    // Raised while one waits: at once.
    const third = await running.connect();
    third.send(heartbeat, 4, 3, beat(3));
    limits.max = 2;
    await third.until(() => script.begun.length === 3);
    second.close();
    third.close();
  });

  test('that is idle for too long is closed', async () => {
    await using running = await serve(new Script(), { idleMs: 50 });
    const client = await running.connect();
    await client.closed;
  });
});

/** A client for tests that may also misbehave. */
class RawClient {
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  #received = Buffer.alloc(0);

  static connect(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new RawClient(socket)));
      socket.once('error', reject);
    });
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
  }

  raw(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  frame<Req extends Fields, Res extends Fields>(
    api: Api<Req, Res>,
    version: number,
    correlationId: number,
    request: Encodable<Req>,
  ): Buffer {
    const writer = new Writer(256, FRAME_LENGTH_BYTES);
    encodeRequestHeader(writer, api, version, correlationId, 'test');
    api.request(version).encode(writer, request);
    writer.setLength();
    return writer.done();
  }

  send<Req extends Fields, Res extends Fields>(
    api: Api<Req, Res>,
    version: number,
    correlationId: number,
    request: Encodable<Req>,
  ): void {
    this.raw(this.frame(api, version, correlationId, request));
  }

  /** The next response, without its length. */
  async next(): Promise<Buffer> {
    const whole = () => {
      const size = this.#received.length < 4 ? Number.POSITIVE_INFINITY : this.#received.readInt32BE(0);
      return this.#received.length - 4 >= size;
    };
    await this.until(whole);
    const size = this.#received.readInt32BE(0);
    const response = this.#received.subarray(4, 4 + size);
    this.#received = this.#received.subarray(4 + size);
    return response;
  }

  async correlationId(): Promise<number> {
    return (await this.next()).readInt32BE(0);
  }

  async answer<Req extends Fields, Res extends Fields>(
    api: Api<Req, Res>,
    version: number,
  ): Promise<Decoded<Res>> {
    const reader = new Reader(await this.next());
    decodeResponseHeader(reader, api, version);
    return api.response(version).decode(reader);
  }

  /** Resolves when the condition holds; rejects after a minute. */
  async until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + 60_000;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error('it did not come to be');
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}
