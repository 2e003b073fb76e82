import { hashSetOrder } from '../../base/java-hash-order.ts';
import { stringProperty } from '../kernel/config-property.ts';
import { decimalOf } from '../kernel/decimal.ts';
import { javaClassName, typeWithoutSchema } from '../kernel/java-class.ts';
import { type ConnectValue, isMap, LOGICAL_NAMES, type Schema } from '../kernel/schema.ts';
import { DataError } from '../kernel/task-errors.ts';
import { distinctList } from './distinct-list.ts';
import { decimalNumber, wholePart } from './java-numbers.ts';
import { keyAndValue } from './record-part.ts';
import { REPLACE_NULL } from './replace-null.ts';
import { checkedStruct, requireMap, requireStruct, valueAt } from './structs.ts';

const PURPOSE = 'mask fields';
const TEMPORAL: readonly (string | undefined)[] = [
  LOGICAL_NAMES.date,
  LOGICAL_NAMES.time,
  LOGICAL_NAMES.timestamp,
];

export const maskField = keyAndValue({
  className: 'org.apache.kafka.connect.transforms.MaskField',
  doc: 'Puts nothing (0, false, an empty text or list), or a replacement, in the place of values.',
  properties: {
    fields: distinctList('fields', { importance: 'HIGH', doc: 'The fields.' }),
    replacement: stringProperty({
      importance: 'LOW',
      doc: 'What numbers and texts become instead.',
      default: null,
      check: (text) => (text === '' ? 'String must be non-empty' : null),
    }),
    ...REPLACE_NULL,
  },
  make: ({ fields, replacement, 'replace.null.with.default': fillsIn }, part) => {
    // In the order of Kafka's, so that the same one fails first.
    const masks = new Set(hashSetOrder(fields));
    const masked = (value: ConnectValue, schema: Schema | null): ConnectValue => {
      if (value === null) return null;
      return replacement === null ? emptied(value, schema) : replaced(value, schema, replacement);
    };
    return {
      apply: (record) => {
        const [schema, value] = [part.schemaOf(record), part.valueOf(record)];
        if (schema === null) {
          const changed = new Map(requireMap(value, PURPOSE));
          for (const name of masks) changed.set(name, masked(changed.get(name) ?? null, null));
          return part.with(record, null, changed);
        }
        const struct = requireStruct(value, schema, PURPOSE);
        const values = (struct.schema.fields ?? []).map((field, at) => {
          const own = valueAt(struct, at, fillsIn);
          return masks.has(field.name) ? masked(own, field.schema) : own;
        });
        return part.with(record, schema, checkedStruct(struct.schema, values));
      },
    };
  },
});

function emptied(value: Exclude<ConnectValue, null>, schema: Schema | null): ConnectValue {
  if (schema?.name === LOGICAL_NAMES.decimal) return decimalOf(schema, '0');
  switch (typeof value) {
    case 'boolean':
      return false;
    case 'number':
      return 0;
    case 'bigint':
      return 0n;
    case 'string':
      return '';
  }
  if (Array.isArray(value)) return [];
  if (isMap(value)) return new Map();
  throw new DataError(`Cannot mask value of type: class ${javaClassName(value, schema)}`);
}

function replaced(
  value: Exclude<ConnectValue, null>,
  schema: Schema | null,
  replacement: string,
): ConnectValue {
  if (schema?.name === LOGICAL_NAMES.decimal) {
    if (decimalNumber(replacement) === null)
      throw new DataError(`Unable to convert ${replacement} (class java.lang.String) to number`);
    return decimalOf(schema, replacement);
  }
  const type = schema?.type ?? typeWithoutSchema(value);
  if (!TEMPORAL.includes(schema?.name))
    switch (type) {
      case 'INT8':
        return Number(BigInt.asIntN(8, whole(replacement)));
      case 'INT16':
        return Number(BigInt.asIntN(16, whole(replacement)));
      case 'INT32':
        return Number(BigInt.asIntN(32, whole(replacement)));
      case 'INT64':
        return BigInt.asIntN(64, whole(replacement));
      case 'FLOAT32':
        return Math.fround(floating(replacement));
      case 'FLOAT64':
        return floating(replacement);
      case 'STRING':
        return replacement;
    }
  throw new DataError(
    `Cannot mask value of type class ${javaClassName(value, schema)} with custom replacement.`,
  );
}

function whole(replacement: string): bigint {
  const value = wholePart(replacement);
  if (value === null) throw noNumber(replacement);
  return value;
}

function floating(replacement: string): number {
  const value = decimalNumber(replacement);
  if (value === null) throw noNumber(replacement);
  return value;
}

function noNumber(replacement: string): DataError {
  return new DataError(`Unable to convert ${replacement} (class java.lang.String) to a number`);
}
