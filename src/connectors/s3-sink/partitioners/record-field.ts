import type { SinkRecord } from '../../kernel/connect-record.ts';
import { type ConnectValue, fieldOf, isMap, isStruct } from '../../kernel/schema.ts';
import { DataError } from '../../kernel/task-errors.ts';

/**
 * A field of a record's value, by its name or by names with dots between them. Throws DataError when there is
 * none, or it is null.
 */
export function recordField(record: SinkRecord, path: string): ConnectValue {
  let value: ConnectValue | undefined = record.value;
  for (const name of path.split('.')) {
    if (!isStruct(value) && !isMap(value))
      throw new DataError(`The value has no fields, so it has no field ${path}.`);
    value = fieldOf(value, name);
  }
  if (value === undefined || value === null)
    throw new DataError(`The value has no field ${path}, or null there.`);
  return value;
}
