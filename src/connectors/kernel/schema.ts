/** Kafka Connect's types. */
export type SchemaType =
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FLOAT32'
  | 'FLOAT64'
  | 'BOOLEAN'
  | 'STRING'
  | 'BYTES'
  | 'ARRAY'
  | 'MAP'
  | 'STRUCT';

/**
 * What a value is, as Kafka Connect says it. Plain data that is never changed. `name` is a logical type where
 * it is one of LOGICAL_NAMES or of a connector's own, such as `io.debezium.time.MicroTimestamp`; the value is
 * then still one of `type`.
 */
export interface Schema {
  readonly type: SchemaType;
  readonly optional: boolean;
  readonly name?: string;
  readonly version?: number;
  readonly doc?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** The value of a field that is absent or null. */
  readonly default?: ConnectValue;
  /** The fields of a STRUCT, in their order. */
  readonly fields?: readonly Field[];
  /** The schema of the keys of a MAP. */
  readonly keySchema?: Schema;
  /** The schema of the values of a MAP, or of the elements of an ARRAY. */
  readonly valueSchema?: Schema;
}

export interface Field {
  readonly name: string;
  readonly schema: Schema;
}

/**
 * The value of a STRUCT: one for each field of its schema, in the same order.
 */
export interface Struct {
  readonly schema: Schema;
  readonly values: readonly ConnectValue[];
}

/**
 * A value as converters, transforms and connectors hand it on.
 *
 * | schema | value |
 * |---|---|
 * | INT8, INT16, INT32, FLOAT32, FLOAT64 | number |
 * | INT64 | bigint |
 * | BOOLEAN, STRING | boolean, string |
 * | BYTES | Uint8Array |
 * | ARRAY | array |
 * | MAP | Map, in the order of its entries |
 * | STRUCT | Struct |
 * | optional ones | also null |
 *
 * Without a schema integers are bigint, numbers with a fraction or exponent are number, and objects are Map
 * with string keys: so that 1 and 1.0 stay what they were. Values of logical types are those of their type: a
 * Timestamp (INT64) is the milliseconds as bigint, a Decimal (BYTES) the bytes of the unscaled integer.
 */
export type ConnectValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly ConnectValue[]
  | ReadonlyMap<ConnectValue, ConnectValue>
  | Struct;

/** Kafka Connect's own logical types. */
export const LOGICAL_NAMES = {
  /**
   * BYTES: the unscaled integer, big-endian two's complement; the parameter `scale` says where the point is.
   */
  decimal: 'org.apache.kafka.connect.data.Decimal',
  /** INT32: days since 1970-01-01. */
  date: 'org.apache.kafka.connect.data.Date',
  /** INT32: milliseconds since midnight. */
  time: 'org.apache.kafka.connect.data.Time',
  /** INT64: milliseconds since 1970-01-01T00:00Z. */
  timestamp: 'org.apache.kafka.connect.data.Timestamp',
} as const;

export function isStruct(value: ConnectValue | undefined): value is Struct {
  return typeof value === 'object' && value !== null && 'schema' in value && 'values' in value;
}

export function isMap(value: ConnectValue | undefined): value is ReadonlyMap<ConnectValue, ConnectValue> {
  return value instanceof Map;
}

/** The value of a field of a STRUCT, or of the entry of a MAP; undefined where there is none of this name. */
export function fieldOf(
  of: Struct | ReadonlyMap<ConnectValue, ConnectValue>,
  name: string,
): ConnectValue | undefined {
  if (!isStruct(of)) return of.get(name);
  const at = of.schema.fields?.findIndex((field) => field.name === name) ?? -1;
  return at < 0 ? undefined : of.values[at];
}
