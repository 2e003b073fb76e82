import { oneOfProperty } from '../kernel/config-property.ts';
import type { ConnectHeader } from '../kernel/connect-record.ts';
import { DataError } from '../kernel/task-errors.ts';
import { nonEmptyList } from './non-empty-list.ts';
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

export const headerFrom = keyAndValue({
  className: 'org.apache.kafka.connect.transforms.HeaderFrom',
  doc: 'Copies fields into headers, or moves them there.',
  properties: {
    fields: nonEmptyList('The fields.'),
    headers: nonEmptyList('The names of their headers, in the same order.'),
    operation: oneOfProperty(['move', 'copy'], {
      importance: 'HIGH',
      doc: 'Whether the fields are gone from the key or value then.',
    }),
    ...REPLACE_NULL,
  },
  check: ({ fields, headers }) =>
    fields.length === headers.length
      ? []
      : [
          {
            property: 'headers',
            message: "'fields' config must have the same number of elements as 'headers' config.",
          },
        ],
  make: ({ fields, headers, operation, 'replace.null.with.default': fillsIn }, part) => {
    const moves = operation === 'move';
    const purpose = `header ${operation}`;
    const moved = new Set(moves ? fields : []);
    const schemas = new SchemaCache((schema) =>
      structLike(
        schema,
        (schema.fields ?? []).filter(({ name }) => !moved.has(name)),
      ),
    );
    return {
      apply: (record) => {
        const [schema, value] = [part.schemaOf(record), part.valueOf(record)];
        if (schema === null) {
          const map = requireMap(value, purpose);
          const added = fields.map(
            (name, index): ConnectHeader => ({
              ...{ key: headers[index] ?? '', schema: null },
              value: map.get(name) ?? null,
            }),
          );
          const left = new Map([...map].filter(([name]) => !moved.has(String(name))));
          return { ...part.with(record, null, left), headers: [...record.headers, ...added] };
        }
        const struct = requireStruct(value, schema, purpose);
        const added = fields.map((name, index): ConnectHeader => {
          const at = placeOf(struct.schema, name);
          const field = struct.schema.fields?.[at];
          if (!field) throw new DataError(`Field does not exist: ${name}`);
          return { key: headers[index] ?? '', value: valueAt(struct, at, fillsIn), schema: field.schema };
        });
        const left = moves ? schemas.of(schema) : schema;
        const values = (struct.schema.fields ?? []).flatMap(({ name }, at) =>
          moved.has(name) ? [] : [valueAt(struct, at, fillsIn)],
        );
        return {
          ...part.with(record, left, moves ? checkedStruct(left, values) : struct),
          headers: [...record.headers, ...added],
        };
      },
    };
  },
});
