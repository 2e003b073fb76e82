import { decimalOf, decimalText } from '../kernel/decimal.ts';
import { numberText } from '../kernel/java-text.ts';
import { type ConnectValue, isMap, isStruct, LOGICAL_NAMES, type Schema } from '../kernel/schema.ts';
import { DataError } from '../kernel/task-errors.ts';
import { isJsonObject, type Json, JsonFraction, quoted } from './json-text.ts';

/**
 * The value that JSON says, by the schema where there is one. As Kafka Connect's converter it makes 0, false
 * or null of what is of another type.
 * `fillsIn`: null becomes the default of the schema. Throws DataError.
 */
export function readValue(schema: Schema | null, json: Json | undefined, fillsIn: boolean): ConnectValue {
  if (schema === null) return readAny(json);
  if (json === undefined || json === null) {
    if (schema.default !== undefined && schema.default !== null && fillsIn) return schema.default;
    if (schema.optional) return null;
    throw new DataError(`Invalid null value for required ${schema.type} field`);
  }
  if (schema.name === LOGICAL_NAMES.decimal) return readDecimal(schema, json);
  switch (schema.type) {
    case 'INT8':
      return Number(BigInt.asIntN(8, integerOf(json)));
    case 'INT16':
      return Number(BigInt.asIntN(16, integerOf(json)));
    case 'INT32':
      return Number(BigInt.asIntN(32, integerOf(json)));
    case 'INT64':
      return BigInt.asIntN(64, integerOf(json));
    case 'FLOAT32':
      return Math.fround(numberOf(json));
    case 'FLOAT64':
      return numberOf(json);
    case 'BOOLEAN':
      return json === true;
    case 'STRING':
      return typeof json === 'string' ? json : null;
    case 'BYTES':
      return typeof json === 'string' ? bytesOf(json) : null;
    case 'ARRAY': {
      const of = schema.valueSchema ?? null;
      return Array.isArray(json) ? json.map((one: Json) => readValue(of, one, fillsIn)) : [];
    }
    case 'MAP':
      return readMap(schema, json, fillsIn);
    case 'STRUCT': {
      if (!isJsonObject(json)) throw new DataError('Structs should be encoded as JSON objects');
      const values = (schema.fields ?? []).map((field) => {
        const value = readValue(field.schema, own(json, field.name), fillsIn);
        if (value === null && !field.schema.optional)
          throw new DataError(`Invalid value: null used for required field: "${field.name}"`);
        return value;
      });
      return { schema, values };
    }
  }
}

export interface JsonStyle {
  readonly decimals: 'BASE64' | 'NUMERIC';
  /** Null is written as the default of its schema. */
  readonly fillsIn: boolean;
}

/**
 * As Kafka Connect writes it, byte for byte; without a schema the members of an object keep their order.
 * Throws DataError.
 */
export function valueText(schema: Schema | null, value: ConnectValue, style: JsonStyle): string {
  if (value === null) {
    if (schema === null) return 'null';
    if (schema.default !== undefined && schema.default !== null && style.fillsIn)
      return valueText(schema, schema.default, style);
    if (schema.optional) return 'null';
    throw new DataError('Conversion error: null value for field that is required and has no default value');
  }
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'number':
      return Number.isFinite(value) ? numberText(value, schema) : `"${value}"`;
  }
  if (value instanceof Uint8Array) {
    if (schema?.name === LOGICAL_NAMES.decimal && style.decimals === 'NUMERIC')
      return decimalText(schema, value);
    return `"${Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64')}"`;
  }
  if (isStruct(value)) return structText(value.schema, value.values, style);
  const inner = schema?.valueSchema ?? null;
  if (!isMap(value)) return `[${value.map((one) => valueText(inner, one, style)).join(',')}]`;
  const keys = schema?.keySchema ?? null;
  const entries = [...value];
  const isObject = keys ? keys.type === 'STRING' : entries.every(([key]) => typeof key === 'string');
  if (isObject)
    return `{${entries.map(([key, one]) => `${quoted(String(key))}:${valueText(inner, one, style)}`).join(',')}}`;
  return `[${entries
    .map(([key, one]) => `[${valueText(keys, key, style)},${valueText(inner, one, style)}]`)
    .join(',')}]`;
}

function structText({ fields = [] }: Schema, values: readonly ConnectValue[], style: JsonStyle): string {
  let text = '{';
  for (const [at, field] of fields.entries())
    text += `${at === 0 ? '' : ','}${quoted(field.name)}:${valueText(field.schema, values[at] ?? null, style)}`;
  return `${text}}`;
}

function readAny(json: Json | undefined): ConnectValue {
  if (json === undefined || json === null) return null;
  if (typeof json === 'number') return BigInt(json);
  if (typeof json !== 'object') return json;
  if (json instanceof JsonFraction) return Number(json.text);
  if (Array.isArray(json)) return json.map(readAny);
  return new Map(Object.entries(json).map(([name, value]) => [name, readAny(value)]));
}

function readMap(schema: Schema, json: Json, fillsIn: boolean): ConnectValue {
  const [keys = null, values = null] = [schema.keySchema, schema.valueSchema];
  if (keys === null || keys.type === 'STRING') {
    if (!isJsonObject(json)) throw new DataError('Maps with string fields should be encoded as JSON objects');
    return new Map(Object.entries(json).map(([name, value]) => [name, readValue(values, value, fillsIn)]));
  }
  if (!Array.isArray(json))
    throw new DataError('Maps with non-string fields should be encoded as JSON array of tuples');
  return new Map(
    json.map((pair: Json): [ConnectValue, ConnectValue] => {
      if (!Array.isArray(pair) || pair.length !== 2)
        throw new DataError('Found invalid map entry instead of array tuple');
      return [readValue(keys, pair[0], fillsIn), readValue(values, pair[1], fillsIn)];
    }),
  );
}

function readDecimal(schema: Schema, json: Json): ConnectValue {
  if (typeof json === 'string') return bytesOf(json);
  if (typeof json === 'number' || typeof json === 'bigint') return decimalOf(schema, String(json));
  if (json instanceof JsonFraction) return decimalOf(schema, json.text);
  throw new DataError('Invalid type for Decimal, underlying representation should be numeric or bytes');
}

function integerOf(json: Json): bigint {
  if (typeof json === 'bigint') return json;
  if (typeof json === 'number') return BigInt(json);
  return json instanceof JsonFraction ? json.integer() : 0n;
}

function numberOf(json: Json): number {
  if (json instanceof JsonFraction) return Number(json.text);
  return typeof json === 'number' || typeof json === 'bigint' ? Number(json) : 0;
}

function bytesOf(text: string): Uint8Array {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new DataError('Invalid bytes field');
  return Buffer.from(text, 'base64');
}

function own(json: { readonly [name: string]: Json }, name: string): Json | undefined {
  return Object.hasOwn(json, name) ? json[name] : undefined;
}
