import type { Uuid } from '../../src/base/brand.ts';
import { below } from '../../src/base/random.ts';
import type { KafkaConnection } from '../../src/client/connection.ts';
import { type ErrorName, errorName } from '../../src/protocol/errors.ts';
import { produce } from '../../src/protocol/messages/00-produce.ts';
import { initProducerId } from '../../src/protocol/messages/22-init-producer-id.ts';
import { buildBatch } from '../../src/protocol/records/record.ts';
import type { AcknowledgedRecordsSurvive } from '../checkers/acknowledged-records-survive.ts';
import type { OffsetsNeverChangeTheirRecord } from '../checkers/offsets-never-change-their-record.ts';
import { type ClusterClient, REQUEST_MS } from './cluster-client.ts';

/** max.in.flight.requests.per.connection, at most the number of batches that a broker remembers. */
const IN_FLIGHT_MAX = 5;

interface Batch {
  readonly partition: number;
  readonly baseSequence: number;
  readonly timestamp: number;
  readonly records: readonly ProducedRecord[];
}

export interface ProducedRecord {
  readonly key: string | null;
  readonly value: string | null;
}

export interface ProducerChecks {
  sent(partition: number, record: ProducedRecord): void;
  acknowledged(partition: number, offset: number, record: ProducedRecord): void;
}

export interface IdempotentProducerOptions {
  readonly topic: string;
  /** The id that the topic of this name must have; any id by default. */
  readonly topicId?: Uuid | undefined;
  readonly partitions: number;
  readonly checks: ProducerChecks;
  /**
   * Makes the record with this sequence; by default without a key, with a value that names producer and
   * sequence.
   */
  readonly make?: (partition: number, sequence: number) => ProducedRecord;
}

/** Checks that records stay for ever at their offsets. */
export function recordChecks(
  topic: string,
  checks: {
    readonly survive: AcknowledgedRecordsSurvive;
    readonly offsets: OffsetsNeverChangeTheirRecord;
  },
): ProducerChecks {
  return {
    sent: (_, { value }) => checks.offsets.sent(String(value)),
    acknowledged(partition, offset, { value }) {
      checks.survive.acknowledged(`${topic}-${partition}`, offset, String(value));
      checks.offsets.told(`${topic}-${partition}`, offset, String(value));
    },
  };
}

/** Retries every batch until it is acknowledged by all in-sync replicas, up to five at once, in order. */
export class IdempotentProducer {
  readonly #client: ClusterClient;
  readonly #checks: ProducerChecks;
  readonly #topic: string;
  readonly #topicId: Uuid | undefined;
  readonly #make: (partition: number, sequence: number) => ProducedRecord;
  readonly #unacked: Batch[][];
  readonly #next: number[];
  /** By partition: the highest first sequence that a broker accepted. */
  readonly #taken = new Map<number, number>();
  /** The partitions that have acknowledged a batch. */
  readonly #begun = new Set<number>();
  #producerId = -1;
  #producerEpoch = -1;

  constructor(client: ClusterClient, options: IdempotentProducerOptions) {
    this.#client = client;
    this.#checks = options.checks;
    this.#topic = options.topic;
    this.#topicId = options.topicId;
    this.#make =
      options.make ??
      ((partition, sequence) => ({ key: null, value: `${client.name}-${partition}:${sequence}` }));
    this.#unacked = Array.from({ length: options.partitions }, () => []);
    this.#next = this.#unacked.map(() => 0);
  }

  get isDrained(): boolean {
    return this.#unacked.every((batches) => batches.length === 0);
  }

  /** Runs until `isOver`; while `isDraining` it only finishes what it has begun. */
  async run(phase: { readonly isOver: () => boolean; readonly isDraining: () => boolean }): Promise<void> {
    while (!phase.isOver()) {
      if (this.#producerId < 0) await this.#client.tried(() => this.#init());
      else {
        const partition = below(this.#client.random, this.#unacked.length);
        if (!phase.isDraining()) this.#fill(partition);
        await this.#client.tried(() => this.#send(partition));
      }
      await this.#client.pause(60);
    }
  }

  async #init(): Promise<void> {
    const connection = await this.#client.anyBroker();
    const answer = await connection.send(
      initProducerId,
      { transactionalId: null, transactionTimeoutMs: 0 },
      { timeoutMs: REQUEST_MS },
    );
    if (answer.errorCode !== 0) return;
    this.#producerId = answer.producerId;
    this.#producerEpoch = answer.producerEpoch;
  }

  #fill(partition: number): void {
    const batches = this.#unacked[partition] ?? [];
    // A broker accepts any first sequence of a producer that it does not know, so the first batch is sent
    // alone.
    const wanted = this.#begun.has(partition) ? 1 + below(this.#client.random, IN_FLIGHT_MAX) : 1;
    while (batches.length < wanted) {
      const baseSequence = this.#next[partition] ?? 0;
      const records = Array.from({ length: 1 + below(this.#client.random, 3) }, (_, i) =>
        this.#make(partition, baseSequence + i),
      );
      this.#next[partition] = baseSequence + records.length;
      for (const record of records) this.#checks.sent(partition, record);
      batches.push({ partition, baseSequence, timestamp: this.#client.world.clock.now(), records });
    }
  }

  async #send(partition: number): Promise<void> {
    const batches = this.#unacked[partition] ?? [];
    if (batches.length === 0) return;
    const connection = await this.#client.leaderOf(this.#topic, partition);
    if (!connection) return;
    const answers = await Promise.allSettled(
      batches.map((batch) =>
        this.#sendOne(connection, batch).then((answer) => {
          this.#answered(partition, batch, answer);
          return answer;
        }),
      ),
    );
    const failed = answers.find((answer) => answer.status === 'rejected');
    if (failed) throw failed.reason;
    if (answers.some((answer) => answer.status === 'fulfilled' && answer.value.error !== 'NONE'))
      this.#client.forgetLeaders();
  }

  async #sendOne(connection: KafkaConnection, batch: Batch): Promise<Answer> {
    return send(connection, {
      topic: this.#topic,
      topicId: this.#topicId,
      partition: batch.partition,
      acks: -1,
      records: buildBatch({
        records: batch.records.map(({ key, value }) => ({
          timestamp: batch.timestamp,
          key: key === null ? null : Buffer.from(key),
          value: value === null ? null : Buffer.from(value),
        })),
        producerId: this.#producerId,
        producerEpoch: this.#producerEpoch,
        baseSequence: batch.baseSequence,
      }),
    });
  }

  #answered(partition: number, batch: Batch, { error, baseOffset }: Answer): void {
    const batches = this.#unacked[partition] ?? [];
    if (error === 'OUT_OF_ORDER_SEQUENCE_NUMBER' && batch.baseSequence < (this.#taken.get(partition) ?? -1)) {
      // A broker that accepted a later batch has this one too. A producer snapshot, in Kafka's format, keeps
      // only the last of several batches that were under way, so after a restart the others look unknown:
      // they count as unanswered.
      batches.splice(batches.indexOf(batch), 1);
      return;
    }
    // A broker that has not heard yet that it leads no longer may call any batch out of order. If the
    // producer stayed with that answer, it would never drain.
    if (error !== 'NONE' && error !== 'DUPLICATE_SEQUENCE_NUMBER') return;
    this.#begun.add(partition);
    this.#taken.set(partition, Math.max(batch.baseSequence, this.#taken.get(partition) ?? -1));
    batches.splice(batches.indexOf(batch), 1);
    if (baseOffset < 0) return;
    for (const [i, record] of batch.records.entries())
      this.#checks.acknowledged(partition, baseOffset + i, record);
  }
}

/**
 * Produces with acks=1 and no retries: records that only the leader had may be lost, but none may appear that
 * was not sent, and none may move after it was read.
 */
export async function producePlainly(
  client: ClusterClient,
  options: {
    readonly topic: string;
    readonly partitions: number;
    readonly offsets: OffsetsNeverChangeTheirRecord;
    readonly isOver: () => boolean;
  },
): Promise<void> {
  for (let n = 0; !options.isOver(); n++) {
    await client.tried(async () => {
      const partition = below(client.random, options.partitions);
      const connection = await client.leaderOf(options.topic, partition);
      if (!connection) return;
      const value = `${client.name}:${n}`;
      options.offsets.sent(value);
      const timestamp = client.world.clock.now();
      const records = buildBatch({ records: [{ timestamp, key: null, value: Buffer.from(value) }] });
      const { error } = await send(connection, { topic: options.topic, partition, acks: 1, records });
      if (error !== 'NONE') client.forgetLeaders();
    });
    await client.pause(80);
  }
}

export interface Answer {
  readonly error: ErrorName;
  readonly baseOffset: number;
}

export async function send(
  connection: KafkaConnection,
  options: {
    readonly topic: string;
    readonly topicId?: Uuid | undefined;
    readonly partition: number;
    readonly acks: number;
    readonly records: Buffer;
    readonly transactionalId?: string;
    /** Version of the request: by default 13 with a topic id, otherwise 12. */
    readonly version?: number;
  },
): Promise<Answer> {
  const { topic, topicId, partition, acks, records, transactionalId = null } = options;
  const version = options.version ?? (topicId === undefined ? 12 : 13);
  const named = topicId === undefined ? { name: topic } : { topicId };
  const answer = await connection.send(
    produce,
    {
      transactionalId,
      acks,
      timeoutMs: REQUEST_MS - 500,
      topicData: [{ ...named, partitionData: [{ index: partition, records }] }],
    },
    { version, timeoutMs: REQUEST_MS },
  );
  const result = answer.responses[0]?.partitionResponses[0];
  return { error: errorName(result?.errorCode ?? -1), baseOffset: result?.baseOffset ?? -1 };
}
