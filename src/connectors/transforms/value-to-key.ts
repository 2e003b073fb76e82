import { DataError } from '../kernel/task-errors.ts';
import { partSpec, type TransformSpec } from '../kernel/transform.ts';
import { distinctList } from './distinct-list.ts';
import { REPLACE_NULL } from './replace-null.ts';
import {
  checkedStruct,
  placeOf,
  requireMap,
  requireStruct,
  SchemaCache,
  structOf,
  valueAt,
} from './structs.ts';

const PURPOSE = 'copying fields from value to key';

export const valueToKey: TransformSpec = partSpec({
  className: 'org.apache.kafka.connect.transforms.ValueToKey',
  doc: 'Makes a key of fields of the value.',
  properties: { fields: distinctList('fields', { importance: 'HIGH', doc: 'The fields.' }), ...REPLACE_NULL },
  make: ({ fields, 'replace.null.with.default': fillsIn }) => {
    const schemas = new SchemaCache((schema) =>
      structOf(
        fields.map((name) => {
          const field = schema.fields?.[placeOf(schema, name)];
          if (!field) throw new DataError(`Field does not exist: ${name}`);
          return field;
        }),
      ),
    );
    return {
      apply: (record) => {
        if (record.valueSchema === null) {
          const value = requireMap(record.value, PURPOSE);
          const key = new Map(fields.map((name) => [name, value.get(name) ?? null]));
          return { ...record, keySchema: null, key };
        }
        const struct = requireStruct(record.value, record.valueSchema, PURPOSE);
        const keySchema = schemas.of(struct.schema);
        const key = checkedStruct(
          keySchema,
          fields.map((name) => valueAt(struct, placeOf(struct.schema, name), fillsIn)),
        );
        return { ...record, keySchema, key };
      },
    };
  },
});
