import type { Field, Schema, SchemaType } from '../kernel/schema.ts';
import { DataError } from '../kernel/task-errors.ts';
import { isJsonObject, type Json, quoted } from './json-text.ts';
import { readValue, valueText } from './json-value.ts';

const NAMES: Readonly<Record<SchemaType, string>> = {
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FLOAT32: 'float',
  FLOAT64: 'double',
  BOOLEAN: 'boolean',
  STRING: 'string',
  BYTES: 'bytes',
  ARRAY: 'array',
  MAP: 'map',
  STRUCT: 'struct',
};
const TYPES = new Map(Object.entries(NAMES).map(([type, name]) => [name, type as SchemaType]));

/** The schema that JSON describes, null for null. Throws DataError. */
export function readSchema(json: Json | undefined): Schema | null {
  if (json === null) return null;
  if (!isJsonObject(json) || typeof json.type !== 'string')
    throw new DataError("Schema must contain 'type' field");
  const type = TYPES.get(json.type);
  if (!type) throw new DataError(`Unknown schema type: ${json.type}`);
  const { name, version, doc, parameters } = json;
  const schema: Schema = {
    type,
    optional: json.optional === true,
    ...inner(type, json),
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof version === 'number' || typeof version === 'bigint' ? { version: Number(version) } : {}),
    ...(typeof doc === 'string' ? { doc } : {}),
    ...(isJsonObject(parameters) ? { parameters: texts(parameters) } : {}),
  };
  return json.default === undefined ? schema : { ...schema, default: readValue(schema, json.default, true) };
}

/** As Kafka Connect writes it, in the order of its members. `more`: members behind its own. */
export function schemaText(schema: Schema | null, more = ''): string {
  if (schema === null) return 'null';
  const { type, optional, name, version, doc, parameters, default: preset = null } = schema;
  const parts = [`"type":"${NAMES[type]}"`];
  if (type === 'ARRAY') parts.push(`"items":${schemaText(schema.valueSchema ?? null)}`);
  if (type === 'MAP')
    parts.push(
      `"keys":${schemaText(schema.keySchema ?? null)}`,
      `"values":${schemaText(schema.valueSchema ?? null)}`,
    );
  if (type === 'STRUCT')
    parts.push(
      `"fields":[${(schema.fields ?? [])
        .map((field) => schemaText(field.schema, `,"field":${quoted(field.name)}`))
        .join(',')}]`,
    );
  parts.push(`"optional":${optional}`);
  if (name !== undefined) parts.push(`"name":${quoted(name)}`);
  if (version !== undefined) parts.push(`"version":${version}`);
  if (doc !== undefined) parts.push(`"doc":${quoted(doc)}`);
  if (parameters !== undefined)
    parts.push(
      `"parameters":{${Object.entries(parameters)
        .map(([key, value]) => `${quoted(key)}:${quoted(value)}`)
        .join(',')}}`,
    );
  if (preset !== null)
    parts.push(`"default":${valueText(schema, preset, { decimals: 'BASE64', fillsIn: true })}`);
  return `{${parts.join(',')}${more}}`;
}

function inner(type: SchemaType, json: { readonly [name: string]: Json }): Partial<Schema> {
  switch (type) {
    case 'ARRAY':
      return { valueSchema: part(json.items, 'Array schema did not specify the element type') };
    case 'MAP':
      return {
        keySchema: part(json.keys, 'Map schema did not specify the key type'),
        valueSchema: part(json.values, 'Map schema did not specify the value type'),
      };
    case 'STRUCT': {
      if (!Array.isArray(json.fields))
        throw new DataError('Struct schema\'s "fields" argument is not an array.');
      return { fields: json.fields.map(readField) };
    }
    default:
      return {};
  }
}

function readField(json: Json): Field {
  if (!isJsonObject(json) || typeof json.field !== 'string')
    throw new DataError("Struct schema's field name not specified properly");
  return { name: json.field, schema: part(json, `the field ${json.field} has no schema`) };
}

function part(json: Json | undefined, problem: string): Schema {
  const schema = json === undefined ? null : readSchema(json);
  if (!schema) throw new DataError(problem);
  return schema;
}

function texts(parameters: { readonly [name: string]: Json }): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => {
      if (typeof value !== 'string') throw new DataError('Schema parameters must have string values.');
      return [name, value];
    }),
  );
}
