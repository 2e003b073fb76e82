import {
  INT32,
  INT64,
  OPTIONAL_INT32,
  OPTIONAL_INT64,
  OPTIONAL_STRING,
  OPTIONAL_TIMESTAMP,
  STRING,
  TIMESTAMP,
} from '../kernel/common-schemas.ts';
import { stringProperty } from '../kernel/config-property.ts';
import type { ConnectRecord } from '../kernel/connect-record.ts';
import type { ConnectValue, Schema } from '../kernel/schema.ts';
import { DataError } from '../kernel/task-errors.ts';
import { keyAndValue } from './record-part.ts';
import { REPLACE_NULL } from './replace-null.ts';
import { requireMap, requireStruct, SchemaCache, structLike, valueAt } from './structs.ts';

const PURPOSE = 'field insertion';
const field = (of: string) =>
  stringProperty({
    importance: 'MEDIUM',
    doc: `The field for ${of}. With ! behind its name it is required, with ? or nothing optional.`,
    default: null,
  });

/** One field to insert: its name, its schema, and its value, null where the record has none. */
interface Insertion {
  readonly name: string;
  readonly schema: Schema;
  of(record: ConnectRecord): number | string | null;
  /** How a whole number is kept in a record with a schema; without one all are bigint. */
  readonly isLong: boolean;
}

export const insertField = keyAndValue({
  className: 'org.apache.kafka.connect.transforms.InsertField',
  doc: 'Inserts fields: the topic, partition, offset or time of the record, or a fixed text.',
  properties: {
    'topic.field': field('the topic'),
    'partition.field': field('the partition'),
    'offset.field': field('the offset, which only records of sinks have'),
    'timestamp.field': field('the time of the record'),
    'static.field': field('static.value'),
    'static.value': stringProperty({
      importance: 'MEDIUM',
      doc: 'The text for static.field.',
      default: null,
    }),
    ...REPLACE_NULL,
  },
  check: (config) => {
    if (config['static.field'] !== null && config['static.value'] === null)
      return [
        {
          property: 'static.value',
          message: `Invalid value null for configuration static.value: No value specified for static field: ${config['static.field']}.`,
        },
      ];
    const fields = (['topic', 'partition', 'offset', 'timestamp', 'static'] as const).map(
      (of) => config[`${of}.field`],
    );
    return fields.every((name) => name === null)
      ? [{ property: 'topic.field', message: 'No field insertion configured.' }]
      : [];
  },
  make: (config, part) => {
    const fixed = config['static.value'];
    const insertions = [
      ...insertion(config['topic.field'], [STRING, OPTIONAL_STRING], ({ topic }) => topic),
      ...insertion(config['partition.field'], [INT32, OPTIONAL_INT32], ({ partition }) => partition),
      ...insertion(config['offset.field'], [INT64, OPTIONAL_INT64], offsetOf),
      ...insertion(config['timestamp.field'], [TIMESTAMP, OPTIONAL_TIMESTAMP], ({ timestamp }) => timestamp),
      ...insertion(config['static.field'], [STRING, OPTIONAL_STRING], () => fixed),
    ];
    const fillsIn = config['replace.null.with.default'];
    const schemas = new SchemaCache((schema) =>
      structLike(schema, [...(schema.fields ?? []), ...insertions]),
    );
    return {
      apply: (record) => {
        const value = part.valueOf(record);
        if (value === null) return record;
        if (part.schemaOf(record) === null) {
          const changed = new Map(requireMap(value, PURPOSE));
          for (const { name, of } of insertions) {
            const inserted = of(record);
            if (inserted !== null)
              changed.set(name, typeof inserted === 'number' ? BigInt(inserted) : inserted);
          }
          return part.with(record, null, changed);
        }
        const struct = requireStruct(value, part.schemaOf(record), PURPOSE);
        const schema = schemas.of(struct.schema);
        const values: ConnectValue[] = struct.values.map((_, at) => valueAt(struct, at, fillsIn));
        for (const { of, isLong } of insertions) {
          const inserted = of(record);
          values.push(isLong && typeof inserted === 'number' ? BigInt(inserted) : inserted);
        }
        return part.with(record, schema, { schema, values });
      },
    };
  },
});

function insertion(
  spec: string | null,
  [required, optional]: readonly [Schema, Schema],
  of: Insertion['of'],
): Insertion[] {
  if (spec === null) return [];
  const schema = spec.endsWith('!') ? required : optional;
  return [{ name: spec.replace(/[?!]$/, ''), schema, of, isLong: schema.type === 'INT64' }];
}

function offsetOf(record: ConnectRecord): number {
  if (!('offset' in record) || typeof record.offset !== 'number')
    throw new DataError(
      `Only SinkRecord supported for [${PURPOSE}], found: org.apache.kafka.connect.source.SourceRecord`,
    );
  return record.offset;
}
