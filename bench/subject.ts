import { readFileSync } from 'node:fs';
import { apis } from '../src/protocol/apis.ts';
import { startApacheKafka } from '../test/support/apache-kafka.ts';
import { Millrace, processesOf } from '../test/support/millrace.ts';
import { KafkaSocket } from './kafka-socket.ts';

/** A cluster under measurement: ours or Apache Kafka, each in processes of its own. */
export interface Subject {
  readonly name: string;
  readonly bootstrap: string;
  /** The processes that serve clients. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

export async function millraceSubject(brokers: number): Promise<Subject> {
  const millrace = await Millrace.up(['--cluster', 'bench', '--brokers', String(brokers)]);
  const pids = processesOf(millrace.data)
    .filter(({ command }) => / broker /.test(command))
    .map(({ pid }) => pid);
  return {
    name: 'millrace',
    bootstrap: millrace.ready.clusters[0]?.bootstrap ?? '',
    pids,
    stop: () => millrace[Symbol.asyncDispose](),
  };
}

/** One node, broker and controller in one JVM, with the heap that Kafka's start script gives it. */
export async function apacheKafkaSubject(): Promise<Subject> {
  const kafka = await startApacheKafka();
  return {
    name: 'apache kafka',
    bootstrap: kafka.bootstrap,
    pids: [kafka.pid],
    stop: () => kafka.stop(),
  };
}

/** Creates a topic and waits until its leaders answer; returns the address of each partition's leader. */
export async function createTopic(
  subject: Subject,
  name: string,
  partitions: number,
  replicationFactor: number,
): Promise<string[]> {
  const socket = await KafkaSocket.connect(subject.bootstrap.split(',')[0] ?? '');
  await socket.call(apis.createTopics, 5, {
    topics: [{ name, numPartitions: partitions, replicationFactor, assignments: [], configs: [] }],
    timeoutMs: 10_000,
    validateOnly: false,
  });
  for (;;) {
    const { topics, brokers } = await socket.call(apis.metadata, 5, {
      topics: [{ name }],
      allowAutoTopicCreation: false,
    });
    const found = topics[0]?.partitions ?? [];
    const leaders = found.map(({ leaderId }) => brokers.find(({ nodeId }) => nodeId === leaderId));
    if (found.length === partitions && leaders.every((leader) => leader !== undefined)) {
      socket.close();
      return leaders.map((leader) => `${leader?.host}:${leader?.port}`);
    }
    await new Promise((done) => setTimeout(done, 20));
  }
}

/**
 * A small virtual machine gives memory slowly the first time it is used: without this the first subject pays for the
 * page cache that the second then finds ready.
 */
export function touchMemory(bytes: number): void {
  const step = 256 * 1024 * 1024;
  for (let done = 0; done < bytes; done += step) Buffer.alloc(step, 1);
}

export function machine(): string {
  const model =
    /model name\s*:\s*(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown processor';
  const cores = readFileSync('/proc/cpuinfo', 'utf8').match(/^processor/gm)?.length ?? 0;
  return `${cores} × ${model}, Node ${process.version}`;
}
