import { stringProperty } from '../kernel/config-property.ts';
import { keyAndValue } from './record-part.ts';
import { checkedStruct, SchemaCache, structOf } from './structs.ts';

export const hoistField = keyAndValue({
  className: 'org.apache.kafka.connect.transforms.HoistField',
  doc: 'Makes an object with one field, which has the whole key or value.',
  properties: { field: stringProperty({ importance: 'MEDIUM', doc: 'The name of the field.' }) },
  make: ({ field: name }, part) => {
    const schemas = new SchemaCache((schema) => structOf([{ name, schema }]));
    return {
      apply: (record) => {
        const [schema, value] = [part.schemaOf(record), part.valueOf(record)];
        if (schema === null) return part.with(record, null, new Map([[name, value]]));
        const outer = schemas.of(schema);
        return part.with(record, outer, checkedStruct(outer, [value]));
      },
    };
  },
});
