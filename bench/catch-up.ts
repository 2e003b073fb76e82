import { setTimeout as pause } from 'node:timers/promises';
import { apis } from '../src/protocol/apis.ts';
import { brokerProcess, eventually, Millrace } from '../test/support/millrace.ts';
import { KafkaSocket } from './kafka-socket.ts';
import { p99, SteadyProducer } from './steady-producer.ts';
import { createTopic, touchMemory } from './subject.ts';

export interface CatchUp {
  /** Megabytes a second that the producer writes all the time. */
  readonly ingest: number;
  /** Megabytes a second that the follower fetched, new records included. */
  readonly rate: number;
  /** Seconds from the follower's return to its place in the ISR. */
  readonly seconds: number;
  readonly p99BeforeMs: number;
  readonly p99DuringMs: number;
}

const TOPIC = 'catch-up';
const LOAD = { topic: TOPIC, batchBytes: 100_000, batchesPerSecond: 200 };
const AWAY_SECONDS = 20;

/**
 * Three brokers and a steady producer (acks=1). One follower is stopped for a while (SIGSTOP) and then
 * continues.
 */
export async function catchUp(): Promise<CatchUp> {
  touchMemory((AWAY_SECONDS + 20) * LOAD.batchesPerSecond * LOAD.batchBytes * 3);
  await using millrace = await Millrace.up(['--cluster', 'bench', '--brokers', '3']);
  const bootstrap = millrace.ready.clusters[0]?.bootstrap ?? '';
  const subject = { name: 'millrace', bootstrap, pids: [], data: '', stop: async () => {} };
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

  const producer = new SteadyProducer(await KafkaSocket.connect(address), LOAD);
  await pause(3000);
  const before = producer.latencies.take();
  process.kill(pid, 'SIGSTOP');
  const written = producer.megabytes;
  await eventually('the follower is out of the ISR', async () => !(await isr()).isr.includes(away), 60_000);
  await pause(AWAY_SECONDS * 1000);
  producer.latencies.take();
  process.kill(pid, 'SIGCONT');
  const returned = performance.now();
  await eventually('the follower is back in the ISR', async () => (await isr()).isr.includes(away), 120_000);
  const seconds = (performance.now() - returned) / 1000;
  const during = producer.latencies.take();
  const taken = producer.megabytes - written;
  await producer.stop();
  metadata.close();
  return {
    ingest: (LOAD.batchBytes * LOAD.batchesPerSecond) / 1e6,
    rate: taken / seconds,
    seconds,
    p99BeforeMs: p99(before),
    p99DuringMs: p99(during),
  };
}
