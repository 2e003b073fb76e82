import { rmSync } from 'node:fs';
import {
  DescribeClusterCommand,
  DescribeClusterOperationCommand,
  KafkaClient,
  UpdateBrokerCountCommand,
  UpdateBrokerTypeCommand,
} from '@aws-sdk/client-kafka';
import { type Admin, type Consumer, Kafka, logLevel, type Producer } from 'kafkajs';
import { afterEach, expect, test } from 'vitest';
import { eventually, killProcessesNaming, Millrace, processesOf } from '../support/millrace.ts';

const TOPIC = 'orders';
const PARTITIONS = 24;
const BATCH = 20;
/** min.insync.replicas of every topic of three zones. */
const MIN_IN_SYNC = 2;
const WATCH_MS = 50;
/** How long a fetch of KafkaJS may wait for records. */
const FETCH_WAIT_MS = 200;
/**
 * KafkaJS begins its fetches anew when the brokers have become others, once those that wait have ended. A
 * consumer that is stopped meanwhile fetches nothing for ever, without a pause: its process stands still.
 */
const SETTLES_MS = 10 * FETCH_WAIT_MS;

const folders: string[] = [];
const children: Millrace['child'][] = [];

afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) {
    await killProcessesNaming(folder);
    rmSync(folder, { recursive: true, force: true });
  }
});

/** On a busy machine a broker may be late without being dead; it must not be out of sync for that. */
const LATE = ['broker.session.timeout.ms=120000', 'replica.lag.time.max.ms=120000'];

async function up(earlier?: Millrace): Promise<Millrace> {
  const config = LATE.flatMap((setting) => ['--config', setting]);
  const millrace = await Millrace.up(earlier ? [] : config, earlier);
  folders.push(millrace.data);
  children.push(millrace.child);
  return millrace;
}

/** A cluster that is changed with AWS's SDK. */
class Changed {
  readonly aws: KafkaClient;
  readonly arn: string;

  constructor(millrace: Millrace) {
    this.aws = new KafkaClient({
      endpoint: millrace.ready.api,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    });
    this.arn = millrace.ready.clusters[0]?.arn ?? '';
  }

  async version(): Promise<string> {
    const { ClusterInfo } = await this.aws.send(new DescribeClusterCommand({ ClusterArn: this.arn }));
    return ClusterInfo?.CurrentVersion ?? '';
  }

  async count(target: number): Promise<string> {
    const { ClusterOperationArn = '' } = await this.aws.send(
      new UpdateBrokerCountCommand({
        ClusterArn: this.arn,
        CurrentVersion: await this.version(),
        TargetNumberOfBrokerNodes: target,
      }),
    );
    return ClusterOperationArn;
  }

  async size(target: string): Promise<string> {
    const { ClusterOperationArn = '' } = await this.aws.send(
      new UpdateBrokerTypeCommand({
        ClusterArn: this.arn,
        CurrentVersion: await this.version(),
        TargetInstanceType: target,
      }),
    );
    return ClusterOperationArn;
  }

  async step(ClusterOperationArn: string): Promise<string> {
    const { ClusterOperationInfo: info } = await this.aws.send(
      new DescribeClusterOperationCommand({ ClusterOperationArn }),
    );
    const current = info?.OperationSteps?.find(({ StepInfo }) => StepInfo?.StepStatus === 'IN_PROGRESS');
    return current?.StepName ?? info?.OperationState ?? '';
  }

  async completed(operation: string): Promise<void> {
    await eventually(
      'the operation is complete',
      async () => {
        const step = await this.step(operation);
        if (step === 'UPDATE_FAILED') throw new Error('the operation failed');
        return step === 'UPDATE_COMPLETE';
      },
      300_000,
    );
  }
}

/**
 * Produces and consumes until it is stopped, and counts the operations that its clients could not do even
 * with retries.
 */
class Traffic {
  readonly #kafka: Kafka;
  readonly #producer: Producer;
  readonly #consumer: Consumer;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;
  readonly failures: string[] = [];
  readonly acknowledged = new Set<string>();
  readonly consumed = new Set<string>();

  constructor(bootstrap: string) {
    this.#kafka = new Kafka({
      brokers: bootstrap.split(','),
      logLevel: logLevel.NOTHING,
      // A usual setting of applications: about ten attempts within half a minute.
      retry: { initialRetryTime: 100, retries: 12, maxRetryTime: 3_000 },
    });
    this.#producer = this.#kafka.producer();
    this.#consumer = this.#kafka.consumer({
      groupId: 'readers',
      sessionTimeout: 10_000,
      maxWaitTimeInMs: FETCH_WAIT_MS,
    });
  }

  async start(): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    await admin.createTopics({
      topics: [{ topic: TOPIC, numPartitions: PARTITIONS, replicationFactor: 3 }],
    });
    await admin.disconnect();
    await this.#producer.connect();
    await this.#consumer.connect();
    this.#consumer.on('consumer.crash', ({ payload }) => {
      // After errors that may pass it starts again by itself.
      if (!payload.restart) this.failures.push(`consumer: ${payload.error.message}`);
    });
    await this.#consumer.subscribe({ topic: TOPIC, fromBeginning: true });
    await this.#consumer.run({
      eachMessage: async ({ message }) => {
        this.consumed.add(String(message.value));
      },
    });
    this.#running = this.#produce();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    const isConsumed = () => [...this.acknowledged].every((value) => this.consumed.has(value));
    await eventually('everything that was acknowledged is consumed', isConsumed).catch(() => {
      this.failures.push('not everything that was acknowledged was consumed');
    });
    await new Promise((done) => setTimeout(done, SETTLES_MS));
    await this.#consumer.disconnect();
    await this.#producer.disconnect();
  }

  /** Every record that is in the topic now, read by another consumer. */
  async stored(): Promise<string[]> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const ends = await admin.fetchTopicOffsets(TOPIC);
    await admin.disconnect();
    const total = ends.reduce((sum, { offset }) => sum + Number(offset), 0);
    const values: string[] = [];
    const consumer = this.#kafka.consumer({ groupId: 'judges' });
    await consumer.connect();
    await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        values.push(String(message.value));
      },
    });
    await eventually('all that is stored is read', () => values.length >= total);
    await consumer.disconnect();
    return values;
  }

  /** The number of replicas of each broker. */
  async replicas(): Promise<Map<number, number>> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata();
    await admin.disconnect();
    const counts = new Map<number, number>();
    for (const { partitions } of topics)
      for (const { replicas } of partitions)
        for (const broker of replicas) counts.set(broker, (counts.get(broker) ?? 0) + 1);
    return counts;
  }

  async #produce(): Promise<void> {
    for (let number = 0; !this.#stopped; ) {
      // One partition at a time. A batch has a part for each leader; if the leader of one part becomes,
      // between two attempts, a broker that has already answered the first attempt for other partitions,
      // KafkaJS never sends that part and yet reports the batch as sent.
      const partition = (number / BATCH) % PARTITIONS;
      const messages = Array.from({ length: BATCH }, () => {
        number++;
        return { partition, value: `${number} ${'x'.repeat(200)}` };
      });
      try {
        await this.#producer.send({ topic: TOPIC, acks: -1, messages });
        for (const { value } of messages) this.acknowledged.add(value);
      } catch (error) {
        this.failures.push(`producer: ${String(error)}`);
      }
    }
  }
}

function brokersOfHeap({ data }: Millrace, megabytes: number): number {
  const option = `--max-old-space-size=${megabytes} `;
  return processesOf(data).filter(({ command }) => command.includes(option)).length;
}

/** Asks brokers for the state of the partitions again and again. */
class InSyncWatch {
  readonly #admin: Admin;
  readonly #watching: Promise<void>;
  #stopped = false;
  #looks = 0;
  /** Each state of a partition in which fewer replicas were in sync than acks=all needs. */
  readonly tooFew = new Set<string>();

  constructor(bootstrap: string) {
    this.#admin = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING }).admin();
    this.#watching = this.#watch();
  }

  /** Resolves with the number of looks. */
  async stop(): Promise<number> {
    this.#stopped = true;
    await this.#watching;
    await this.#admin.disconnect();
    return this.#looks;
  }

  async #watch(): Promise<void> {
    await this.#admin.connect();
    while (!this.#stopped) {
      await new Promise((done) => setTimeout(done, WATCH_MS));
      const answer = await this.#admin.fetchTopicMetadata().catch((error: unknown) => {
        // The broker that was asked is being restarted; the next answer comes from another one.
        if (error instanceof Error && error.name.startsWith('KafkaJS')) return null;
        throw error;
      });
      if (!answer) continue;
      this.#looks++;
      for (const { name, partitions } of answer.topics)
        for (const { partitionId, isr } of partitions)
          if (isr.length < MIN_IN_SYNC) this.tooFew.add(`${name}-${partitionId}: ${isr.join(', ')}`);
    }
  }
}

/** The counts differ by 10 % at most, or by one, which cannot be avoided. */
function expectEven(counts: ReadonlyMap<number, number>, brokers: number): void {
  expect([...counts.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: brokers }, (_, i) => i + 1));
  const most = Math.max(...counts.values());
  expect(most - Math.min(...counts.values())).toBeLessThanOrEqual(Math.max(1, most * 0.1));
}

test('3 to 6 to 3 brokers, a crash of the control plane half way, a larger size and a smaller one: clients notice nothing', {
  timeout: 900_000,
}, async () => {
  const first = await up();
  const traffic = new Traffic(first.ready.clusters[0]?.bootstrap ?? '');
  await traffic.start();
  await eventually('something was consumed', () => traffic.consumed.size > 1_000);
  const watch = new InSyncWatch(first.ready.clusters[0]?.bootstrap ?? '');

  const out = await new Changed(first).count(6);
  await eventually('partitions move', async () => (await new Changed(first).step(out)) === 'MOVE_PARTITIONS');
  const ended = new Promise((done) => first.child.once('exit', done));
  first.child.kill('SIGKILL');
  await ended;
  const second = await up(first);
  const cluster = new Changed(second);
  await cluster.completed(out);
  expectEven(await traffic.replicas(), 6);

  await cluster.completed(await cluster.size('kafka.m5.xlarge'));
  expect(brokersOfHeap(second, 4096)).toBe(6);
  expectEven(await traffic.replicas(), 6);

  await cluster.completed(await cluster.count(3));
  expectEven(await traffic.replicas(), 3);
  expect(processesOf(second.data).filter(({ command }) => / broker /.test(command))).toHaveLength(3);

  await cluster.completed(await cluster.size('kafka.m5.large'));
  expect(brokersOfHeap(second, 2048)).toBe(3);
  expectEven(await traffic.replicas(), 3);

  expect(await watch.stop()).toBeGreaterThan(50);
  expect([...watch.tooFew]).toEqual([]);
  await traffic.stop();
  const stored = new Set(await traffic.stored());
  const lost = [...traffic.acknowledged]
    .filter((value) => !stored.has(value))
    .map((value) => value.slice(0, 12));
  const missed = [...traffic.acknowledged]
    .filter((value) => stored.has(value) && !traffic.consumed.has(value))
    .map((value) => value.slice(0, 12));
  process.stdout.write(`scaling: ${traffic.acknowledged.size} records acknowledged\n`);
  expect({ lost, missed, failures: traffic.failures }).toEqual({ lost: [], missed: [], failures: [] });
  expect(traffic.acknowledged.size).toBeGreaterThan(1_000);
  await second.stop();
});
