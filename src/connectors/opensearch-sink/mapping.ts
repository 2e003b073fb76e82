import { LOGICAL_NAMES, type Schema } from '../kernel/schema.ts';

/** What a mapping of an index says of a field. */
export type Mapping = { readonly [name: string]: string | number | Mapping };

const TYPES: Readonly<Record<string, string>> = {
  INT8: 'byte',
  INT16: 'short',
  INT32: 'integer',
  INT64: 'long',
  FLOAT32: 'float',
  FLOAT64: 'double',
  BOOLEAN: 'boolean',
  BYTES: 'binary',
};
const LOGICAL: Readonly<Record<string, string>> = {
  [LOGICAL_NAMES.date]: 'date',
  [LOGICAL_NAMES.time]: 'date',
  [LOGICAL_NAMES.timestamp]: 'date',
  [LOGICAL_NAMES.decimal]: 'double',
};
/** Longer texts are found by their words alone. */
const KEYWORD_CHARACTERS = 256;

/** The mapping of values of a schema, for documents as `documentText` writes them. */
export function mappingOf(schema: Schema, compactsMaps: boolean): Mapping {
  const logical = schema.name === undefined ? undefined : LOGICAL[schema.name];
  if (logical !== undefined) return { type: logical };
  switch (schema.type) {
    case 'STRING':
      return { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: KEYWORD_CHARACTERS } } };
    case 'STRUCT':
      return {
        properties: Object.fromEntries(
          (schema.fields ?? []).map((field) => [field.name, mappingOf(field.schema, compactsMaps)]),
        ),
      };
    case 'ARRAY':
      return schema.valueSchema ? mappingOf(schema.valueSchema, compactsMaps) : {};
    case 'MAP': {
      const { keySchema, valueSchema } = schema;
      // Of an object whose names nobody knows before.
      if (!keySchema || !valueSchema || (compactsMaps && keySchema.type === 'STRING'))
        return { type: 'object' };
      return {
        properties: { key: mappingOf(keySchema, compactsMaps), value: mappingOf(valueSchema, compactsMaps) },
      };
    }
    default:
      return { type: TYPES[schema.type] ?? 'text' };
  }
}
