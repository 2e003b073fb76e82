import { type ConnectValue, isMap, isStruct, LOGICAL_NAMES, type Schema } from './schema.ts';

const BY_TYPE: Readonly<Record<Schema['type'], string>> = {
  INT8: 'java.lang.Byte',
  INT16: 'java.lang.Short',
  INT32: 'java.lang.Integer',
  INT64: 'java.lang.Long',
  FLOAT32: 'java.lang.Float',
  FLOAT64: 'java.lang.Double',
  BOOLEAN: 'java.lang.Boolean',
  STRING: 'java.lang.String',
  BYTES: '[B',
  ARRAY: 'java.util.ArrayList',
  MAP: 'java.util.HashMap',
  STRUCT: 'org.apache.kafka.connect.data.Struct',
};
const LOGICAL: ReadonlyMap<string | undefined, string> = new Map([
  [LOGICAL_NAMES.decimal, 'java.math.BigDecimal'],
  [LOGICAL_NAMES.date, 'java.util.Date'],
  [LOGICAL_NAMES.time, 'java.util.Date'],
  [LOGICAL_NAMES.timestamp, 'java.util.Date'],
]);

/** The class that a value has in Kafka Connect, whose messages name it; `null` for null. */
export function javaClassName(value: ConnectValue, schema: Schema | null): string {
  if (value === null) return 'null';
  if (schema) return LOGICAL.get(schema.name) ?? BY_TYPE[schema.type];
  return BY_TYPE[typeWithoutSchema(value)];
}

/** The type of a value that has no schema. */
export function typeWithoutSchema(value: Exclude<ConnectValue, null>): Schema['type'] {
  switch (typeof value) {
    case 'string':
      return 'STRING';
    case 'boolean':
      return 'BOOLEAN';
    case 'bigint':
      return 'INT64';
    case 'number':
      return 'FLOAT64';
  }
  if (value instanceof Uint8Array) return 'BYTES';
  if (isStruct(value)) return 'STRUCT';
  return isMap(value) ? 'MAP' : 'ARRAY';
}
