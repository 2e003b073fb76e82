import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { apis } from '../src/protocol/apis.ts';
import { buildBatch } from '../src/protocol/records/record.ts';
import { encodeFrame, KafkaSocket } from './kafka-socket.ts';
import { Latencies } from './latencies.ts';
import { p99, SteadyProducer } from './steady-producer.ts';
import { createTopic, type Subject } from './subject.ts';

const COLD_BYTES = 512 * 1024 * 1024;
const BATCH_BYTES = 500_000;
const PRODUCER = { batchBytes: 10_000, batchesPerSecond: 200 };
const ALONE_MS = 5000;
/** Milliseconds between two requests of the client that sends small requests only. */
const HEARTBEAT_MS = 10;

let run = 0;

export interface ColdReader {
  /** The speed of the reader, which reads from the beginning what no page cache has. */
  readonly megabytesPerSecond: number;
  readonly producerP99Ms: { readonly alone: number; readonly beside: number };
  readonly heartbeatP99Ms: { readonly alone: number; readonly beside: number };
}

/**
 * A steady producer and a client that sends a small request now and then: first alone, then beside a reader
 * on a cold page cache.
 */
export async function coldReader(subject: Subject): Promise<ColdReader> {
  const name = `cold-${run++}`;
  const [address = ''] = await createTopic(subject, name, 1, 1);
  const [other = ''] = await createTopic(subject, `${name}-producer`, 1, 1);
  await fill(address, name);
  const producer = new SteadyProducer(await KafkaSocket.connect(other), {
    topic: `${name}-producer`,
    ...PRODUCER,
  });
  const heartbeats = new Heartbeats(await KafkaSocket.connect(other));
  await pause(ALONE_MS / 5);
  producer.latencies.take();
  heartbeats.latencies.take();
  await pause(ALONE_MS);
  const alone = { producer: producer.latencies.take(), heartbeat: heartbeats.latencies.take() };
  await dropFromCache(subject.data, `${name}-0`);
  const reader = await Reader.start(address, name);
  producer.latencies.take();
  heartbeats.latencies.take();
  const started = performance.now();
  const bytes = await reader.readAll();
  const seconds = (performance.now() - started) / 1000;
  const beside = { producer: producer.latencies.take(), heartbeat: heartbeats.latencies.take() };
  await producer.stop();
  await heartbeats.stop();
  return {
    megabytesPerSecond: bytes / 1e6 / seconds,
    producerP99Ms: { alone: p99(alone.producer), beside: p99(beside.producer) },
    heartbeatP99Ms: { alone: p99(alone.heartbeat), beside: p99(beside.heartbeat) },
  };
}

async function fill(address: string, topic: string): Promise<void> {
  const value = Buffer.alloc(BATCH_BYTES, 'x');
  const records = buildBatch({ records: [{ timestamp: Date.now(), key: null, value }] });
  const frame = encodeFrame(apis.produce, 7, {
    transactionalId: null,
    acks: 1,
    timeoutMs: 30_000,
    topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
  });
  const socket = await KafkaSocket.connect(address);
  for (let written = 0; written < COLD_BYTES; written += BATCH_BYTES) await socket.send(frame);
  socket.close();
}

/**
 * Writes the log files of one partition, anywhere below the folder, to the device and drops them from the
 * page cache.
 */
async function dropFromCache(data: string, partition: string): Promise<void> {
  const files = readdirSync(data, { recursive: true, encoding: 'utf8' });
  const logs = files.filter((file) => file.includes(`${partition}/`) && file.endsWith('.log'));
  if (logs.length === 0) throw new Error(`no log of ${partition} in ${data}`);
  for (const file of logs) {
    const args = [`of=${join(data, file)}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'];
    // `spawnSync` would stop the producer meanwhile.
    const [status] = await once(spawn('dd', args, { stdio: ['ignore', 'inherit', 'ignore'] }), 'exit');
    if (status !== 0) throw new Error(`dd ${args.join(' ')} ended with status ${status}`);
  }
}

/** A consumer in a process of its own, so that its work is not in the times of the others. */
class Reader {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when it is connected. */
  static async start(address: string, topic: string): Promise<Reader> {
    const child = fork(join(import.meta.dirname, 'read-all.ts'), [address, topic]);
    await once(child, 'message');
    return new Reader(child);
  }

  /** Reads from the first record to the last; resolves with the number of bytes of records. */
  async readAll(): Promise<number> {
    this.#child.send('go');
    const [bytes] = await once(this.#child, 'message');
    return Number(bytes);
  }
}

/** A client that sends ApiVersions, the smallest request: it waits as long as a heartbeat would. */
class Heartbeats {
  readonly #socket: KafkaSocket;
  readonly #running: Promise<void>;
  readonly latencies = new Latencies();
  #isStopped = false;

  constructor(socket: KafkaSocket) {
    this.#socket = socket;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
    this.#socket.close();
  }

  async #run(): Promise<void> {
    const frame = encodeFrame(apis.apiVersions, 0, {});
    while (!this.#isStopped) {
      await this.latencies.of(() => this.#socket.send(frame));
      await pause(HEARTBEAT_MS);
    }
  }
}
