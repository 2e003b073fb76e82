import type { SinkRecord } from '../../kernel/connect-record.ts';
import type { Partitioner } from './partitioner.ts';
import { recordTimestamp } from './timestamp-extractor.ts';

/** A folder for each partition of Kafka. */
export const defaultPartitioner: Partitioner = {
  folder: (record: SinkRecord) => `partition=${record.originalPartition}`,
  timestamp: recordTimestamp,
};
