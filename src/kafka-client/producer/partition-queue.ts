import type { TopicPartition } from '../../base/topic-partition.ts';
import type { NewRecord } from '../../protocol/records/record.ts';
import type { KafkaClientError } from '../kafka-client-error.ts';
import { Batch, type BatchFormat, type ProducerIdentity, SEQUENCES } from './batch.ts';
import type { RecordMetadata } from './producer-options.ts';

/** Brokers remember the last five batches of a producer, and so know them again when they come twice. */
const SEQUENCED_MAX = 5;

/** What became of a batch that was sent. */
export type BatchAnswer =
  | { readonly kind: 'written'; readonly baseOffset: number }
  /** The leader does not have the batches before this one. This one was not written. */
  | { readonly kind: 'outOfOrder'; readonly error: KafkaClientError }
  /** The leader takes no batch of so many bytes; this one was not written. */
  | { readonly kind: 'tooLarge'; readonly error: KafkaClientError }
  /** It may have been written or not; the same bytes may be sent again. */
  | { readonly kind: 'again'; readonly error: KafkaClientError; readonly retryAt: number }
  | { readonly kind: 'failed'; readonly error: KafkaClientError };

/**
 * The records for one partition, in order. Batches get their sequence numbers when they are first sent, and
 * keep them in every retry. While some have to be sent again, one flies at a time, and nothing new; so the
 * log has the order of the calls, whatever fails. When a batch fails for good there is a gap, which the
 * leader will not let anything pass: then what was not written goes on under a new identity, after it is
 * known of each batch whether it was written.
 */
export class PartitionQueue {
  readonly target: TopicPartition;
  readonly #batchBytes: number;
  readonly #settled: (batch: Batch) => void;
  /** Without sequence numbers yet; the last one takes more records. */
  readonly #fresh: Batch[] = [];
  /** With sequence numbers and without a final answer, in their order. */
  readonly #sequenced: Batch[] = [];
  #identity: ProducerIdentity | null = null;
  #lastIdentity: ProducerIdentity | null = null;
  #nextSequence = 0;
  /**
   * The leader has written a batch of this identity; before that it would take any sequence number for the
   * first.
   */
  #isEstablished = false;
  /**
   * So many batches at the front of the fresh ones were sequenced under the identity before: the next such
   * one follows them.
   */
  #unsequenced = 0;

  /** `settled` runs when a batch was acknowledged or failed. */
  constructor(target: TopicPartition, batchBytes: number, settled: (batch: Batch) => void) {
    this.target = target;
    this.#batchBytes = batchBytes;
    this.#settled = settled;
  }

  get isEmpty(): boolean {
    return this.#fresh.length === 0 && this.#sequenced.length === 0;
  }

  get batches(): readonly Batch[] {
    return [...this.#sequenced, ...this.#fresh];
  }

  get isFlying(): boolean {
    return this.#sequenced.some(({ isFlying }) => isFlying);
  }

  get #mustRetry(): boolean {
    return this.#sequenced.some(({ isFlying }) => !isFlying);
  }

  /** A new identity is needed: a batch failed, and it is known of all others whether they were written. */
  get needsIdentity(): boolean {
    return this.#identity === null && this.#sequenced.length === 0 && this.#fresh.length > 0;
  }

  add(record: NewRecord, bytes: number, time: { now: number; deadline: number }): Promise<RecordMetadata> {
    let last = this.#fresh.at(-1);
    if (!last || last.attempts > 0 || last.bytes + bytes > this.#batchBytes) {
      last = new Batch(this.target, time.now, time.deadline);
      this.#fresh.push(last);
    }
    return last.add(record, bytes);
  }

  /**
   * For what is sequenced from now on, when `needsIdentity`. False for the one before: its sequence numbers
   * are used.
   */
  adopt(identity: ProducerIdentity): boolean {
    if (identity === this.#lastIdentity) return false;
    this.#identity = identity;
    this.#lastIdentity = identity;
    this.#nextSequence = 0;
    this.#isEstablished = false;
    this.#unsequenced = 0;
    return true;
  }

  /**
   * When something is to be sent, in monotonic milliseconds; null while an answer is waited for, or nothing
   * is there.
   */
  dueAt(lingerMs: number): number | null {
    const [first] = this.#sequenced;
    if (first && this.#mustRetry) return this.isFlying ? null : first.retryAt;
    const [fresh] = this.#fresh;
    if (!fresh || !this.#identity || !this.#mayFly()) return null;
    const isFull = this.#fresh.length > 1 || fresh.bytes >= this.#batchBytes || fresh.attempts > 0;
    return isFull ? 0 : fresh.createdAt + lingerMs;
  }

  /** The batch that `dueAt` speaks of, sequenced and flying; null when it has to wait. */
  take(format: BatchFormat): Batch | null {
    const [first] = this.#sequenced;
    if (first && this.#mustRetry) {
      if (this.isFlying) return null;
      first.isFlying = true;
      first.attempts++;
      return first;
    }
    const identity = this.#identity;
    const [fresh] = this.#fresh;
    if (!fresh || !identity || !this.#mayFly()) return null;
    this.#fresh.shift();
    fresh.sequence(identity, this.#nextSequence, format);
    this.#nextSequence = (this.#nextSequence + fresh.count) % SEQUENCES;
    fresh.isFlying = true;
    fresh.attempts++;
    this.#sequenced.push(fresh);
    return fresh;
  }

  /** Returns the error of a batch that failed for good. */
  answered(batch: Batch, answer: BatchAnswer): KafkaClientError | null {
    batch.isFlying = false;
    const index = this.#sequenced.indexOf(batch);
    if (index < 0) return null;
    if (answer.kind === 'written') {
      this.#sequenced.splice(index, 1);
      this.#isEstablished = true;
      batch.resolve(answer.baseOffset);
      this.#settled(batch);
      return null;
    }
    if (answer.kind === 'again') {
      batch.retryAt = answer.retryAt;
      return null;
    }
    if (answer.kind === 'tooLarge' && batch.count > 1) {
      this.#sequenced.splice(index, 1, ...batch.split());
      return null;
    }
    if (answer.kind === 'outOfOrder' && index > 0) return null;
    if (answer.kind === 'outOfOrder' && this.#identity === null) {
      this.#sequenced.splice(index, 1);
      batch.unsequence();
      this.#fresh.splice(this.#unsequenced, 0, batch);
      this.#unsequenced++;
      return null;
    }
    this.fail(batch, answer.error);
    return answer.error;
  }

  /**
   * Refused for good, or late. What was sequenced after it is asked for once more, to know what became of it.
   */
  fail(batch: Batch, error: KafkaClientError): void {
    const sequenced = this.#sequenced.indexOf(batch);
    if (sequenced >= 0) {
      this.#sequenced.splice(sequenced, 1);
      this.#identity = null;
      this.#unsequenced = 0;
    } else {
      const fresh = this.#fresh.indexOf(batch);
      if (fresh < 0) return;
      this.#fresh.splice(fresh, 1);
      if (fresh < this.#unsequenced) this.#unsequenced--;
    }
    batch.reject(error);
    this.#settled(batch);
  }

  /** Fails what has no sequence numbers, so that there is no gap. */
  failFresh(error: KafkaClientError): void {
    for (const batch of [...this.#fresh]) this.fail(batch, error);
  }

  /** Fails everything that is not on its way. */
  failAll(error: KafkaClientError): void {
    for (const batch of this.batches) if (!batch.isFlying) this.fail(batch, error);
  }

  #mayFly(): boolean {
    return this.#sequenced.length < (this.#isEstablished ? SEQUENCED_MAX : 1);
  }
}
