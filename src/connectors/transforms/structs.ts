import { javaClassName } from '../kernel/java-class.ts';
import {
  type ConnectValue,
  type Field,
  isMap,
  isStruct,
  type Schema,
  type Struct,
} from '../kernel/schema.ts';
import { DataError } from '../kernel/task-errors.ts';

/** An object without a schema. Throws DataError for anything else; `purpose` is told. */
export function requireMap(value: ConnectValue, purpose: string): ReadonlyMap<ConnectValue, ConnectValue> {
  if (!isMap(value))
    throw new DataError(
      `Only Map objects supported in absence of schema for [${purpose}], found: ${javaClassName(value, null)}`,
    );
  return value;
}

export function requireStruct(value: ConnectValue, schema: Schema | null, purpose: string): Struct {
  if (!isStruct(value))
    throw new DataError(
      `Only Struct objects supported for [${purpose}], found: ${javaClassName(value, schema)}`,
    );
  return value;
}

/** The value of the field at this place. `fillsIn`: where it is null, the default of its schema. */
export function valueAt({ schema, values }: Struct, at: number, fillsIn: boolean): ConnectValue {
  const value = values[at] ?? null;
  return value === null && fillsIn ? (schema.fields?.[at]?.schema.default ?? null) : value;
}

/** -1 where there is no such field. */
export function placeOf(schema: Schema, name: string): number {
  return schema.fields?.findIndex((field) => field.name === name) ?? -1;
}

/**
 * A struct whose values may be those of its fields. Throws DataError for a null that its field does not
 * allow.
 */
export function checkedStruct(schema: Schema, values: readonly ConnectValue[]): Struct {
  for (const [at, field] of (schema.fields ?? []).entries())
    if ((values[at] ?? null) === null && !field.schema.optional)
      throw new DataError(
        `Invalid value: null used for required field: "${field.name}", schema type: ${field.schema.type}`,
      );
  return { schema, values };
}

/**
 * A STRUCT that keeps name, version, documentation and parameters of another schema, and is not optional.
 * Throws DataError for two fields of one name.
 */
export function structLike(source: Schema, fields: readonly Field[]): Schema {
  const { name, version, doc, parameters } = source;
  return {
    ...structOf(fields),
    ...(name === undefined ? {} : { name }),
    ...(version === undefined ? {} : { version }),
    ...(doc === undefined ? {} : { doc }),
    ...(parameters === undefined ? {} : { parameters }),
  };
}

export function structOf(fields: readonly Field[]): Schema {
  const names = new Set<string>();
  for (const { name } of fields) {
    if (names.has(name)) throw new DataError(`Cannot create field because of field name duplication ${name}`);
    names.add(name);
  }
  return { type: 'STRUCT', optional: false, fields };
}

/** What was made of schemas: records of one topic have the same few. */
export class SchemaCache {
  readonly #make: (schema: Schema) => Schema;
  readonly #known = new WeakMap<Schema, Schema>();

  constructor(make: (schema: Schema) => Schema) {
    this.#make = make;
  }

  of(schema: Schema): Schema {
    const known = this.#known.get(schema);
    if (known) return known;
    const made = this.#make(schema);
    this.#known.set(schema, made);
    return made;
  }
}
