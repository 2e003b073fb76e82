import type { BatchHeader } from '../../src/protocol/records/batch.ts';
import { readRecords } from '../../src/protocol/records/record.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import { batchesOfLog } from '../checkers/batches-of-log.ts';

export interface StoredRecord {
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** The header of the batch that holds it. */
  readonly batch: BatchHeader;
}

/** All records that readers may see of a log. Throws if the log cannot be read. */
export function storedRecords(log: PartitionLog): StoredRecord[] {
  const found = batchesOfLog(log, log.logStartOffset, log.highWatermark, {
    isCompacted: log.config.cleanupPolicy.includes('compact'),
  });
  if ('error' in found) throw new Error(`${log.directory} cannot be read: ${found.error}`);
  return found.flatMap(({ header, bytes }) =>
    readRecords(bytes)
      .filter(({ offset }) => offset >= log.logStartOffset && offset < log.highWatermark)
      .map(({ offset, key, value }) => ({ offset, key, value, batch: header })),
  );
}
