import { controlType } from '../../src/protocol/records/control.ts';
import type { StoredRecord } from './stored-record.ts';

/** The values of the committed records. */
export function committedValues(records: readonly StoredRecord[]): string[] {
  return committedRecords(records).map(({ value }) => String(value));
}

/** The records of a log that belong to no transaction, or to one that its marker says was committed. */
export function committedRecords(records: readonly StoredRecord[]): StoredRecord[] {
  const open = new Map<number, StoredRecord[]>();
  const committed: StoredRecord[] = [];
  for (const record of records) {
    const { producerId, isControl, isTransactional } = record.batch;
    if (isControl) {
      if (controlType(record.key) === 'COMMIT') committed.push(...(open.get(producerId) ?? []));
      open.delete(producerId);
    } else if (isTransactional) open.set(producerId, [...(open.get(producerId) ?? []), record]);
    else committed.push(record);
  }
  return committed;
}
