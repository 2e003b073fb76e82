import { connectorProblems } from '../../connectors/connector-problems.ts';
import type { ConfigProperty } from '../../connectors/kernel/config-property.ts';
import { SINK_PROPERTIES, SOURCE_PROPERTIES } from '../../connectors/kernel/connector-properties.ts';
import type { ConnectorSpec } from '../../connectors/kernel/connector-spec.ts';

type Texts = Readonly<Record<string, string>>;

/** A property as Kafka Connect's REST interface describes it. */
interface Definition {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly default_value: string | null;
  readonly importance: string;
  readonly documentation: string;
  readonly group: string;
  readonly width: 'NONE';
  readonly display_name: string;
  readonly dependents: readonly string[];
  readonly order: number;
}

const COMMON = 'Common';

/** What `GET /connector-plugins/CLASS/config` answers of a connector that is built in. */
export function definitionsOf(spec: ConnectorSpec): readonly Definition[] {
  const common = spec.kind === 'sink' ? SINK_PROPERTIES : SOURCE_PROPERTIES;
  const own = spec.className.slice(spec.className.lastIndexOf('.') + 1);
  return [
    ...Object.entries(common).map(([name, property], order) => definition(name, property, COMMON, order)),
    ...Object.entries(spec.properties).map(([name, property], order) =>
      definition(name, property, own, order),
    ),
  ];
}

/**
 * What `PUT …/config/validate` answers: every property with its value and what is wrong with it; one that the
 * connector has no use for has no definition.
 */
export function validationOf(spec: ConnectorSpec, texts: Texts): object {
  const definitions = definitionsOf(spec);
  const errors = new Map<string, string[]>();
  for (const { property, message } of connectorProblems(spec, texts))
    errors.set(property, [...(errors.get(property) ?? []), message]);
  const known = new Map(definitions.map((one) => [one.name, one]));
  const names = [...new Set([...known.keys(), ...Object.keys(texts), ...errors.keys()])];
  const configs = names.map((name) => {
    const defined = known.get(name) ?? null;
    const given = texts[name] ?? defined?.default_value ?? null;
    const value = defined?.type === 'PASSWORD' && given !== null ? '[hidden]' : given;
    return {
      definition: defined,
      value: { name, value, recommended_values: [], errors: errors.get(name) ?? [], visible: true },
    };
  });
  return {
    name: spec.className,
    error_count: [...errors.values()].flat().length,
    groups: [...new Set(definitions.map(({ group }) => group))],
    configs,
  };
}

function definition(
  name: string,
  property: ConfigProperty<unknown>,
  group: string,
  order: number,
): Definition {
  const { type, importance, doc } = property;
  return {
    ...{ name, type, required: property.default === undefined, default_value: defaultText(property) },
    ...{ importance, documentation: doc, group, width: 'NONE', display_name: name, dependents: [], order },
  };
}

function defaultText({ type, default: preset }: ConfigProperty<unknown>): string | null {
  if (preset === undefined || preset === null) return null;
  if (type === 'PASSWORD') return '[hidden]';
  return Array.isArray(preset) ? preset.join() : String(preset);
}
