import { quoted } from '../converters/json-text.ts';
import { decimalText } from '../kernel/decimal.ts';
import { numberText } from '../kernel/java-text.ts';
import { type ConnectValue, isMap, isStruct, LOGICAL_NAMES, type Schema } from '../kernel/schema.ts';
import { DataError } from '../kernel/task-errors.ts';

const DAY_MS = 86_400_000n;

/**
 * A value as JSON for a search index: dates and times are milliseconds since 1970, decimals are numbers.
 * `compactsMaps`: maps with keys that are texts are objects, else lists of `{"key":…,"value":…}`. Throws
 * DataError when the whole is no object.
 */
export function documentText(schema: Schema | null, value: ConnectValue, compactsMaps: boolean): string {
  if (!isStruct(value) && !isMap(value))
    throw new DataError(
      'A document must be an object with fields: the value is none. Is value.converter the right one?',
    );
  return text(schema, value, compactsMaps);
}

function text(schema: Schema | null, value: ConnectValue, compactsMaps: boolean): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'number':
      if (schema?.name === LOGICAL_NAMES.date) return String(BigInt(value) * DAY_MS);
      return Number.isFinite(value) ? numberText(value, schema) : `"${value}"`;
  }
  if (value instanceof Uint8Array)
    return schema?.name === LOGICAL_NAMES.decimal
      ? decimalText(schema, value)
      : `"${Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64')}"`;
  if (isStruct(value))
    return `{${(value.schema.fields ?? [])
      .map(
        (field, at) => `${quoted(field.name)}:${text(field.schema, value.values[at] ?? null, compactsMaps)}`,
      )
      .join(',')}}`;
  const inner = schema?.valueSchema ?? null;
  if (!isMap(value)) return `[${value.map((one) => text(inner, one, compactsMaps)).join(',')}]`;
  const keys = schema?.keySchema ?? null;
  const entries = [...value];
  if (compactsMaps && entries.every(([key]) => typeof key === 'string'))
    return `{${entries.map(([key, one]) => `${quoted(String(key))}:${text(inner, one, compactsMaps)}`).join(',')}}`;
  return `[${entries
    .map(([key, one]) => `{"key":${text(keys, key, compactsMaps)},"value":${text(inner, one, compactsMaps)}}`)
    .join(',')}]`;
}
