// Prints docs/kafka-apis.md from the handlers: node scripts/kafka-apis-page.ts > docs/kafka-apis.md
import { pathToFileURL } from 'node:url';
import { handlers } from '../src/broker/handlers.ts';
import { everyRight } from '../src/broker/metadata-view/authorized-operations.ts';
import type { ResourceType } from '../src/security/acl/acl.ts';
import { apiVersionsHandler, NO_FEATURES } from '../src/server/api-versions.ts';
import type { Right } from '../src/server/authorizer.ts';
import type { Handler } from '../src/server/handler.ts';
import { saslAuthenticateHandler, saslHandshakeHandler } from '../src/server/sasl/sasl-handlers.ts';

const INTRODUCTION = `# Kafka's APIs

This page is made from the handlers of the broker: \`node scripts/kafka-apis-page.ts > docs/kafka-apis.md\`.

What a broker serves to clients, in which versions, and which rights each request needs where there is an authorizer. An API that is not in this list is not advertised in
ApiVersions, so clients fall back as they do with older brokers of Apache Kafka.

`;

/** The whole page, in Markdown. */
export function kafkaApisPage(): string {
  const ofTheServer = [
    saslHandshakeHandler<unknown>(),
    saslAuthenticateHandler<unknown>(),
    apiVersionsHandler<unknown>(
      () => [],
      () => NO_FEATURES,
    ),
  ];
  const rows = [...handlers, ...ofTheServer]
    .filter(({ listeners }) => !listeners || listeners.includes('client'))
    .sort((a, b) => a.api.key - b.api.key)
    .map(row);
  return `${INTRODUCTION}| key | API | versions | rights that it asks for |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

function row({
  api,
  versions,
  operations,
}: Pick<Handler<unknown>, 'api' | 'versions' | 'operations'>): string {
  const [first, last] = versions;
  const range = first === last ? `${first}` : `${first} to ${last}`;
  return `| ${api.key} | ${api.name} | ${range} | ${rights(operations)} |`;
}

/**
 * Grouped by resource type. A handler that asks for every operation of a type does so to tell the client its
 * rights.
 */
function rights(operations: readonly Right[]): string {
  const byType = new Map<string, string[]>();
  for (const right of operations) {
    const [type = '', operation = ''] = right.split(':');
    byType.set(type, [...(byType.get(type) ?? []), operation]);
  }
  return [...byType]
    .map(([type, asked]) => {
      const every = everyRight(type as ResourceType).length === asked.length && asked.length > 1;
      return `${type}: ${every ? 'all' : asked.sort().join(', ')}`;
    })
    .sort()
    .join('; ');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.stdout.write(kafkaApisPage());
