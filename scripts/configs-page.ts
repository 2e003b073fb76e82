// Prints docs/configs.md from the tables of configs: node scripts/configs-page.ts > docs/configs.md
import { pathToFileURL } from 'node:url';
import { brokerConfigs } from '../src/metadata/configs/broker-configs.ts';
import { clientMetricsConfigs } from '../src/metadata/configs/client-metrics-configs.ts';
import type { ConfigKey } from '../src/metadata/configs/config-key.ts';
import { groupConfigs } from '../src/metadata/configs/group-configs.ts';
import { topicConfigs } from '../src/metadata/configs/topic-configs.ts';

const INTRODUCTION = `# Configs

This page is made from the tables in \`src/metadata/configs\`: \`node scripts/configs-page.ts > docs/configs.md\`.

Names, types, defaults and rules are those of Apache Kafka. The column "obeyed" says what Millrace does with a value:

* **live**: a change is in force at once, without a restart.
* **at start**: the broker reads the value when it starts. Kafka does not let these change while brokers run, either.
* **no effect**: the value is accepted, because tools and copied configurations carry it, and changes nothing, for the reason given.
* **refused**: only the default is accepted; another value is an error that gives the reason.
`;

/** The whole page, in Markdown. */
export function configsPage(): string {
  return [
    INTRODUCTION,
    section('Topics', topicConfigs),
    section('Brokers', brokerConfigs),
    section('Groups', groupConfigs),
    section('Client metrics', clientMetricsConfigs),
  ].join('\n');
}

function section(title: string, table: ReadonlyMap<string, ConfigKey>): string {
  const rows = [...table.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(row);
  return [`## ${title}`, '', '| config | default | obeyed |', '|---|---|---|', ...rows, ''].join('\n');
}

function row({ name, fallback, obedience }: ConfigKey): string {
  const shown = fallback === null || fallback === '' ? '' : `\`${fallback}\``;
  return `| \`${name}\` | ${shown} | ${obeyed(obedience)} |`;
}

function obeyed(obedience: ConfigKey['obedience']): string {
  switch (obedience.when) {
    case 'never':
      return `no effect: ${obedience.reason}`;
    case 'refused':
      return `refused: ${obedience.reason}`;
    default:
      return obedience.when;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.stdout.write(configsPage());
