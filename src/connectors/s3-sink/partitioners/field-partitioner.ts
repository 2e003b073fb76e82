import type { SinkRecord } from '../../kernel/connect-record.ts';
import { DataError } from '../../kernel/task-errors.ts';
import type { Partitioner } from './partitioner.ts';
import { recordField } from './record-field.ts';
import { recordTimestamp } from './timestamp-extractor.ts';

/** A folder for each combination of these fields: `region=eu/kind=order`; without names `eu/order`. */
export function fieldPartitioner(
  names: readonly string[],
  { delimiter, withNames }: { readonly delimiter: string; readonly withNames: boolean },
): Partitioner {
  return {
    timestamp: recordTimestamp,
    folder: (record: SinkRecord) =>
      names
        .map((name) => {
          const value = recordField(record, name);
          if (typeof value === 'object')
            throw new DataError(
              `The field ${name} is no text, number or boolean, which names of folders are made of.`,
            );
          return withNames ? `${name}=${value}` : String(value);
        })
        .join(delimiter),
  };
}
