import { partSpec, type TransformSpec } from '../kernel/transform.ts';
import { distinctList } from './distinct-list.ts';

export const dropHeaders: TransformSpec = partSpec({
  className: 'org.apache.kafka.connect.transforms.DropHeaders',
  doc: 'Removes headers.',
  properties: { headers: distinctList('headers', { importance: 'HIGH', doc: 'The names of the headers.' }) },
  make: (config) => {
    const names = new Set(config.headers);
    return {
      apply: (record) => ({ ...record, headers: record.headers.filter(({ key }) => !names.has(key)) }),
    };
  },
});
