import { hashMapOrder } from '../../base/java-hash-order.ts';
import { InvalidValue, listProperty } from '../kernel/config-property.ts';
import { javaClassName } from '../kernel/java-class.ts';
import { type ConnectValue, type Field, LOGICAL_NAMES, type Schema } from '../kernel/schema.ts';
import { DataError } from '../kernel/task-errors.ts';
import { DAY_MS, millisecondsOf } from '../kernel/temporal.ts';
import { distinctList } from './distinct-list.ts';
import { javaSplit } from './java-split.ts';
import { keyAndValue } from './record-part.ts';
import { REPLACE_NULL } from './replace-null.ts';
import {
  checkedStruct,
  placeOf,
  requireMap,
  requireStruct,
  SchemaCache,
  structLike,
  valueAt,
} from './structs.ts';

const PURPOSE = 'field replacement';

export const replaceField = keyAndValue({
  className: 'org.apache.kafka.connect.transforms.ReplaceField',
  doc: 'Leaves out fields, or gives them other names.',
  properties: {
    exclude: distinctList('exclude', { importance: 'MEDIUM', doc: 'The fields to leave out.', default: [] }),
    include: distinctList('include', {
      importance: 'MEDIUM',
      doc: 'The fields to keep, unless exclude names them. Empty: all.',
      default: [],
    }),
    renames: listProperty({
      importance: 'MEDIUM',
      doc: 'New names, as `old:new,other:another`.',
      default: [],
      check: (renames) => {
        renamesOf(renames);
        return null;
      },
    }),
    ...REPLACE_NULL,
  },
  make: (config, part) => {
    const exclude = new Set(config.exclude);
    const include = new Set(config.include);
    const renames = renamesOf(config.renames);
    // Where two old names get one new name, the value is that of the later of them in Java's order.
    const before = new Map(
      hashMapOrder([...renames.keys()]).map((from) => [renames.get(from) ?? from, from]),
    );
    const fillsIn = config['replace.null.with.default'];
    const stays = (name: string) => !exclude.has(name) && (include.size === 0 || include.has(name));
    const schemas = new SchemaCache((schema) =>
      structLike(
        schema,
        (schema.fields ?? []).flatMap((field) =>
          stays(field.name) ? [{ ...field, name: renames.get(field.name) ?? field.name }] : [],
        ),
      ),
    );
    return {
      apply: (record) => {
        const value = part.valueOf(record);
        if (value === null) return record;
        if (part.schemaOf(record) === null) {
          return part.with(record, null, renamed(requireMap(value, PURPOSE), stays, renames));
        }
        const struct = requireStruct(value, part.schemaOf(record), PURPOSE);
        const schema = schemas.of(struct.schema);
        const values = (schema.fields ?? []).map((field) => {
          const old = before.get(field.name) ?? field.name;
          const at = placeOf(struct.schema, old);
          const oldField = struct.schema.fields?.[at];
          if (!oldField) throw new DataError(`${old} is not a valid field name`);
          return requireFit(field, oldField.schema, valueAt(struct, at, fillsIn));
        });
        return part.with(record, schema, checkedStruct(schema, values));
      },
    };
  },
});

/**
 * Of several values that get one name the one that stays is the last of them in the HashMap that Kafka's
 * JsonConverter makes.
 */
function renamed(
  value: ReadonlyMap<ConnectValue, ConnectValue>,
  stays: (name: string) => boolean,
  renames: ReadonlyMap<string, string>,
): ReadonlyMap<ConnectValue, ConnectValue> {
  const kept = [...value].filter(([name]) => stays(String(name)));
  const made = new Map(kept.map(([name, one]) => [renames.get(String(name)) ?? name, one]));
  if (made.size === kept.length) return made;
  for (const name of hashMapOrder([...value.keys()].map(String)))
    if (stays(name)) made.set(renames.get(name) ?? name, value.get(name) ?? null);
  return made;
}

/** Two new names that are one, or that another field has, can bring a value to a field of another type. */
function requireFit({ name, schema }: Field, old: Schema, value: ConnectValue): ConnectValue {
  if (value === null) return value;
  const is = javaClassName(value, old);
  if (is === javaClassName(value, schema))
    return is === 'java.util.Date' && old.name !== schema.name ? sameTime(schema, old, value) : value;
  const of = schema.name === undefined ? '' : ` "${schema.name}"`;
  throw new DataError(
    `Invalid Java object for schema${of} with type ${schema.type}: class ${is} for field: "${name}"`,
  );
}

/**
 * A Date, a Time or a Timestamp as another of them. Throws DataError where it does not hold the time, as
 * Kafka's converters do.
 */
function sameTime({ name }: Schema, old: Schema, value: ConnectValue): ConnectValue {
  const milliseconds = millisecondsOf(old, value) ?? 0n;
  if (name === LOGICAL_NAMES.timestamp) return milliseconds;
  const ofDay = milliseconds % DAY_MS;
  if (name === LOGICAL_NAMES.time && milliseconds === ofDay && ofDay >= 0n) return Number(ofDay);
  const days = milliseconds / DAY_MS;
  if (name === LOGICAL_NAMES.date && ofDay === 0n && BigInt.asIntN(32, days) === days) return Number(days);
  throw new DataError(
    name === LOGICAL_NAMES.date
      ? 'Kafka Connect Date type should not have any time fields set to non-zero values.'
      : 'Kafka Connect Time type should not have any date fields set to non-zero values.',
  );
}

/** Throws InvalidValue. */
function renamesOf(mappings: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    mappings.map((mapping) => {
      const parts = javaSplit(mapping, ':');
      const [from, to] = parts;
      if (parts.length !== 2 || from === undefined || to === undefined)
        throw new InvalidValue(`Invalid rename mapping: ${mapping}`);
      return [from, to];
    }),
  );
}
