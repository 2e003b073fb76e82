import { setTimeout } from 'node:timers/promises';
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import { eventually } from '../support/millrace.ts';

const PARTITIONS = 3;
/** Of a write: broker after broker restarts, and its partitions move twice. */
const RETRIES = { retries: 30, initialRetryTime: 50, maxRetryTime: 2000 };
const PROGRESS_MS = 60_000;
/** Until a write is repeated: the answer that it did not wait for needs a turn of the event loop. */
const RACE_MS = 100;

/**
 * Somebody who writes numbers and reads them, all the time while its way in is open, with an unmodified client.
 * What fails after the client's own retries is a problem.
 */
export class WayClient {
  readonly problems: string[] = [];
  readonly #topic: string;
  #next = 0;
  /** By partition, the last number that was read. */
  readonly #read = new Map<number, number>();
  #running: Running | null = null;

  /** Its topic has three partitions. */
  constructor(topic: string) {
    this.#topic = topic;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** What was written and acknowledged. */
  get written(): number {
    return this.#next;
  }

  async start(config: KafkaConfig): Promise<void> {
    const client = new Kafka({ ...config, logLevel: logLevel.NOTHING, retry: RETRIES });
    const producer = client.producer({ maxInFlightRequests: 1 });
    const consumer = client.consumer({ groupId: this.#topic, retry: RETRIES });
    consumer.on(consumer.events.CRASH, ({ payload: { restart, error } }) => {
      if (!restart) this.problems.push(`${this.#topic}: the consumer ended: ${error.message}`);
    });
    await Promise.all([producer.connect(), consumer.connect()]);
    await consumer.subscribe({ topic: this.#topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => this.#see(partition, Number(message.value)),
    });
    const running: Running = { isWanted: true, written: Promise.resolve(), producer, consumer };
    running.written = this.#write(running);
    this.#running = running;
  }

  /** Resolves when it has written, and read what it wrote, after now. */
  async progresses(): Promise<void> {
    const before = this.#next;
    await eventually(
      `${this.#topic} goes on`,
      () => {
        this.#assertWell();
        return this.#readUntil() > before + PARTITIONS;
      },
      PROGRESS_MS,
    );
  }

  /** Resolves when all that was acknowledged has been read. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    running.isWanted = false;
    await running.written;
    await eventually(
      `${this.#topic} reads all that it wrote`,
      () => this.#readUntil() >= this.#next - 1,
      PROGRESS_MS,
    );
    this.#running = null;
    await Promise.all([running.producer.disconnect(), running.consumer.disconnect()]);
    this.#assertWell();
  }

  async #write(running: Running): Promise<void> {
    while (running.isWanted) {
      const message = { value: String(this.#next), partition: this.#next % PARTITIONS };
      try {
        await running.producer.send({ topic: this.#topic, acks: -1, messages: [message] });
        this.#next++;
      } catch (error) {
        if (isOwnRace(error)) {
          await setTimeout(RACE_MS);
          continue;
        }
        this.problems.push(
          `${this.#topic}: ${message.value} was not written: ${error instanceof Error ? error.message : error}`,
        );
        return;
      }
    }
  }

  /** A write may be repeated, and a record delivered again; none is left out. */
  #see(partition: number, value: number): void {
    const last = this.#read.get(partition) ?? partition - PARTITIONS;
    if (value > last + PARTITIONS)
      this.problems.push(`${this.#topic}: ${value} follows ${last} in partition ${partition}`);
    if (value > last) this.#read.set(partition, value);
  }

  /** Everything up to this number has been read. */
  #readUntil(): number {
    const next = Array.from(
      { length: PARTITIONS },
      (_, id) => (this.#read.get(id) ?? id - PARTITIONS) + PARTITIONS,
    );
    return Math.min(...next) - 1;
  }

  #assertWell(): void {
    if (this.problems.length > 0) throw new Error(this.problems.join('\n'));
  }
}

/**
 * kafkajs 2.2.4 takes a broker for connected as soon as its socket is, and fails, without a retry, when a request
 * is sent before the answer to ApiVersions has come.
 */
function isOwnRace(error: unknown): boolean {
  return error instanceof Error && error.message === 'Broker not connected';
}

interface Running {
  isWanted: boolean;
  written: Promise<void>;
  readonly producer: ReturnType<Kafka['producer']>;
  readonly consumer: ReturnType<Kafka['consumer']>;
}
