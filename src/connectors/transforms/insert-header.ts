import { stringProperty } from '../kernel/config-property.ts';
import { partSpec, type TransformSpec } from '../kernel/transform.ts';
import { literalOf } from './header-literal.ts';

export const insertHeader: TransformSpec = partSpec({
  className: 'org.apache.kafka.connect.transforms.InsertHeader',
  doc: 'Adds a header with a fixed value.',
  properties: {
    header: stringProperty({ importance: 'HIGH', doc: 'The name of the header.' }),
    'value.literal': stringProperty({
      importance: 'HIGH',
      doc: 'Its value: a number, true, false, null, a date or a time as ISO 8601 writes them, or else text.',
    }),
  },
  make: ({ header: key, 'value.literal': literal }) => {
    const header = { key, ...literalOf(literal) };
    return { apply: (record) => ({ ...record, headers: [...record.headers, header] }) };
  },
});
