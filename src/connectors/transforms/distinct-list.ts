import { type ConfigProperty, InvalidValue, listProperty } from '../kernel/config-property.ts';

interface Told {
  readonly importance: 'HIGH' | 'MEDIUM';
  readonly doc: string;
  /** Without it the list must name something. */
  readonly default?: readonly string[];
}

/**
 * A list whose texts count once each and are not empty. `name`: of the property, which Kafka's messages begin
 * with.
 */
export function distinctList(name: string, told: Told): ConfigProperty<readonly string[]> {
  const list = listProperty(told);
  return {
    ...list,
    parse(text) {
      const texts = list.parse(text);
      if (texts.length === 0 && told.default === undefined)
        throw new InvalidValue(
          `Configuration '${name}' must not be empty. Valid values include: any non-empty value`,
          true,
        );
      if (texts.includes(''))
        throw new InvalidValue(`Configuration '${name}' values must not be empty`, true);
      return [...new Set(texts)];
    },
  };
}
