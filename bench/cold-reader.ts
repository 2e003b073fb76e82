import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { apis } from '../src/protocol/apis.ts';
import { batches } from '../src/protocol/records/batch.ts';
import { buildBatch } from '../src/protocol/records/record.ts';
import { encodeFrame, KafkaSocket } from './kafka-socket.ts';
import { Latencies } from './latencies.ts';
import { p99, SteadyProducer } from './steady-producer.ts';
import { createTopic, type Subject } from './subject.ts';

const COLD_BYTES = 512 * 1024 * 1024;
const BATCH_BYTES = 500_000;
/** Small answers, as consumers ask for by default (fetch.max.bytes is larger, max.partition.fetch.bytes is this). */
const FETCH_BYTES = 1024 * 1024;
const PRODUCER = { batchBytes: 10_000, batchesPerSecond: 200 };
const ALONE_MS = 5000;
/** Between two requests of the client that only asks whether anybody is there. */
const HEARTBEAT_MS = 10;

let run = 0;

export interface ColdReader {
  /** Of the reader, which reads from the beginning what no page cache has. */
  readonly megabytesPerSecond: number;
  readonly producerP99Ms: { readonly alone: number; readonly beside: number };
  readonly heartbeatP99Ms: { readonly alone: number; readonly beside: number };
}

/** A steady producer and a client that sends a small request now and then; alone, and beside a reader on a cold cache. */
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
  dropFromCache(subject.data, `${name}-0`);
  const started = performance.now();
  const bytes = await readAll(address, name);
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

/** The log files of one partition, wherever below the folder: written out, and then dropped from the page cache. */
function dropFromCache(data: string, partition: string): void {
  const files = readdirSync(data, { recursive: true, encoding: 'utf8' });
  const logs = files.filter((file) => file.includes(`${partition}/`) && file.endsWith('.log'));
  if (logs.length === 0) throw new Error(`no log of ${partition} in ${data}`);
  for (const file of logs) {
    const args = [`of=${join(data, file)}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'];
    const { status, stderr } = spawnSync('dd', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`dd ${args.join(' ')}: ${stderr}`);
  }
}

/** From the first record to the last, one fetch after the other; returns how many bytes of records there were. */
async function readAll(address: string, topic: string): Promise<number> {
  const socket = await KafkaSocket.connect(address);
  let bytes = 0;
  let fetchOffset = 0;
  for (;;) {
    const { responses } = await socket.call(apis.fetch, 11, {
      replicaId: -1,
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: FETCH_BYTES,
      isolationLevel: 0,
      sessionId: 0,
      sessionEpoch: -1,
      topics: [
        {
          topic,
          partitions: [
            {
              partition: 0,
              currentLeaderEpoch: -1,
              fetchOffset,
              lastFetchedEpoch: -1,
              logStartOffset: -1,
              partitionMaxBytes: FETCH_BYTES,
            },
          ],
        },
      ],
      forgottenTopicsData: [],
      rackId: '',
    });
    const answer = responses[0]?.partitions[0];
    if (answer?.errorCode !== 0) throw new Error(`Fetch answered error ${answer?.errorCode}`);
    const records = answer.records ?? Buffer.alloc(0);
    if (records.length === 0) break;
    bytes += records.length;
    for (const { header } of batches(records)) fetchOffset = header.nextOffset;
  }
  socket.close();
  return bytes;
}

/** A client that asks ApiVersions, the smallest of questions: what a heartbeat would wait for. */
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
