import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { NodeClock } from '../src/platform/node-clock.ts';
import { NodeRandom } from '../src/platform/node-random.ts';
import { apis } from '../src/protocol/apis.ts';
import { buildBatch } from '../src/protocol/records/record.ts';
import { createCa, issue } from '../src/security/certificates/certificate.ts';
import { startApacheKafka } from '../test/support/apache-kafka.ts';
import { Millrace, processesOf } from '../test/support/millrace.ts';
import { KafkaSocket } from './kafka-socket.ts';

/** A cluster under measurement, of Millrace or of Apache Kafka, in processes of its own. */
export interface Subject {
  readonly name: string;
  readonly bootstrap: string;
  /** The TLS settings of clients; undefined without encryption. */
  readonly secureContext?: SecureContext;
  /** The ids of the processes that serve clients. */
  readonly pids: readonly number[];
  /** A folder above all of its logs. */
  readonly data: string;
  stop(): Promise<void>;
}

export async function millraceSubject(brokers: number, { tls = false } = {}): Promise<Subject> {
  const args = ['--cluster', 'bench', '--brokers', String(brokers), ...(tls ? ['--tls'] : [])];
  const millrace = await Millrace.up(args);
  const pids = processesOf(millrace.data)
    .filter(({ command }) => / broker /.test(command))
    .map(({ pid }) => pid);
  return {
    name: 'millrace',
    bootstrap: millrace.ready.clusters[0]?.bootstrap ?? '',
    ...(tls ? { secureContext: await trusting(`${millrace.ready.api}/ca.pem`) } : {}),
    pids,
    data: millrace.data,
    stop: () => millrace[Symbol.asyncDispose](),
  };
}

async function trusting(caUrl: string): Promise<SecureContext> {
  return createSecureContext({ ca: await (await fetch(caUrl)).text() });
}

/**
 * One node, broker and controller in one JVM, with the heap of Kafka's start script; its certificate is of
 * the same kind as that of Millrace.
 */
export async function apacheKafkaSubject({ tls = false } = {}): Promise<Subject> {
  const world = { clock: new NodeClock(), random: new NodeRandom() };
  const ca = createCa(world, { commonName: 'CA of the benchmark' });
  const identity = issue(world, ca, {
    commonName: 'localhost',
    dnsNames: ['localhost'],
    purposes: ['server'],
  });
  const kafka = await startApacheKafka({}, tls ? identity : null);
  return {
    name: 'apache kafka',
    bootstrap: kafka.tlsBootstrap ?? kafka.bootstrap,
    ...(tls ? { secureContext: createSecureContext({ ca: ca.certificate }) } : {}),
    pids: [kafka.pid],
    data: kafka.dataDirectory,
    stop: () => kafka.stop(),
  };
}

/** Connects to one of its brokers. */
export function connectTo({ secureContext }: Subject, address: string): Promise<KafkaSocket> {
  return KafkaSocket.connect(address, secureContext);
}

/**
 * Creates a topic and waits until its leaders accept a record; resolves with the address of each partition's
 * leader.
 */
export async function createTopic(
  subject: Subject,
  name: string,
  partitions: number,
  replicationFactor: number,
): Promise<string[]> {
  const socket = await connectTo(subject, subject.bootstrap.split(',')[0] ?? '');
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
      const addresses = leaders.map((leader) => `${leader?.host}:${leader?.port}`);
      await Promise.all(
        addresses.map((address, partition) => firstAccepted(subject, { address, topic: name, partition })),
      );
      return addresses;
    }
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** A broker may be named as leader before it has learned that itself. */
async function firstAccepted(
  subject: Subject,
  {
    address,
    topic,
    partition,
  }: { readonly address: string; readonly topic: string; readonly partition: number },
): Promise<void> {
  const socket = await connectTo(subject, address);
  const records = buildBatch({
    records: [{ timestamp: Date.now(), key: null, value: Buffer.from('first') }],
  });
  const topicData = [{ name: topic, partitionData: [{ index: partition, records }] }];
  for (;;) {
    const { responses } = await socket.call(apis.produce, 7, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 5000,
      topicData,
    });
    if (responses[0]?.partitionResponses[0]?.errorCode === 0) break;
    await new Promise((done) => setTimeout(done, 20));
  }
  socket.close();
}

/**
 * A small virtual machine gives memory slowly when it is first used, and takes free memory back after a
 * while: a page cache in such memory costs four times the processor time. So before every run that writes
 * much, memory is used and freed.
 */
export function touchMemory(bytes: number): void {
  const script = `const kept = []; for (let i = 0; i < ${Math.ceil(bytes / TOUCH_STEP_BYTES)}; i++) kept.push(Buffer.alloc(${TOUCH_STEP_BYTES}, 1));`;
  // A separate process: only its end frees everything at once.
  spawnSync(process.execPath, ['-e', script]);
}

const TOUCH_STEP_BYTES = 64 * 1024 * 1024;

export function machine(): string {
  const model =
    /model name\s*:\s*(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown processor';
  const cores = readFileSync('/proc/cpuinfo', 'utf8').match(/^processor/gm)?.length ?? 0;
  return `${cores} × ${model}, Node ${process.version}`;
}
