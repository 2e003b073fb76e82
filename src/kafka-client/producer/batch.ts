import type { ProducerId } from '../../base/brand.ts';
import type { TopicPartition } from '../../base/topic-partition.ts';
import type { Compression } from '../../protocol/records/compression.ts';
import { buildBatch, type NewRecord } from '../../protocol/records/record.ts';
import type { KafkaClientError } from '../kafka-client-error.ts';
import type { Delivery } from './producer-options.ts';

/** Who a partition's leader takes the sequence numbers from. */
export interface ProducerIdentity {
  readonly producerId: ProducerId;
  readonly epoch: number;
}

export interface BatchFormat {
  readonly compression: Compression;
  readonly isTransactional: boolean;
}

interface Waiting {
  readonly resolve: (delivery: Delivery) => void;
  readonly reject: (error: KafkaClientError) => void;
}

/** Records for one partition that are sent, retried and acknowledged as one. */
export class Batch {
  readonly target: TopicPartition;
  /** Monotonic milliseconds. */
  readonly createdAt: number;
  readonly deadline: number;
  readonly settled: Promise<void>;
  bytes = 0;
  attempts = 0;
  /** Not sent again before this time. */
  retryAt = 0;
  isFlying = false;
  readonly #records: NewRecord[] = [];
  readonly #waiting: Waiting[] = [];
  /** What its last attempt met. */
  lastError: KafkaClientError | null = null;
  #settle: () => void = () => {};
  #sequenced: { readonly sequence: number; readonly encoded: Buffer } | null = null;

  constructor(target: TopicPartition, createdAt: number, deadline: number) {
    this.target = target;
    this.createdAt = createdAt;
    this.deadline = deadline;
    this.settled = new Promise((done) => {
      this.#settle = done;
    });
  }

  get count(): number {
    return this.#records.length;
  }

  get encoded(): Buffer | null {
    return this.#sequenced?.encoded ?? null;
  }

  add(record: NewRecord, bytes: number): Promise<Delivery> {
    this.#records.push(record);
    this.bytes += bytes;
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** From now on these bytes and no others are sent, so that the leader knows them again. */
  sequence(identity: ProducerIdentity, sequence: number, format: BatchFormat): void {
    const encoded = buildBatch({
      records: this.#records,
      compression: format.compression,
      producerId: identity.producerId,
      producerEpoch: identity.epoch,
      baseSequence: sequence,
      isTransactional: format.isTransactional,
    });
    this.#sequenced = { sequence, encoded };
  }

  /** Only for a batch that the leader refused: it will be another one. */
  unsequence(): void {
    this.#sequenced = null;
    this.retryAt = 0;
  }

  /** `baseOffset`: -1 when it is not known. */
  resolve(baseOffset: number): void {
    const { topic, partition } = this.target;
    for (const [index, { resolve }] of this.#waiting.entries())
      resolve({ topic, partition, offset: baseOffset < 0 ? -1 : baseOffset + index });
    this.#settle();
  }

  reject(error: KafkaClientError): void {
    for (const { reject } of this.#waiting) reject(error);
    this.#settle();
  }
}
