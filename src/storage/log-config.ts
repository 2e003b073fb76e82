import type { TimestampType } from '../protocol/records/batch.ts';
import type { Compression } from '../protocol/records/compression.ts';

/** What Kafka means by a Long.MAX_VALUE default: never reached, and still a safe integer. */
export const UNLIMITED = Number.MAX_SAFE_INTEGER;

/** The topic configs that a log obeys, under Kafka's names in camelCase; milliseconds and bytes. */
export interface LogConfig {
  /** Each on its own, both or none. */
  readonly cleanupPolicy: readonly ('delete' | 'compact')[];
  readonly segmentBytes: number;
  readonly segmentMs: number;
  readonly segmentJitterMs: number;
  readonly segmentIndexBytes: number;
  readonly indexIntervalBytes: number;
  /** -1: no limit. */
  readonly retentionMs: number;
  /** -1: no limit. */
  readonly retentionBytes: number;
  readonly maxMessageBytes: number;
  /** What batches are stored as, whatever their producers chose; `producer` leaves them as they come. */
  readonly compressionType: Compression | 'producer';
  /** The level of the codec that the topic asks for (KIP-390); null for the codec's own default. */
  readonly compressionLevel: number | null;
  readonly messageTimestampType: TimestampType;
  readonly messageTimestampBeforeMaxMs: number;
  readonly messageTimestampAfterMaxMs: number;
  /** An append that leaves this many offsets unsynced is acknowledged after the device has them. */
  readonly flushMessages: number;
  readonly flushMs: number;
  readonly deleteRetentionMs: number;
  readonly minCleanableDirtyRatio: number;
  readonly minCompactionLagMs: number;
  readonly maxCompactionLagMs: number;
  /** Of the broker (producer.id.expiration.ms): how long an idle producer's sequences are remembered. */
  readonly producerIdExpirationMs: number;
}

/** When a segment is closed by its age: a record in the active one cannot be compacted in time. */
export function maxSegmentMs(config: LogConfig): number {
  const { cleanupPolicy, maxCompactionLagMs, segmentMs } = config;
  const bounded = cleanupPolicy.includes('compact') && maxCompactionLagMs > 0;
  return bounded ? Math.min(maxCompactionLagMs, segmentMs) : segmentMs;
}

/** Kafka's defaults. */
export const defaultLogConfig: LogConfig = {
  cleanupPolicy: ['delete'],
  segmentBytes: 1024 * 1024 * 1024,
  segmentMs: 7 * 24 * 60 * 60 * 1000,
  segmentJitterMs: 0,
  segmentIndexBytes: 10 * 1024 * 1024,
  indexIntervalBytes: 4096,
  retentionMs: 7 * 24 * 60 * 60 * 1000,
  retentionBytes: -1,
  maxMessageBytes: 1024 * 1024 + 12,
  compressionType: 'producer',
  compressionLevel: null,
  messageTimestampType: 'CreateTime',
  messageTimestampBeforeMaxMs: UNLIMITED,
  messageTimestampAfterMaxMs: 60 * 60 * 1000,
  flushMessages: UNLIMITED,
  flushMs: UNLIMITED,
  deleteRetentionMs: 24 * 60 * 60 * 1000,
  minCleanableDirtyRatio: 0.5,
  minCompactionLagMs: 0,
  maxCompactionLagMs: UNLIMITED,
  producerIdExpirationMs: 24 * 60 * 60 * 1000,
};
