import {
  DATE,
  INT64,
  OPTIONAL_DATE,
  OPTIONAL_INT64,
  OPTIONAL_STRING,
  OPTIONAL_TIME,
  OPTIONAL_TIMESTAMP,
  STRING,
  TIME,
  TIMESTAMP,
} from '../kernel/common-schemas.ts';
import { oneOfProperty, stringProperty } from '../kernel/config-property.ts';
import { javaClassName } from '../kernel/java-class.ts';
import { type ConnectValue, isStruct, LOGICAL_NAMES, type Schema, type Struct } from '../kernel/schema.ts';
import { type SimpleDateFormat, simpleDateFormat, simpleDateProblem } from '../kernel/simple-date-format.ts';
import { DataError } from '../kernel/task-errors.ts';
import { DAY_MS, millisecondsOf } from '../kernel/temporal.ts';
import { saturated } from './java-numbers.ts';
import { keyAndValue } from './record-part.ts';
import { REPLACE_NULL } from './replace-null.ts';
import { checkedStruct, requireMap, requireStruct, SchemaCache, structLike, valueAt } from './structs.ts';

const PURPOSE = 'converting timestamp formats';
const SCHEMAS = {
  string: [STRING, OPTIONAL_STRING],
  unix: [INT64, OPTIONAL_INT64],
  Date: [DATE, OPTIONAL_DATE],
  Time: [TIME, OPTIONAL_TIME],
  Timestamp: [TIMESTAMP, OPTIONAL_TIMESTAMP],
} as const;
type Kind = keyof typeof SCHEMAS;
/** Of a millisecond; below 1: how many of them. */
const PRECISIONS = {
  seconds: { units: 1n, milliseconds: 1000n },
  milliseconds: { units: 1n, milliseconds: 1n },
  microseconds: { units: 1000n, milliseconds: 1n },
  nanoseconds: { units: 1_000_000n, milliseconds: 1n },
};

export const timestampConverter = keyAndValue({
  className: 'org.apache.kafka.connect.transforms.TimestampConverter',
  doc: 'Writes times in another way: as text, as a number, or as a Date, a Time or a Timestamp, which need a schema.',
  properties: {
    field: stringProperty({
      importance: 'HIGH',
      doc: 'The field with the time. Empty: the whole key or value is one.',
      default: '',
    }),
    'target.type': oneOfProperty(['string', 'unix', 'Date', 'Time', 'Timestamp'], {
      importance: 'HIGH',
      doc: 'What it becomes.',
    }),
    format: stringProperty({
      importance: 'MEDIUM',
      doc: 'How text has times, in UTC: a pattern of java.text.SimpleDateFormat.',
      default: '',
    }),
    'unix.precision': oneOfProperty(['nanoseconds', 'microseconds', 'milliseconds', 'seconds'], {
      importance: 'LOW',
      doc: 'What numbers count since 1970.',
      default: 'milliseconds',
    }),
    ...REPLACE_NULL,
  },
  check: ({ format, 'target.type': target }) => {
    const message =
      target === 'string' && format.trim() === ''
        ? 'TimestampConverter requires format option to be specified when using string timestamps.'
        : simpleDateProblem(format) === null
          ? null
          : `TimestampConverter requires a SimpleDateFormat-compatible pattern for string timestamps: ${format}.`;
    return message === null ? [] : [{ property: 'format', message }];
  },
  make: (config, part, clock) => {
    const { field, 'target.type': target, 'replace.null.with.default': fillsIn } = config;
    const conversion = new Conversion(
      target,
      config.format.trim() === '' ? null : simpleDateFormat(config.format, clock),
      config.format,
      config['unix.precision'],
    );
    const schemaFor = ({ optional }: Schema) => SCHEMAS[target][optional ? 1 : 0];
    const converted = (struct: Struct, schema: Schema): Struct =>
      checkedStruct(
        schema,
        (struct.schema.fields ?? []).map((one, at) => {
          const value = valueAt(struct, at, fillsIn);
          return one.name === field ? conversion.withSchema(one.schema, value) : value;
        }),
      );
    const schemas = new SchemaCache((schema) => {
      if (schema.type !== 'STRUCT') throw new DataError('Cannot list fields on non-struct type');
      const made = structLike(
        schema,
        (schema.fields ?? []).map((one) =>
          one.name === field ? { name: field, schema: schemaFor(one.schema) } : one,
        ),
      );
      const preset = schema.default;
      return {
        ...made,
        optional: schema.optional,
        ...(isStruct(preset) ? { default: converted(preset, made) } : {}),
      };
    });
    return {
      apply: (record) => {
        const [old, value] = [part.schemaOf(record), part.valueOf(record)];
        if (old === null) {
          if (value === null || field === '') return part.with(record, null, conversion.withoutSchema(value));
          const changed = new Map(requireMap(value, PURPOSE));
          changed.set(field, conversion.withoutSchema(changed.get(field) ?? null));
          return part.with(record, null, changed);
        }
        if (field === '') return part.with(record, schemaFor(old), conversion.withSchema(old, value));
        const struct = value === null ? null : requireStruct(value, old, PURPOSE);
        const schema = schemas.of(old);
        return part.with(record, schema, struct && converted(struct, schema));
      },
    };
  },
});

/** Of one time to another way of writing it. */
class Conversion {
  readonly #target: Kind;
  readonly #format: SimpleDateFormat | null;
  readonly #pattern: string;
  readonly #precision: (typeof PRECISIONS)[keyof typeof PRECISIONS];

  constructor(
    target: Kind,
    format: SimpleDateFormat | null,
    pattern: string,
    precision: keyof typeof PRECISIONS,
  ) {
    this.#target = target;
    this.#format = format;
    this.#pattern = pattern;
    this.#precision = PRECISIONS[precision];
  }

  withSchema(schema: Schema, value: ConnectValue): ConnectValue {
    const kind = kindOf(schema);
    if (value === null) return null;
    return this.#made(millisecondsOf(schema, value) ?? this.#read(value, kind));
  }

  withoutSchema(value: ConnectValue): ConnectValue {
    if (value === null) return null;
    if (typeof value !== 'string' && typeof value !== 'bigint')
      throw new DataError(
        `TimestampConverter does not support class ${javaClassName(value, null)} objects as timestamps`,
      );
    const milliseconds = this.#read(value, typeof value === 'string' ? 'string' : 'unix');
    // Kafka's makes a Java object of it, which its converters cannot write.
    if (this.#target !== 'string' && this.#target !== 'unix')
      throw new DataError(`A ${this.#target} needs a schema: without one, target.type is string or unix`);
    return this.#made(milliseconds);
  }

  #read(value: ConnectValue, kind: Kind): bigint {
    if (kind === 'string') {
      if (typeof value !== 'string') throw new DataError('Expected string timestamp to be a String');
      // Kafka's fails with a NullPointerException here.
      if (!this.#format) throw new DataError('A time that is a text needs the option format');
      const milliseconds = this.#format.parse(value);
      if (milliseconds === null)
        throw new DataError(
          `Could not parse timestamp: value (${value}) does not match pattern (${this.#pattern})`,
        );
      return milliseconds;
    }
    if (typeof value !== 'bigint') throw new DataError('Expected Unix timestamp to be a Long');
    return saturated((value * this.#precision.milliseconds) / this.#precision.units);
  }

  #made(milliseconds: bigint): ConnectValue {
    switch (this.#target) {
      case 'string':
        return this.#format?.format(milliseconds) ?? null;
      case 'unix':
        return saturated((milliseconds * this.#precision.units) / this.#precision.milliseconds);
      case 'Date':
        return Number(dateOf(milliseconds));
      case 'Time':
        return Number(milliseconds - daysOf(milliseconds) * DAY_MS);
      case 'Timestamp':
        return milliseconds;
    }
  }
}

/** Throws DataError for days that the 32 bits of a Date do not hold, where Kafka's writes another day. */
function dateOf(milliseconds: bigint): bigint {
  const days = daysOf(milliseconds);
  if (BigInt.asIntN(32, days) !== days)
    throw new DataError(`A Date cannot hold ${days} days since 1970, which more than 32 bits are needed for`);
  return days;
}

/** Whole days, also of times before 1970. */
function daysOf(milliseconds: bigint): bigint {
  const rest = milliseconds % DAY_MS;
  return milliseconds / DAY_MS - (rest < 0n ? 1n : 0n);
}

/** Throws an Error where a schema is of no time. */
function kindOf({ name, type }: Schema): Kind {
  switch (name) {
    case LOGICAL_NAMES.timestamp:
      return 'Timestamp';
    case LOGICAL_NAMES.date:
      return 'Date';
    case LOGICAL_NAMES.time:
      return 'Time';
  }
  if (type === 'STRING') return 'string';
  if (type === 'INT64') return 'unix';
  const told = name === undefined ? type : `${name}:${type}`;
  throw new Error(`Schema Schema{${told}} does not correspond to a known timestamp type format`);
}
