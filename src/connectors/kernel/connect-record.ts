import type { ConsumedRecord } from '../../kafka-client/consumer/consumer-options.ts';
import type { ConnectValue, Schema } from './schema.ts';

export interface ConnectHeader {
  readonly key: string;
  readonly value: ConnectValue;
  readonly schema: Schema | null;
}

/** What converters make and transforms change. A schema of null: the value has none. */
export interface ConnectRecord {
  readonly topic: string;
  /** Of a source record: null leaves it to the key. */
  readonly partition: number | null;
  readonly key: ConnectValue;
  readonly keySchema: Schema | null;
  readonly value: ConnectValue;
  readonly valueSchema: Schema | null;
  /**
   * Milliseconds since 1970; null: of a source record, the time of sending, of a sink record, there is none.
   */
  readonly timestamp: number | null;
  readonly headers: readonly ConnectHeader[];
}

/** A record on its way out of Kafka. */
export interface SinkRecord extends ConnectRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestampType: 'NoTimestampType' | 'CreateTime' | 'LogAppendTime';
  /**
   * Where it is in Kafka, whatever transforms made of its topic: offsets are committed for this topic and
   * partition (KIP-793).
   */
  readonly originalTopic: string;
  readonly originalPartition: number;
  /**
   * What the kernel made it of, for `SinkTaskContext.report`. Transforms keep it. It is a member and no entry
   * of a WeakMap, because that took two thirds of a worker's time with simple records.
   */
  readonly origin: ConsumedRecord | null;
}

/**
 * What a source needs to know of a part of what it reads, and of its place in there: plain data, as JSON has
 * it. Whole numbers that a number does not keep are bigint.
 */
export type SourceOffset = Readonly<Record<string, string | number | bigint | boolean | null>>;

/** A record on its way into Kafka. */
export interface SourceRecord extends ConnectRecord {
  /** Which part of the source it is of: `{"filename":"/var/log/messages"}`. */
  readonly sourcePartition: SourceOffset;
  /** Where in this part the source goes on once the record is in Kafka: `{"position":51}`. */
  readonly sourceOffset: SourceOffset;
}
