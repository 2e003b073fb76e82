import { apis } from '../src/protocol/apis.ts';
import { buildBatch } from '../src/protocol/records/record.ts';
import { brokerProcess, eventually, Millrace } from '../test/support/millrace.ts';
import { encodeFrame, KafkaSocket } from './kafka-socket.ts';
import { createTopic, touchMemory } from './subject.ts';

export interface CatchUp {
  /** Megabytes a second that the producer writes all the time. */
  readonly ingest: number;
  /** Megabytes a second that the follower took, the new ones included. */
  readonly rate: number;
  /** From its return to its place in the ISR. */
  readonly seconds: number;
  readonly p99BeforeMs: number;
  readonly p99DuringMs: number;
}

const TOPIC = 'catch-up';
const BATCH_BYTES = 100_000;
const BATCHES_PER_SECOND = 200;
const AWAY_SECONDS = 20;

/** Three brokers and a steady producer (acks=1); one follower is stopped for a while (SIGSTOP) and then goes on. */
export async function catchUp(): Promise<CatchUp> {
  touchMemory((AWAY_SECONDS + 20) * BATCHES_PER_SECOND * BATCH_BYTES * 3);
  await using millrace = await Millrace.up(['--cluster', 'bench', '--brokers', '3']);
  const bootstrap = millrace.ready.clusters[0]?.bootstrap ?? '';
  const subject = { name: 'millrace', bootstrap, pids: [], stop: async () => {} };
  const [address = ''] = await createTopic(subject, TOPIC, 1, 3);
  const metadata = await KafkaSocket.connect(address);
  const isr = async (): Promise<{ leader: number; isr: number[] }> => {
    const { topics } = await metadata.call(apis.metadata, 5, {
      topics: [{ name: TOPIC }],
      allowAutoTopicCreation: false,
    });
    const partition = topics[0]?.partitions[0];
    return { leader: partition?.leaderId ?? -1, isr: partition?.isrNodes ?? [] };
  };
  const { leader } = await isr();
  const away = [1, 2, 3].find((id) => id !== leader) ?? 1;
  const pid = brokerProcess(millrace.data, away);
  if (pid === null) throw new Error(`no process of broker ${away}`);

  const producer = new SteadyProducer(await KafkaSocket.connect(address));
  await pause(3000);
  const before = producer.takeLatencies();
  process.kill(pid, 'SIGSTOP');
  const written = producer.megabytes;
  await eventually('the follower is out of the ISR', async () => !(await isr()).isr.includes(away), 60_000);
  await pause(AWAY_SECONDS * 1000);
  producer.takeLatencies();
  process.kill(pid, 'SIGCONT');
  const returned = performance.now();
  await eventually('the follower is back in the ISR', async () => (await isr()).isr.includes(away), 120_000);
  const seconds = (performance.now() - returned) / 1000;
  const during = producer.takeLatencies();
  const taken = producer.megabytes - written;
  await producer.stop();
  metadata.close();
  return {
    ingest: (BATCH_BYTES * BATCHES_PER_SECOND) / 1e6,
    rate: taken / seconds,
    seconds,
    p99BeforeMs: p99(before),
    p99DuringMs: p99(during),
  };
}

class SteadyProducer {
  readonly #socket: KafkaSocket;
  #latencies: number[] = [];
  #stopped = false;
  readonly #running: Promise<void>;
  megabytes = 0;

  constructor(socket: KafkaSocket) {
    this.#socket = socket;
    this.#running = this.#run();
  }

  takeLatencies(): number[] {
    const taken = this.#latencies;
    this.#latencies = [];
    return taken;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    this.#socket.close();
  }

  async #run(): Promise<void> {
    const value = Buffer.alloc(BATCH_BYTES, 'x');
    const records = buildBatch({ records: [{ timestamp: Date.now(), key: null, value }] });
    const frame = encodeFrame(apis.produce, 7, {
      transactionalId: null,
      acks: 1,
      timeoutMs: 30_000,
      topicData: [{ name: TOPIC, partitionData: [{ index: 0, records }] }],
    });
    const started = performance.now();
    const answers: Promise<void>[] = [];
    for (let sent = 0; !this.#stopped; ) {
      const due = ((performance.now() - started) * BATCHES_PER_SECOND) / 1000;
      for (; sent < due; sent++) answers.push(this.#send(frame));
      await pause(1);
    }
    await Promise.all(answers);
  }

  async #send(frame: Buffer): Promise<void> {
    const sent = performance.now();
    await this.#socket.send(frame);
    this.#latencies.push(performance.now() - sent);
    this.megabytes += BATCH_BYTES / 1e6;
  }
}

function p99(latencies: readonly number[]): number {
  const sorted = latencies.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
