import { below, type Random } from '../../../src/base/random.ts';
import type { Consumer } from '../../../src/kafka-client/consumer/consumer.ts';
import type { AssignorName } from '../../../src/kafka-client/consumer/consumer-options.ts';
import type { KafkaClient } from '../../../src/kafka-client/kafka-client.ts';
import { KafkaClientError } from '../../../src/kafka-client/kafka-client-error.ts';
import type { Producer } from '../../../src/kafka-client/producer/producer.ts';

const POLL_TIMEOUT_MS = 2_000;
/** One transaction in this many sleeps for longer than its member may. */
const SLEEPS = 60;

interface CopyMemberOptions {
  readonly number: number;
  readonly source: string;
  readonly target: string;
  readonly groupId: string;
  readonly assignors: readonly AssignorName[];
  newClient(): KafkaClient;
  readonly instanceId: string | null;
  /** Milliseconds after which it leaves the group and joins again; null: it stays. */
  readonly livesMs: number | null;
  readonly random: Random;
}

/** A member that copies: after any failure it begins again as if it were started anew. */
export class CopyMember {
  copied = 0;
  aborted = 0;
  /** The number of refusals of what it did after the group had removed it. */
  refused = 0;
  readonly #options: CopyMemberOptions;

  constructor(options: CopyMemberOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) await this.#live(signal);
  }

  async #live(signal: AbortSignal): Promise<void> {
    const { source, groupId, assignors, instanceId, livesMs, number } = this.#options;
    const client = this.#options.newClient();
    const consumer = client.consumer({
      ...{ groupId, assignors, offsetReset: 'earliest', pollRecords: 50 },
      ...{ heartbeatMs: 200, pollTimeoutMs: POLL_TIMEOUT_MS, sessionTimeoutMs: 6_000 },
      ...(instanceId === null ? {} : { instanceId }),
    });
    consumer.subscribe([source]);
    const producer = client.producer({ transactionalId: `copier-${number}`, lingerMs: 1 });
    const until = livesMs === null ? Number.POSITIVE_INFINITY : Date.now() + livesMs;
    try {
      while (!signal.aborted && Date.now() < until) await this.#copy(consumer, producer);
    } catch (error) {
      if (!(error instanceof KafkaClientError)) throw error;
    } finally {
      // The next owner of the partition reads again what was not committed.
      await producer.close();
      await consumer.close({ leaves: livesMs !== null });
      client.close();
    }
  }

  async #copy(consumer: Consumer, producer: Producer): Promise<void> {
    const { target, random } = this.#options;
    const records = await consumer.poll(200);
    if (records.length === 0) return;
    const behind = new Map(
      records.map(({ topic, partition, offset }) => [partition, { topic, partition, offset: offset + 1 }]),
    );
    await producer.begin();
    const sent = records.map(({ partition, value }) => producer.send({ topic: target, partition, value }));
    try {
      const [failed] = (await Promise.allSettled(sent)).filter((one) => one.status === 'rejected');
      if (failed) throw failed.reason;
      const isLate = below(random, SLEEPS) === 0;
      if (isLate) await new Promise((done) => setTimeout(done, POLL_TIMEOUT_MS * 2));
      await producer.commitOffsets(consumer.group, [...behind.values()]);
    } catch (error) {
      if (!(error instanceof KafkaClientError)) throw error;
      this.aborted++;
      if (/^(UNKNOWN_MEMBER_ID|ILLEGAL_GENERATION|FENCED_INSTANCE_ID)$/.test(error.code)) this.refused++;
      await producer.abort();
      throw error;
    }
    await this.#commit(producer);
    this.copied += records.length;
  }

  /** Retries until the outcome is known. */
  async #commit(producer: Producer): Promise<void> {
    for (;;)
      try {
        await producer.commit();
        return;
      } catch (error) {
        if (!(error instanceof KafkaClientError && error.retriable)) throw error;
      }
  }
}
