import type { SinkRecord } from '../../kernel/connect-record.ts';

/** In which folder below that of its topic a record belongs. */
export interface Partitioner {
  /** Such as `partition=3` or `year=2026/month=11`. Throws DataError. */
  folder(record: SinkRecord): string;
  /**
   * The time of a record by which rotate.interval.ms counts, in milliseconds since 1970. Throws DataError.
   */
  timestamp(record: SinkRecord): number;
}
