import { assert } from '../../base/assert.ts';
import type { ProducerId } from '../../base/brand.ts';
import type { TopicPartition } from '../../base/topic-partition.ts';
import type { Compression } from '../../protocol/records/compression.ts';
import { buildBatch, type NewRecord } from '../../protocol/records/record.ts';
import type { KafkaClientError } from '../kafka-client-error.ts';
import type { RecordMetadata } from './producer-options.ts';

/** Sequence numbers are an int32 that begins at 0 again. */
export const SEQUENCES = 2 ** 31;

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
  readonly resolve: (delivery: RecordMetadata) => void;
  readonly reject: (error: KafkaClientError) => void;
}

interface Sequenced {
  readonly identity: ProducerIdentity;
  readonly sequence: number;
  readonly format: BatchFormat;
  readonly encoded: Buffer;
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
  #records: NewRecord[] = [];
  #waiting: Waiting[] = [];
  /** What its last attempt met. */
  lastError: KafkaClientError | null = null;
  #settle: () => void = () => {};
  #sequenced: Sequenced | null = null;
  /** What this is a part of. */
  #whole: Batch | null = null;
  #openParts = 0;

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

  add(record: NewRecord, bytes: number): Promise<RecordMetadata> {
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
    this.#sequenced = { identity, sequence, format, encoded };
  }

  /**
   * Two batches with half of the records each, under the sequence numbers that they have: only for one that
   * the leader refused. It is settled when both are.
   */
  split(): readonly [Batch, Batch] {
    const sequenced = this.#sequenced;
    assert(sequenced !== null, 'a batch that was refused was sent');
    const { identity, sequence, format } = sequenced;
    const half = Math.ceil(this.count / 2);
    const [first, second] = [this.#part(0, half), this.#part(half, this.count)];
    first.bytes = Math.ceil(this.bytes / 2);
    second.bytes = this.bytes - first.bytes;
    first.sequence(identity, sequence, format);
    second.sequence(identity, (sequence + half) % SEQUENCES, format);
    this.#openParts = 2;
    return [first, second];
  }

  #part(from: number, to: number): Batch {
    const part = new Batch(this.target, this.createdAt, this.deadline);
    part.#records = this.#records.slice(from, to);
    part.#waiting = this.#waiting.slice(from, to);
    part.attempts = this.attempts;
    part.lastError = this.lastError;
    part.#whole = this;
    return part;
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
    this.#end();
  }

  reject(error: KafkaClientError): void {
    for (const { reject } of this.#waiting) reject(error);
    this.#end();
  }

  #end(): void {
    this.#settle();
    const whole = this.#whole;
    if (!whole) return;
    whole.#openParts--;
    if (whole.#openParts === 0) whole.#end();
  }
}
