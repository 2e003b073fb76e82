import { intProperty, stringProperty } from '../kernel/config-property.ts';
import { isStruct } from '../kernel/schema.ts';
import { DataError } from '../kernel/task-errors.ts';
import { keyAndValue } from './record-part.ts';
import { REPLACE_NULL } from './replace-null.ts';
import { checkedStruct, SchemaCache, valueAt } from './structs.ts';

export const setSchemaMetadata = keyAndValue({
  className: 'org.apache.kafka.connect.transforms.SetSchemaMetadata',
  doc: 'Gives the schema another name or version.',
  properties: {
    'schema.name': stringProperty({ importance: 'HIGH', doc: 'The name.', default: null }),
    'schema.version': intProperty({ importance: 'HIGH', doc: 'The version.', default: null }),
    ...REPLACE_NULL,
  },
  check: (config) =>
    config['schema.name'] === null && config['schema.version'] === null
      ? [{ property: 'schema.name', message: 'Neither schema name nor version configured.' }]
      : [],
  make: (config, part) => {
    const [name, version] = [config['schema.name'], config['schema.version']];
    const fillsIn = config['replace.null.with.default'];
    const schemas = new SchemaCache((schema) => ({
      ...schema,
      ...(name === null ? {} : { name }),
      ...(version === null ? {} : { version }),
    }));
    return {
      apply: (record) => {
        const [old, value] = [part.schemaOf(record), part.valueOf(record)];
        if (old === null && value === null) return record;
        if (old === null) throw new DataError('Schema required for [updating schema metadata]');
        // Kafka's asks every schema for its fields.
        if (old.type !== 'STRUCT') throw new DataError('Cannot list fields on non-struct type');
        const schema = schemas.of(old);
        return part.with(
          record,
          schema,
          isStruct(value)
            ? checkedStruct(
                schema,
                value.values.map((_, at) => valueAt(value, at, fillsIn)),
              )
            : value,
        );
      },
    };
  },
});
