import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka, Producer } from 'kafkajs';

const TOPIC = 'orders';
const PARTITIONS = 6;
const RECORDS_AT_ONCE = 5;
/** Milliseconds between two sends: a steady load, well below what the machine can do. */
const PAUSE_MS = 50;

/** A producer that writes all the time and stores what was acknowledged. */
export class Load {
  readonly #kafka: Kafka;
  readonly #producer: Producer;
  readonly #acknowledged: string[] = [];
  #refused = 0;
  #next = 0;
  #stopped = false;
  #done: Promise<void> = Promise.resolve();

  /** Resolves when the topic exists. */
  static async start(kafka: Kafka): Promise<Load> {
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic: TOPIC, numPartitions: PARTITIONS, replicationFactor: 3 }],
    });
    await admin.disconnect();
    const load = new Load(kafka);
    await load.#producer.connect();
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => load.#produce(partition));
    load.#done = Promise.all(partitions).then(() => {});
    return load;
  }

  private constructor(kafka: Kafka) {
    this.#kafka = kafka;
    this.#producer = kafka.producer({ retry: { retries: 3 } });
  }

  get acknowledged(): number {
    return this.#acknowledged.length;
  }

  /** The number of requests that the cluster refused or did not answer. */
  get refused(): number {
    return this.#refused;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
    await this.#producer.disconnect();
  }

  /** The acknowledged records that are not in the topic now. */
  async lost(): Promise<string[]> {
    const there = await read(this.#kafka, TOPIC);
    const found = new Set(there.map((value) => value.toString()));
    return this.#acknowledged.filter((id) => !found.has(id));
  }

  /**
   * One partition in each request. If a partition has moved to a leader that has already answered for its own
   * partitions, kafkajs drops the records of that partition and reports that all were sent.
   */
  async #produce(partition: number): Promise<void> {
    while (!this.#stopped) {
      const ids = Array.from({ length: RECORDS_AT_ONCE }, () => `order ${this.#next++}`);
      try {
        await this.#producer.send({
          topic: TOPIC,
          acks: -1,
          messages: ids.map((value) => ({ partition, value })),
        });
        this.#acknowledged.push(...ids);
      } catch {
        // Not acknowledged: it may be there or not.
        this.#refused++;
      }
      await sleep(PAUSE_MS);
    }
  }
}

/** The values of all records that a topic has now. */
export async function read(kafka: Kafka, topic: string): Promise<Buffer[]> {
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const missing = new Map(
    offsets.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, BigInt(high)]),
  );
  const values: Buffer[] = [];
  if (missing.size === 0) return values;
  const consumer = kafka.consumer({
    groupId: `reads-${topic}-${Date.now()}`,
    maxBytesPerPartition: 16 * 1024 * 1024,
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((done, failed) => {
    consumer.on('consumer.crash', ({ payload }) => failed(payload.error));
    consumer
      .run({
        eachBatch: async ({ batch }) => {
          for (const { value } of batch.messages) if (value) values.push(value);
          const end = missing.get(batch.partition);
          if (end !== undefined && BigInt(batch.lastOffset()) + 1n >= end) missing.delete(batch.partition);
          if (missing.size === 0) done();
        },
      })
      .catch(failed);
  });
  await consumer.disconnect();
  return values;
}
