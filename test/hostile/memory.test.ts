import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeFrame, KafkaSocket } from '../../bench/kafka-socket.ts';
import { createTopic } from '../../bench/subject.ts';
import { apis } from '../../src/protocol/apis.ts';
import { buildBatch } from '../../src/protocol/records/record.ts';
import { brokerProcess, eventually, Millrace } from '../support/millrace.ts';
import { int32 } from './raw-frames.ts';

const TOPIC = 'large';
const MEGABYTE = 1024 * 1024;
/** Written once, so that a client that asks for all of it gets more than any socket holds. */
const TOPIC_MEGABYTES = 80;
const CONSUMERS = 300;
const HALF_SENDERS = 1000;

let millrace: Millrace;
let leader = '';
let pid = 0;

beforeAll(async () => {
  millrace = await Millrace.up(['--cluster', 'small-memory', '--brokers', '1']);
  const bootstrap = millrace.ready.clusters[0]?.bootstrap ?? '';
  [leader = ''] = await createTopic(
    { name: 'millrace', bootstrap, pids: [], data: '', stop: async () => {} },
    TOPIC,
    1,
    1,
  );
  pid = brokerProcess(millrace.data, 1) ?? 0;
  const socket = await KafkaSocket.connect(leader);
  const frame = produceFrame(900_000);
  for (let written = 0; written < TOPIC_MEGABYTES * MEGABYTE; written += 900_000) await socket.send(frame);
  socket.close();
});

afterAll(() => millrace?.[Symbol.asyncDispose]());

test('300 consumers that never read cost a bounded amount, a producer and a consumer go on, and the memory comes back', async () => {
  const producer = await KafkaSocket.connect(leader);
  const before = residentBytes();
  const frame = encodeFrame(apis.fetch, 4, {
    replicaId: -1,
    maxWaitMs: 500,
    minBytes: 1,
    maxBytes: 200 * MEGABYTE,
    isolationLevel: 0,
    topics: [
      { topic: TOPIC, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 200 * MEGABYTE }] },
    ],
  });
  const sockets = await open(CONSUMERS, (socket) => {
    socket.pause();
    socket.write(frame);
  });
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, residentBytes() - before);
  }, 50);
  try {
    const latencies = await produceFor(producer, 3000);
    expect(percentile(latencies, 0.5)).toBeLessThan(200);
    const consumer = await KafkaSocket.connect(leader);
    for (let i = 0; i < 10; i++) {
      const { responses } = await consumer.call(apis.fetch, 4, {
        replicaId: -1,
        maxWaitMs: 500,
        minBytes: 1,
        maxBytes: MEGABYTE,
        isolationLevel: 0,
        topics: [
          { topic: TOPIC, partitions: [{ partition: 0, fetchOffset: i, partitionMaxBytes: MEGABYTE }] },
        ],
      });
      expect(responses[0]?.partitions[0]?.errorCode).toBe(0);
      expect(Buffer.from(responses[0]?.partitions[0]?.records ?? []).length).toBeGreaterThan(0);
    }
    consumer.close();
  } finally {
    clearInterval(watch);
    for (const socket of sockets) socket.destroy();
  }
  expect(most).toBeLessThan(300 * MEGABYTE);
  const isBack = async (): Promise<boolean> => {
    // A broker that has nothing to do collects no garbage.
    await produceFor(producer, 100);
    return residentBytes() - before < 150 * MEGABYTE;
  };
  await eventually('the memory is back', isBack);
  producer.close();
});

test('1,000 connections that each announce 100 MB cost nothing, and a producer goes on', async () => {
  const before = residentBytes();
  const sockets = await open(HALF_SENDERS, (socket) => {
    socket.write(Buffer.concat([int32(100_000_000), Buffer.from([0, 0, 0, 7, 0, 0, 0, 1])]));
  });
  const producer = await KafkaSocket.connect(leader);
  // The first answer comes when a thousand new connections have been accepted, which takes long on a busy
  // machine.
  await slowest(producer, 1);
  expect(percentile(await produceFor(producer, 1000), 0.5)).toBeLessThan(200);
  producer.close();
  // The cost of a thousand open connections by themselves, and what the producer's requests leave.
  expect(residentBytes() - before).toBeLessThan(64 * MEGABYTE);
  for (const socket of sockets) socket.destroy();
});

describe('requests that stop in the middle, of clients that are all there before the first of them sends', () => {
  /** Milliseconds that a request which does not wait for others may take on a busy machine. */
  const AT_ONCE_MS = 3000;
  /**
   * Milliseconds for a client that must wait until the unfinished requests before it are seen to have
   * stopped, a hundred at a time.
   */
  const STRANGER_MS = 60_000;

  test.each([
    // They would send 600 MB of 13 GB.
    { what: 'large', count: 150, announced: 90_000_000, sent: 4 * MEGABYTE, newcomerMs: AT_ONCE_MS },
    // And these 255 MB. Smaller requests come before larger ones: these are smaller than the requests of the
    // other clients.
    { what: 'ordinary', count: 300, announced: 880_000, sent: 850_000, newcomerMs: STRANGER_MS },
  ])(
    '$what ones hold a bounded amount, and ordinary requests pass them',
    async ({ count, announced, sent, newcomerMs }) => {
      const before = residentBytes();
      const body = Buffer.alloc(sent, 1);
      let mostBytes = 0;
      const watch = setInterval(() => {
        mostBytes = Math.max(mostBytes, residentBytes() - before);
      }, 50);
      const producer = await KafkaSocket.connect(leader);
      expect(await slowest(producer, 1)).toBeLessThan(AT_ONCE_MS);
      const sockets = await openAnswered(count);
      try {
        for (const socket of sockets) {
          socket.write(int32(announced));
          socket.write(body);
        }
        const newcomer = await KafkaSocket.connect(leader);
        const [ofProducer, ofNewcomer] = await Promise.all([slowest(producer, 20), slowest(newcomer, 5)]);
        newcomer.close();
        expect(ofProducer).toBeLessThan(AT_ONCE_MS);
        expect(ofNewcomer).toBeLessThan(newcomerMs);
      } finally {
        clearInterval(watch);
        for (const socket of sockets) socket.destroy();
        producer.close();
      }
      expect(mostBytes).toBeLessThan(300 * MEGABYTE);
    },
  );
});

/** The longest time that one of `count` ordinary requests of 900 KB took, one after the other. */
async function slowest(socket: KafkaSocket, count: number): Promise<number> {
  const frame = produceFrame(900_000);
  let slowestMs = 0;
  for (let i = 0; i < count; i++) {
    const sent = performance.now();
    expect(await socket.send(frame)).not.toBeNull();
    slowestMs = Math.max(slowestMs, performance.now() - sent);
  }
  return slowestMs;
}

function produceFrame(bytes: number): Buffer {
  const records = buildBatch({
    records: [{ timestamp: Date.now(), key: null, value: Buffer.alloc(bytes, 'x') }],
  });
  return encodeFrame(apis.produce, 7, {
    transactionalId: null,
    acks: 1,
    timeoutMs: 60_000,
    topicData: [{ name: TOPIC, partitionData: [{ index: 0, records }] }],
  });
}

async function produceFor(socket: KafkaSocket, ms: number): Promise<number[]> {
  const frame = produceFrame(1000);
  const latencies: number[] = [];
  for (const end = performance.now() + ms; performance.now() < end; ) {
    const sent = performance.now();
    await socket.send(frame);
    latencies.push(performance.now() - sent);
  }
  return latencies;
}

function percentile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? 0;
}

async function open(count: number, begin: (socket: Socket) => void): Promise<Socket[]> {
  const [host = '', port = ''] = leader.split(':');
  return Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<Socket>((resolve, reject) => {
          const socket = connect(Number(port), host, () => {
            socket.on('error', () => {});
            begin(socket);
            resolve(socket);
          });
          socket.once('error', reject);
        }),
    ),
  );
}

/** Connections whose first request was answered, so that none waits to be accepted. */
async function openAnswered(count: number): Promise<Socket[]> {
  const answers: Promise<void>[] = [];
  const question = encodeFrame(apis.apiVersions, 0, {});
  const sockets = await open(count, (socket) => {
    answers.push(new Promise((resolve) => socket.once('data', () => resolve())));
    socket.write(question);
  });
  await Promise.all(answers);
  return sockets;
}

function residentBytes(): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}
