import { hashMapOrder } from '../../base/java-hash-order.ts';
import { bigDecimalText } from '../kernel/big-decimal-text.ts';
import { InvalidValue, listProperty } from '../kernel/config-property.ts';
import { decimalText } from '../kernel/decimal.ts';
import { typeWithoutSchema } from '../kernel/java-class.ts';
import { numberText } from '../kernel/java-text.ts';
import { type ConnectValue, LOGICAL_NAMES, type Schema, type SchemaType } from '../kernel/schema.ts';
import { DataError } from '../kernel/task-errors.ts';
import { isoText, millisecondsOf } from '../kernel/temporal.ts';
import { parseFloating, parseInteger, wholeOf, wholePart } from './java-numbers.ts';
import { javaSplit } from './java-split.ts';
import { keyAndValue } from './record-part.ts';
import { REPLACE_NULL } from './replace-null.ts';
import {
  checkedStruct,
  requireMap,
  requireStruct,
  SchemaCache,
  structLike,
  structOf,
  valueAt,
} from './structs.ts';

const PURPOSE = 'cast types';
const TARGETS = ['INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64', 'BOOLEAN', 'STRING'] as const;
type Target = (typeof TARGETS)[number];
const SOURCES: readonly SchemaType[] = [...TARGETS, 'BYTES'];
const TYPES: readonly string[] = [...SOURCES, 'ARRAY', 'MAP', 'STRUCT'];
const FLOAT32: Schema = { type: 'FLOAT32', optional: false };
const BITS = { INT8: 8, INT16: 16, INT32: 32, INT64: 64 } as const;

interface Casts {
  /** By the names of fields. */
  readonly fields: ReadonlyMap<string, Target>;
  /** Of the whole key or value. */
  readonly whole: Target | null;
}

export const cast = keyAndValue({
  className: 'org.apache.kafka.connect.transforms.Cast',
  doc: 'Makes values of one type values of another.',
  properties: {
    spec: listProperty({
      importance: 'HIGH',
      doc: 'Fields and their types, as `field1:int32,field2:string`, or one type for the whole key or value: int8, int16, int32, int64, float32, float64, boolean or string.',
      check: (spec) => {
        castsOf(spec);
        return null;
      },
    }),
    ...REPLACE_NULL,
  },
  make: ({ spec, 'replace.null.with.default': fillsIn }, part) => {
    const { fields, whole } = castsOf(spec);
    // In the order of Kafka's, so that the same one fails first.
    const inJavasOrder = new Map(
      hashMapOrder([...fields.keys()]).flatMap((name) => {
        const type = fields.get(name);
        return type === undefined ? [] : [[name, type] as const];
      }),
    );
    const schemas = new SchemaCache((schema) => castSchema(schema, fields, whole));
    return {
      apply: (record) => {
        const [old, value] = [part.schemaOf(record), part.valueOf(record)];
        if (value === null) return record;
        if (whole !== null)
          return part.with(record, old === null ? null : schemas.of(old), castValue(old, value, whole));
        if (old === null) {
          const changed = new Map(requireMap(value, PURPOSE));
          for (const [name, type] of inJavasOrder)
            changed.set(name, castValue(null, changed.get(name) ?? null, type));
          return part.with(record, null, changed);
        }
        const schema = schemas.of(old);
        const struct = requireStruct(value, old, PURPOSE);
        const values = (struct.schema.fields ?? []).map((field, at) => {
          const type = fields.get(field.name);
          const own = valueAt(struct, at, fillsIn);
          return type === undefined ? own : castValue(field.schema, own, type);
        });
        return part.with(record, schema, checkedStruct(schema, values));
      },
    };
  },
});

/** Throws InvalidValue. */
function castsOf(spec: readonly string[]): Casts {
  if (spec.length === 0) throw new InvalidValue('Must specify at least one field to cast');
  const fields = new Map<string, Target>();
  let whole: Target | null = null;
  for (const mapping of spec) {
    const [first = '', second, ...others] = javaSplit(mapping, ':');
    if (others.length > 0) throw new InvalidValue(`Invalid rename mapping: ${mapping}`);
    if (second === undefined) whole = targetOf(first);
    else fields.set(first.trim(), targetOf(second));
  }
  if (whole !== null && spec.length > 1)
    throw new InvalidValue(
      'Cast transformations that specify a type to cast the entire value to may only specify a single cast in their spec',
    );
  return { fields, whole };
}

function targetOf(text: string): Target {
  const name = text.trim();
  const type = name.toUpperCase();
  if (!TYPES.includes(type)) throw new InvalidValue(`Invalid type found in casting spec: ${name}`);
  const target = TARGETS.find((one) => one === type);
  if (!target)
    throw new InvalidValue(
      `Cast transformation does not support casting to ${type}; supported types are [${TARGETS.join(', ')}]`,
    );
  return target;
}

function castSchema(schema: Schema, fields: Casts['fields'], whole: Target | null): Schema {
  const preset = schema.default ?? null;
  if (whole !== null) {
    // Kafka's keeps the name of a Date or a Decimal, too, with which its converters cannot write what became
    // of the value.
    const { fields: _, ...basics } = isLogical(schema) ? structOf([]) : structLike(schema, []);
    const made = castValue(schema, preset, whole);
    // So it is in Kafka: with that name, the default would have to be a Date still.
    if (made !== null && isLogical(schema)) throw new DataError('Invalid default value');
    return {
      ...basics,
      ...{ type: whole, optional: schema.optional },
      ...(made === null ? {} : { default: made }),
    };
  }
  if (schema.type !== 'STRUCT') throw new DataError('Cannot list fields on non-struct type');
  const made = structLike(
    schema,
    (schema.fields ?? []).map((field) => {
      const type = fields.get(field.name);
      if (type === undefined) return field;
      const own = field.schema.default ?? null;
      return {
        name: field.name,
        schema: {
          ...{ type, optional: field.schema.optional },
          ...(own === null ? {} : { default: castValue(field.schema, own, type) }),
        },
      };
    }),
  );
  if (preset !== null)
    // So it is in Kafka: a struct cannot be cast, and so neither can its default.
    throw new DataError(castProblem('STRUCT'));
  return schema.optional ? { ...made, optional: true } : made;
}

/** Throws DataError. */
function castValue(schema: Schema | null, value: ConnectValue, target: Target): ConnectValue {
  if (value === null) return null;
  const made = castKnown(schema, value, target);
  if (schema !== null || typeof made !== 'number') return made;
  // Without a schema whole numbers are bigint, and fractions are written as they are.
  if (target in BITS) return BigInt(made);
  return target === 'FLOAT32' ? Number(numberText(made, FLOAT32)) : made;
}

function castKnown(schema: Schema | null, value: Exclude<ConnectValue, null>, target: Target): ConnectValue {
  const type = schema?.type ?? typeWithoutSchema(value);
  if (!SOURCES.includes(type)) throw new DataError(castProblem(type));
  if (target === 'STRING') return castText(schema, value);
  if (value instanceof Uint8Array) {
    if (schema?.name !== LOGICAL_NAMES.decimal)
      throw new DataError('Unexpected type in Cast transformation: class [B');
    return castDecimal(decimalText(schema, value), target);
  }
  if (typeof value === 'string') return castString(value, target);
  if (typeof value === 'boolean') return target === 'BOOLEAN' ? value : castNumber(value ? 1 : 0, target);
  if (typeof value === 'number' || typeof value === 'bigint') return castNumber(value, target);
  throw new DataError(castProblem(type));
}

function isLogical({ name }: Schema): boolean {
  return Object.values(LOGICAL_NAMES).some((one) => one === name);
}

function castProblem(type: string): string {
  return `Cast transformation does not support casting from ${type}; supported types are [${SOURCES.join(', ')}]`;
}

function castText(schema: Schema | null, value: ConnectValue): string {
  const milliseconds = schema && millisecondsOf(schema, value);
  if (typeof milliseconds === 'bigint') return isoText(milliseconds);
  if (value instanceof Uint8Array)
    return schema?.name === LOGICAL_NAMES.decimal
      ? bigDecimalText(decimalText(schema, value))
      : Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64');
  return typeof value === 'number' ? numberText(value, schema) : String(value);
}

function castNumber(value: number | bigint, target: Exclude<Target, 'STRING'>): ConnectValue {
  switch (target) {
    case 'FLOAT32':
      return Math.fround(Number(value));
    case 'FLOAT64':
      return Number(value);
    case 'BOOLEAN':
      return (typeof value === 'bigint' ? value : wholeOf(value, 'LONG')) !== 0n;
    case 'INT64':
      return typeof value === 'bigint' ? value : wholeOf(value, 'LONG');
    default:
      return Number(BigInt.asIntN(BITS[target], typeof value === 'bigint' ? value : wholeOf(value, 'INT')));
  }
}

function castDecimal(text: string, target: Exclude<Target, 'STRING'>): ConnectValue {
  if (target === 'FLOAT32' || target === 'FLOAT64') return castNumber(Number(text), target);
  return castNumber(BigInt.asIntN(64, wholePart(text) ?? 0n), target);
}

function castString(text: string, target: Exclude<Target, 'STRING'>): ConnectValue {
  if (target === 'BOOLEAN') return text.toLowerCase() === 'true';
  if (target === 'FLOAT32' || target === 'FLOAT64') {
    const value = parseFloating(text);
    if (value === null) throw outOfRange(text);
    return target === 'FLOAT32' ? Math.fround(value) : value;
  }
  const value = parseInteger(text, BITS[target]);
  if (value === null) throw outOfRange(text);
  return target === 'INT64' ? value : Number(value);
}

function outOfRange(text: string): DataError {
  return new DataError(`Value (${text}) was out of range for requested data type`);
}
