import { type ConfigProperty, listProperty } from '../kernel/config-property.ts';

/** A list that must name something. */
export function nonEmptyList(doc: string): ConfigProperty<readonly string[]> {
  return listProperty({
    importance: 'HIGH',
    doc,
    check: (list) => (list.length === 0 ? 'Empty list' : null),
  });
}
