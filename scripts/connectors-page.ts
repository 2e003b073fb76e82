// Prints docs/connectors.md from the specs of built-in connectors:
// node scripts/connectors-page.ts > docs/connectors.md
import { pathToFileURL } from 'node:url';
import { CATALOGUE } from '../src/connectors/catalogue.ts';
import { CONVERTERS } from '../src/connectors/converters/converters.ts';
import { CONSUMER_PROPERTIES, PRODUCER_PROPERTIES } from '../src/connectors/kernel/client-properties.ts';
import type { ConfigProperties } from '../src/connectors/kernel/config.ts';
import {
  CONNECTOR_PROPERTIES,
  SINK_PROPERTIES,
  SOURCE_PROPERTIES,
} from '../src/connectors/kernel/connector-properties.ts';
import { PREDICATES } from '../src/connectors/predicates/predicates.ts';
import { TRANSFORMS } from '../src/connectors/transforms/transforms.ts';

const INTRODUCTION = `# Built-in connectors

This page is made from the specs in \`src/connectors\`: \`node scripts/connectors-page.ts > docs/connectors.md\`. [connect.md](connect.md) says how they are run.

A property without a default must be given. Every other property is refused by its name.
`;

interface Described {
  readonly className: string;
  readonly doc: string;
  readonly properties: ConfigProperties;
}

/** The whole page, in Markdown. */
export function connectorsPage(): string {
  return [
    INTRODUCTION,
    section('Every connector', CONNECTOR_PROPERTIES),
    section('Every sink', without(SINK_PROPERTIES, CONNECTOR_PROPERTIES)),
    section('Every source', without(SOURCE_PROPERTIES, CONNECTOR_PROPERTIES)),
    section('Consumers of sinks, behind `consumer.override.`', CONSUMER_PROPERTIES),
    section('Producers of sources, behind `producer.override.`', PRODUCER_PROPERTIES),
    '## Connectors\n',
    ...CATALOGUE.map((spec) =>
      described(spec, ` Also: ${spec.aliases.map((alias) => `\`${alias}\``).join(', ')}.`),
    ),
    '## Converters, by `key.converter` and `value.converter`\n',
    ...CONVERTERS.map((spec) => described(spec)),
    '## Transforms, by `transforms.NAME.type`\n',
    // The `$Key` and `$Value` variants of a class differ only in the part of the record that they change.
    ...TRANSFORMS.filter(({ className }) => !className.endsWith('$Value')).map((spec) =>
      described({ ...spec, className: spec.className.replace(/\$Key$/, '$Key, …$Value') }),
    ),
    '## Predicates, by `predicates.NAME.type`\n',
    ...PREDICATES.map((spec) => described(spec)),
  ].join('\n');
}

function without(all: ConfigProperties, others: ConfigProperties): ConfigProperties {
  return Object.fromEntries(Object.entries(all).filter(([name]) => !(name in others)));
}

function described({ className, doc, properties }: Described, more = ''): string {
  return [`### ${className}`, '', `${doc}${more === ' Also: .' ? '' : more}`, '', ...table(properties)].join(
    '\n',
  );
}

function section(title: string, properties: ConfigProperties): string {
  return [`## ${title}`, '', ...table(properties)].join('\n');
}

function table(properties: ConfigProperties): readonly string[] {
  const rows = Object.entries(properties).map(([name, { type, valid, default: preset, doc }]) => {
    const kind = valid === '' ? type.toLowerCase() : `${type.toLowerCase()} \`${cell(valid)}\``;
    return `| \`${name}\` | ${kind} | ${shown(preset)} | ${cell(doc)} |`;
  });
  return rows.length === 0 ? [] : ['| property | type | default | |', '|---|---|---|---|', ...rows, ''];
}

function shown(preset: unknown): string {
  if (preset === undefined) return 'must be given';
  const text = Array.isArray(preset) ? preset.join(',') : String(preset ?? '');
  return text === '' ? '' : `\`${text}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.stdout.write(connectorsPage());
