import { partSpec, type TransformSpec } from '../kernel/transform.ts';

export const filter: TransformSpec = partSpec({
  className: 'org.apache.kafka.connect.transforms.Filter',
  doc: 'Leaves out records: all, or with a predicate those of which it is true.',
  properties: {},
  make: () => ({ apply: () => null }),
});
