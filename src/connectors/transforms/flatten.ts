import { stringProperty } from '../kernel/config-property.ts';
import {
  type ConnectValue,
  type Field,
  isMap,
  isStruct,
  type Schema,
  type Struct,
} from '../kernel/schema.ts';
import { DataError } from '../kernel/task-errors.ts';
import { keyAndValue } from './record-part.ts';
import {
  checkedStruct,
  placeOf,
  requireMap,
  requireStruct,
  SchemaCache,
  structLike,
  valueAt,
} from './structs.ts';

const PURPOSE = 'flattening';

export const flatten = keyAndValue({
  className: 'org.apache.kafka.connect.transforms.Flatten',
  doc: 'Makes fields of the fields of inner objects, with the names of both. Arrays stay as they are.',
  properties: {
    delimiter: stringProperty({
      importance: 'MEDIUM',
      doc: 'What is between the names.',
      default: '.',
    }),
  },
  make: ({ delimiter }, part) => {
    const nameIn = (prefix: string, name: string) => (prefix === '' ? name : `${prefix}${delimiter}${name}`);
    const schemas = new SchemaCache((schema) => {
      const preset = schema.default ?? null;
      return structLike(
        schema,
        flatFields(schema, '', schema.optional, isStruct(preset) ? preset : null, nameIn),
      );
    });
    return {
      apply: (record) => {
        const [old, value] = [part.schemaOf(record), part.valueOf(record)];
        if (value === null) return record;
        if (old === null) {
          const flat = new Map<ConnectValue, ConnectValue>();
          addEntries(flat, requireMap(value, PURPOSE), '', nameIn);
          return part.with(record, null, flat);
        }
        const struct = requireStruct(value, old, PURPOSE);
        const schema = schemas.of(old);
        const values: ConnectValue[] = [];
        addValues(values, old, struct, schema);
        return part.with(record, schema, checkedStruct(schema, values));
      },
    };
  },
});

type NameIn = (prefix: string, name: string) => string;

function addEntries(
  flat: Map<ConnectValue, ConnectValue>,
  map: ReadonlyMap<ConnectValue, ConnectValue>,
  prefix: string,
  nameIn: NameIn,
): void {
  for (const [key, value] of map) {
    const name = nameIn(prefix, String(key));
    if (isMap(value)) addEntries(flat, value, name, nameIn);
    else flat.set(name, value);
  }
}

/** A field is optional where one around it is, and has the default that one around it gives it. */
function flatFields(
  schema: Schema,
  prefix: string,
  isOptional: boolean,
  preset: Struct | null,
  nameIn: NameIn,
): Field[] {
  return (schema.fields ?? []).flatMap((field) => {
    const name = nameIn(prefix, field.name);
    const optional = isOptional || field.schema.optional;
    const own = field.schema.default ?? null;
    const outer = preset === null ? null : valueAt(preset, placeOf(preset.schema, field.name), true);
    const value = own ?? outer;
    if (field.schema.type === 'STRUCT')
      return flatFields(field.schema, name, optional, isStruct(value) ? value : null, nameIn);
    if (field.schema.type === 'MAP')
      throw new DataError(
        `Flatten transformation does not support MAP for record with schemas (for field ${name}).`,
      );
    return [{ name, schema: { ...field.schema, optional, ...(value === null ? {} : { default: value }) } }];
  });
}

/** Of a struct that is not there all values are null. */
function addValues(values: ConnectValue[], schema: Schema, struct: Struct | null, flat: Schema): void {
  for (const [at, field] of (schema.fields ?? []).entries()) {
    const value = struct === null ? null : valueAt(struct, at, true);
    if (field.schema.type === 'STRUCT') addValues(values, field.schema, isStruct(value) ? value : null, flat);
    else values.push(value);
  }
}
