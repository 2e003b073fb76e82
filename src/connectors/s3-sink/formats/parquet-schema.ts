import type { SchemaElement } from 'hyparquet';
import { LOGICAL_NAMES, type Schema } from '../../kernel/schema.ts';
import { DataError } from '../../kernel/task-errors.ts';

type Leaf = Pick<SchemaElement, 'type' | 'converted_type' | 'scale' | 'precision'>;

const LEAVES: Readonly<Record<string, Leaf>> = {
  INT8: { type: 'INT32', converted_type: 'INT_8' },
  INT16: { type: 'INT32', converted_type: 'INT_16' },
  INT32: { type: 'INT32' },
  INT64: { type: 'INT64' },
  FLOAT32: { type: 'FLOAT' },
  FLOAT64: { type: 'DOUBLE' },
  BOOLEAN: { type: 'BOOLEAN' },
  STRING: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  BYTES: { type: 'BYTE_ARRAY' },
};
const LOGICAL_LEAVES: Readonly<Record<string, Leaf>> = {
  [LOGICAL_NAMES.date]: { type: 'INT32', converted_type: 'DATE' },
  [LOGICAL_NAMES.time]: { type: 'INT32', converted_type: 'TIME_MILLIS' },
  [LOGICAL_NAMES.timestamp]: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
};
/** Of decimals whose schema says none: as many digits as an unscaled integer of 16 bytes has for certain. */
const PRECISION = 38;
const PRECISION_PARAMETER = 'connect.decimal.precision';

/**
 * The schema of a Parquet file with records of a STRUCT: its elements, each before those below it. Throws
 * DataError.
 */
export function parquetSchema(schema: Schema): SchemaElement[] {
  const fields = schema.fields ?? [];
  if (schema.type !== 'STRUCT' || fields.length === 0)
    throw new DataError('A Parquet file needs records with fields.');
  return [
    { name: 'schema', num_children: fields.length },
    ...fields.flatMap((field) => elements(field.name, field.schema)),
  ];
}

function elements(name: string, schema: Schema, required = !schema.optional): SchemaElement[] {
  const own = { name, repetition_type: required ? 'REQUIRED' : 'OPTIONAL' } as const;
  const { fields = [], keySchema, valueSchema } = schema;
  switch (schema.type) {
    case 'STRUCT':
      if (fields.length === 0)
        throw new DataError(`A Parquet file cannot have the field ${name}, which has no fields.`);
      return [
        { ...own, num_children: fields.length },
        ...fields.flatMap((field) => elements(field.name, field.schema)),
      ];
    case 'ARRAY':
      if (!valueSchema) throw new DataError(`The schema of ${name} does not say what is in the list.`);
      return [
        { ...own, converted_type: 'LIST', num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        ...elements('element', valueSchema),
      ];
    case 'MAP':
      if (!keySchema || !valueSchema)
        throw new DataError(`The schema of ${name} does not say what is in the map.`);
      return [
        { ...own, converted_type: 'MAP', num_children: 1 },
        { name: 'key_value', repetition_type: 'REPEATED', num_children: 2 },
        ...elements('key', keySchema, true),
        ...elements('value', valueSchema),
      ];
    default:
      return [{ ...own, ...leafOf(schema) }];
  }
}

function leafOf(schema: Schema): Leaf {
  if (schema.name === LOGICAL_NAMES.decimal)
    return {
      ...{ type: 'BYTE_ARRAY', converted_type: 'DECIMAL' },
      scale: Number(schema.parameters?.scale ?? 0),
      precision: Number(schema.parameters?.[PRECISION_PARAMETER] ?? PRECISION),
    };
  const logical = schema.name === undefined ? undefined : LOGICAL_LEAVES[schema.name];
  return logical ?? LEAVES[schema.type] ?? {};
}
