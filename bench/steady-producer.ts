import { setTimeout as pause } from 'node:timers/promises';
import { apis } from '../src/protocol/apis.ts';
import { buildBatch } from '../src/protocol/records/record.ts';
import { encodeFrame, type KafkaSocket } from './kafka-socket.ts';
import { Latencies } from './latencies.ts';

export interface SteadyLoad {
  readonly topic: string;
  readonly batchBytes: number;
  readonly batchesPerSecond: number;
}

/** Writes batches of one record to partition 0 (acks=1) at a steady rate, however long the answers take. */
export class SteadyProducer {
  readonly #socket: KafkaSocket;
  readonly #load: SteadyLoad;
  readonly latencies = new Latencies();
  #stopped = false;
  readonly #running: Promise<void>;
  megabytes = 0;

  constructor(socket: KafkaSocket, load: SteadyLoad) {
    this.#socket = socket;
    this.#load = load;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    this.#socket.close();
  }

  async #run(): Promise<void> {
    const { topic, batchBytes, batchesPerSecond } = this.#load;
    const value = Buffer.alloc(batchBytes, 'x');
    const records = buildBatch({ records: [{ timestamp: Date.now(), key: null, value }] });
    const frame = encodeFrame(apis.produce, 7, {
      transactionalId: null,
      acks: 1,
      timeoutMs: 30_000,
      topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
    });
    const started = performance.now();
    const answers: Promise<void>[] = [];
    for (let sent = 0; !this.#stopped; ) {
      const due = ((performance.now() - started) * batchesPerSecond) / 1000;
      for (; sent < due; sent++) answers.push(this.#send(frame));
      await pause(1);
    }
    await Promise.all(answers);
  }

  async #send(frame: Buffer): Promise<void> {
    await this.latencies.of(() => this.#socket.send(frame));
    this.megabytes += this.#load.batchBytes / 1e6;
  }
}

/** Milliseconds; 0 for an empty list. */
export function p99(latencies: readonly number[]): number {
  const sorted = latencies.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
}
