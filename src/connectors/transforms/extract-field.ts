import { oneOfProperty, stringProperty } from '../kernel/config-property.ts';
import { pathSteps, schemaAt, valueAtPath } from './field-path.ts';
import { keyAndValue } from './record-part.ts';
import { REPLACE_NULL } from './replace-null.ts';
import { requireMap, requireStruct } from './structs.ts';

const PURPOSE = 'field extraction';

export const extractField = keyAndValue({
  className: 'org.apache.kafka.connect.transforms.ExtractField',
  doc: 'Puts one field in the place of the whole key or value.',
  properties: {
    field: stringProperty({ importance: 'MEDIUM', doc: 'The field.' }),
    ...REPLACE_NULL,
    'field.syntax.version': oneOfProperty(
      ['V1', 'V2'],
      {
        importance: 'HIGH',
        doc: 'With V2 the field may be a path: `a.b`, and `` `a.b`.c `` where names have dots.',
        default: 'V1',
      },
      true,
    ),
  },
  check: ({ field, 'field.syntax.version': version }) => {
    const path = version === 'V1' ? null : pathSteps(field);
    return path && 'at' in path
      ? [
          {
            property: 'field',
            message: `Incomplete backtick pair in path: [${field}], consider adding a backslash before backtick at position ${path.at} to escape it.`,
          },
        ]
      : [];
  },
  make: ({ field, 'field.syntax.version': version, 'replace.null.with.default': fillsIn }, part) => {
    const path = version === 'V1' ? { steps: [field] } : pathSteps(field);
    const steps = 'steps' in path ? path.steps : [field];
    return {
      apply: (record) => {
        const [schema, value] = [part.schemaOf(record), part.valueOf(record)];
        if (schema === null) {
          const map = value === null ? null : requireMap(value, PURPOSE);
          return part.with(record, null, valueAtPath(map, steps, fillsIn));
        }
        const struct = value === null ? null : requireStruct(value, schema, PURPOSE);
        const inner = schemaAt(schema, steps);
        // Kafka's is an IllegalArgumentException: no fault of the data, which all records of the topic would
        // share.
        if (inner === null) throw new Error(`Unknown field: ${field}`);
        return part.with(record, inner, valueAtPath(struct, steps, fillsIn));
      },
    };
  },
});
