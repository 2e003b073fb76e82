import type { ErrorName } from '../protocol/errors.ts';

/**
 * One partition of `__consumer_offsets` or `__transaction_state` as its coordinator sees it: a log it alone
 * appends to while this broker leads the partition. Whoever hosts the coordinator gives it.
 */
export interface CoordinatorLog {
  /**
   * Appends the records as one batch, all or none, and returns the end offset after them. Throws
   * CoordinatorLogError when nothing was appended. A failure that is known only later (the write itself)
   * arrives at `onFailed`.
   */
  append(records: readonly CoordinatorRecord[], transaction?: ProducerIdentity): number;
  /**
   * Ends a producer's transaction in this partition with a control record; as `append` in everything else.
   * Null when the marker is there already, and nothing was appended.
   */
  appendMarker(marker: TransactionMarker): number | null;
  /** Everything below it is committed (the high watermark). */
  readonly committedOffset: number;
  /** Runs whenever `committedOffset` has grown. */
  onCommitted(listener: () => void): void;
  /** Runs when records that were appended are lost; the log holds only what it held before them. */
  onFailed(listener: (error: CoordinatorLogError) => void): void;
  /** Visits every record from the log's start to its end, in order. Rejects when the log cannot be read. */
  load(visit: (entry: CoordinatorLogEntry) => void): Promise<void>;
}

export interface CoordinatorRecord {
  readonly key: Uint8Array;
  /** Null is a tombstone. */
  readonly value: Uint8Array | null;
}

export interface ProducerIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface TransactionMarker extends ProducerIdentity {
  readonly coordinatorEpoch: number;
  readonly committed: boolean;
  /** From 2 on its epoch is its own (KIP-890). */
  readonly transactionVersion: number;
}

export interface CoordinatorLogEntry {
  readonly key: Buffer;
  readonly value: Buffer | null;
  readonly offset: number;
  readonly timestamp: number;
  /** Set when the record is part of a transaction; it counts once the producer's commit marker follows. */
  readonly transaction?: ProducerIdentity;
  /**
   * Set on a control record instead: the producer's transaction ended here. `key` and `value` mean nothing
   * then.
   */
  readonly marker?: ProducerIdentity & { readonly committed: boolean };
}

export class CoordinatorLogError extends Error {
  readonly error: ErrorName;
  constructor(error: ErrorName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.error = error;
  }
}
