import { CONVERTERS, converterSpec } from './converters/converters.ts';
import { behind, CONSUMER_PROPERTIES, PRODUCER_PROPERTIES } from './kernel/client-properties.ts';
import { type ConfigProblem, type ConfigProperties, readConfig } from './kernel/config.ts';
import { SINK_PROPERTIES, SOURCE_PROPERTIES } from './kernel/connector-properties.ts';
import type { ConnectorSpec } from './kernel/connector-spec.ts';
import { WORKER_PROPERTIES } from './kernel/worker-properties.ts';
import { topicProblems } from './topic-choice.ts';
import { transformNames, transformProblems } from './transforms/transform-problems.ts';

type Texts = Readonly<Record<string, string>>;

/** What is wrong with the configuration of a connector that is built in. Nothing is done. */
export function connectorProblems(spec: ConnectorSpec, texts: Texts): readonly ConfigProblem[] {
  const problems = new Problems(texts);
  const [common, client, properties] =
    spec.kind === 'sink'
      ? ([SINK_PROPERTIES, 'consumer.override.', CONSUMER_PROPERTIES] as const)
      : ([SOURCE_PROPERTIES, 'producer.override.', PRODUCER_PROPERTIES] as const);
  problems.read('', common);
  problems.claim('', spec.properties);
  if (spec.kind === 'sink') problems.add('', topicProblems(texts));
  problems.add('', spec.problems(texts));
  problems.converters();
  problems.transforms();
  problems.read(client, properties);
  return [...problems.found, ...problems.unknown('connector')];
}

/** The types of all properties that the connector has, in Kafka's words, by name. */
export function propertyTypes(spec: ConnectorSpec): ReadonlyMap<string, string> {
  const common = spec.kind === 'sink' ? SINK_PROPERTIES : SOURCE_PROPERTIES;
  return new Map(
    Object.entries({ ...common, ...spec.properties }).map(([property, { type }]) => [property, type]),
  );
}

/** What is wrong with a worker configuration for connectors that are built in. */
export function workerProblems(texts: Texts): readonly ConfigProblem[] {
  const problems = new Problems(texts);
  problems.read('', WORKER_PROPERTIES);
  problems.converters();
  problems.read('consumer.', CONSUMER_PROPERTIES);
  problems.read('producer.', PRODUCER_PROPERTIES);
  return [...problems.found, ...problems.unknown('worker of a built-in connector')];
}

/**
 * Names that no part of a configuration has a use for are problems like wrong values: nothing is accepted and
 * not obeyed.
 */
class Problems {
  readonly found: ConfigProblem[] = [];
  readonly #texts: Texts;
  readonly #known = new Set<string>();

  constructor(texts: Texts) {
    this.#texts = texts;
  }

  read(prefix: string, properties: ConfigProperties): void {
    this.claim(prefix, properties);
    this.add(prefix, readConfig(properties, behind(prefix, this.#texts)).problems);
  }

  claim(prefix: string, properties: ConfigProperties): void {
    for (const name of Object.keys(properties)) this.#known.add(`${prefix}${name}`);
  }

  add(prefix: string, problems: readonly ConfigProblem[]): void {
    for (const { property, message } of problems)
      this.found.push({
        property: `${prefix}${property}`,
        message: message.replace(property, `${prefix}${property}`),
      });
  }

  /** The properties of a converter belong to whoever names the converter. */
  converters(): void {
    for (const role of ['key.converter', 'value.converter']) {
      const name = this.#texts[role];
      const spec = name === undefined ? null : converterSpec(name);
      if (name !== undefined && spec === null)
        this.found.push({
          property: role,
          message: `Invalid value ${name} for configuration ${role}: built in are ${CONVERTERS.map(({ className }) => className).join(', ')}.`,
        });
      if (spec) this.read(`${role}.`, spec.properties);
    }
  }

  /** A name behind the alias of a transform belongs to its class. */
  transforms(): void {
    this.found.push(...transformProblems(this.#texts));
    for (const name of transformNames(this.#texts)) this.#known.add(name);
  }

  unknown(whose: string): ConfigProblem[] {
    return Object.keys(this.#texts)
      .filter((name) => !this.#known.has(name))
      .map((name) => ({
        property: name,
        message: `Unknown configuration "${name}": no part of this ${whose} has it.`,
      }));
  }
}
