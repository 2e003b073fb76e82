import type { BatchHeader } from '../protocol/records/batch.ts';
import { readEndTransaction } from '../protocol/records/control.ts';
import { readRecords } from '../protocol/records/record.ts';
import type { Readable } from './batch-scan.ts';
import type { LoggedMarker } from './producer-state.ts';

/** The end-transaction marker in a control batch of a producer; null for every other batch. */
export function markerIn(header: BatchHeader, batch: () => Buffer): LoggedMarker | null {
  if (!header.isControl || header.producerId < 0 || header.recordCount === 0) return null;
  const [record] = readRecords(batch());
  return record ? readEndTransaction(record) : null;
}

/** The whole batch at a position of a file. */
export function batchInFile(file: Readable, position: number, header: BatchHeader): Buffer {
  const bytes = Buffer.allocUnsafe(header.sizeInBytes);
  file.readNow(position, bytes);
  return bytes;
}
