import { at, attribute, batchSizeAt } from '../../protocol/records/batch.ts';

/** As a request may hold it: whole, alone, and not of the formats before Kafka 0.11. */
export function isOneBatch(records: Buffer): boolean {
  return (
    batchSizeAt(records, 0) === records.length && records.length > at.magic && records.readInt8(at.magic) >= 2
  );
}

/** Without reading the rest of the header: every batch is asked. */
export function isTransactional(batch: Buffer): boolean {
  return (batch.readInt16BE(at.attributes) & attribute.transactional) !== 0;
}
