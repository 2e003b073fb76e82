import { isOfNode } from '../src/library/config-option.ts';
import { authorizerConfigs } from '../src/metadata/configs/broker/authorizer-configs.ts';
import { brokerConfigs } from '../src/metadata/configs/broker-configs.ts';
import type { ConfigKey } from '../src/metadata/configs/config-key.ts';
import type { ConfigType } from '../src/metadata/configs/config-value.ts';
import { topicConfigs } from '../src/metadata/configs/topic-configs.ts';

/**
 * `node scripts/config-types.ts > src/library/config-types.ts`: the configs of the library as TypeScript
 * types.
 */

const TYPES: Readonly<Record<ConfigType, string>> = {
  BOOLEAN: 'Flag',
  STRING: 'string',
  CLASS: 'string',
  PASSWORD: 'string',
  LIST: 'string',
  INT: 'Amount',
  SHORT: 'Amount',
  LONG: 'Amount',
  DOUBLE: 'Amount',
};

export function configTypes(): string {
  const ofAuthorizer = new Set<string>(Object.values(authorizerConfigs).map(({ name }) => name));
  const brokers = [...brokerConfigs.values()].filter(
    ({ name, internal }) => (!internal || ofAuthorizer.has(name)) && !isOfNode(name),
  );
  const topics = [...topicConfigs.values()].filter(({ internal }) => !internal);
  return [
    '// Written by scripts/config-types.ts from the tables in src/metadata/configs; a test holds the two together.',
    '',
    "/** A boolean, or Kafka's text of it. */",
    "type Flag = boolean | 'true' | 'false';",
    "/** A number, or Kafka's text of it. */",
    'type Amount = number | bigint | `${number}`;',
    '',
    '/** Broker configs by their names. */',
    ...table('BrokerConfig', brokers),
    '',
    '/** Topic configs by their names. */',
    ...table('TopicConfig', topics),
    '',
  ].join('\n');
}

function table(name: string, keys: readonly ConfigKey[]): string[] {
  const lines = keys
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((key) => [
      `  /** ${key.doc}${key.fallback ? ` Default: ${key.fallback}` : ''} */`,
      `  readonly ${/^[a-z]+$/.test(key.name) ? key.name : `'${key.name}'`}?: ${TYPES[key.type]};`,
    ]);
  return [`export interface ${name} {`, ...lines, '}'];
}

if (import.meta.filename === process.argv[1]) process.stdout.write(configTypes());
