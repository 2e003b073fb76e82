import type { Compression } from '../../protocol/records/compression.ts';

export interface ProducerOptions {
  /** How long a batch waits for more records. Default: 5. */
  readonly lingerMs?: number;
  /**
   * A batch is sent when its records have so many bytes before compression; one record may have more.
   * Default: 131,072.
   */
  readonly batchBytes?: number;
  /**
   * What the producer holds at most; more is refused with BUFFER_FULL until there is `room` again. Default:
   * 33,554,432.
   */
  readonly bufferBytes?: number;
  /** Default: none. */
  readonly compression?: Compression;
  /** What a record may wait for its acknowledgement, with all retries. Default: 120,000. */
  readonly deliveryTimeoutMs?: number;
  /** Makes the producer transactional: it fences every earlier one with the same id. */
  readonly transactionalId?: string;
  /** The coordinator aborts a transaction that is open for longer. Default: 60,000. */
  readonly transactionTimeoutMs?: number;
}

export interface ProducerRecord {
  readonly topic: string;
  /**
   * Without it the key decides, as Java's producer does; without a key, one partition after the other for a
   * batch each.
   */
  readonly partition?: number;
  readonly key?: Uint8Array | null;
  /** Null is a tombstone in compacted topics. */
  readonly value: Uint8Array | null;
  readonly headers?: readonly { readonly key: string; readonly value: Uint8Array | null }[];
  /** Milliseconds since 1970. Default: now. */
  readonly timestamp?: number;
}

/** Where a record is, acknowledged by all replicas in sync. */
export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  /** -1 when the broker knows that it has the record, and not any more where. */
  readonly offset: number;
}
