import { InvalidValue, listProperty } from '../kernel/config-property.ts';
import { javaClassName } from '../kernel/java-class.ts';
import { hashMapOrder } from '../kernel/java-hash-order.ts';
import type { ConnectValue, Field, Schema } from '../kernel/schema.ts';
import { DataError } from '../kernel/task-errors.ts';
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

/** Of several values that get one name the one that stays is the last of them in the HashMap that Kafka's JsonConverter makes. */
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
  const is = javaClassName(value, old);
  const isSame = is === javaClassName(value, schema) && (is !== 'java.util.Date' || old.name === schema.name);
  if (value === null || isSame) return value;
  const of = schema.name === undefined ? '' : ` "${schema.name}"`;
  throw new DataError(
    `Invalid Java object for schema${of} with type ${schema.type}: class ${is} for field: "${name}"`,
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
