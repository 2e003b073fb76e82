import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AclOperation,
  operationCodes,
  type ResourceType,
  resourceTypeCodes,
} from '../../src/security/acl/acl.ts';
import { supportedOperations } from '../../src/security/acl/supported-operations.ts';
import type { ServedVersion } from '../fuzz/served.ts';
import {
  answerTo,
  apart,
  type BesideKafka,
  servedByBoth,
  startBesideKafka,
  withoutKafka,
} from './beside-kafka.ts';

/** What a client may do, with all resources of a type. */
interface Right {
  readonly resourceType: ResourceType;
  readonly operation: AclOperation;
}

/**
 * A client that may do nothing is refused by the first thing that a handler checks. Each of these may do
 * something, and so comes to what is checked next.
 */
interface PartlyAllowed {
  readonly name: string;
  readonly rights: readonly Right[];
  /** Where the client comes from. */
  readonly from: string;
}

const TYPES = Object.keys(resourceTypeCodes).filter(isType);
const RIGHTS = TYPES.flatMap((resourceType) =>
  supportedOperations[resourceType].map((operation): Right => ({ resourceType, operation })),
);
const CLIENTS: readonly PartlyAllowed[] = [
  ...RIGHTS.map((right) => ({ name: nameOf(right), rights: [right] })),
  ...TYPES.map((type) => ({
    name: `everything but ${type}`,
    rights: RIGHTS.filter(({ resourceType }) => resourceType !== type),
  })),
  {
    name: 'everything but TOPIC and CLUSTER',
    rights: RIGHTS.filter(({ resourceType }) => resourceType !== 'TOPIC' && resourceType !== 'CLUSTER'),
  },
].map((client, i) => ({ ...client, from: `127.0.1.${i + 1}` }));

/** Who may do something with topics or with the cluster learns of topics, as in Kafka. */
const TELLING: readonly ResourceType[] = ['TOPIC', 'CLUSTER'];

/** What is not asked because it would be carried out, and what comes after would find another cluster. */
const CARRIED_OUT: Readonly<Record<string, readonly string[]>> = {
  'TOPIC DELETE': ['DeleteTopics'],
  'CLUSTER ALTER': ['CreateAcls', 'DeleteAcls', 'UnregisterBroker'],
  'GROUP READ': ['LeaveGroup'],
  'GROUP DELETE': ['DeleteGroups'],
  'TRANSACTIONAL_ID WRITE': ['InitProducerId'],
};

let both: BesideKafka;

beforeAll(async () => {
  if (withoutKafka) return;
  both = await startBesideKafka(
    CLIENTS.flatMap(({ rights, from }) =>
      rights.map(({ resourceType, operation }) => ({
        resourceType: resourceTypeCodes[resourceType],
        resourceName: resourceType === 'CLUSTER' ? 'kafka-cluster' : '*',
        patternType: 3,
        principal: 'User:ANONYMOUS',
        host: from,
        operation: operationCodes[operation],
        permissionType: 3,
      })),
    ),
  );
});

afterAll(() => both?.stop());

/** Every client with every API, each in its newest version. */
async function* asked(): AsyncGenerator<{
  readonly name: string;
  readonly client: PartlyAllowed;
  readonly served: ServedVersion;
}> {
  const newest = new Map((await servedByBoth(both)).map((served) => [served.api.key, served]));
  for (const client of CLIENTS) {
    const carriedOut = client.rights.flatMap((right) => CARRIED_OUT[nameOf(right)] ?? []);
    for (const served of newest.values()) {
      if (carriedOut.includes(served.api.name)) continue;
      yield { name: `${served.api.name} v${served.version} with ${client.name}`, client, served };
    }
  }
}

/** The errors of an answer in their order, and whether it was one. */
function errorsIn(answer: string): string {
  return answer.startsWith('{')
    ? [...answer.matchAll(/rrorCode":"([A-Z_]+)"/g)].map(([, name]) => name).join()
    : answer;
}

describe.skipIf(withoutKafka)('somebody who may do something', () => {
  test('is refused and let through as by Apache Kafka', async () => {
    const differing: Record<string, unknown> = {};
    for await (const { name, client, served } of asked()) {
      const [here, there] = await Promise.all([
        answerTo(both.ours, served, client).then(errorsIn),
        answerTo(both.theirs, served, client).then(errorsIn),
      ]);
      if (here !== there) differing[name] = [here, there];
    }
    expect(differing).toEqual({});
  });

  test('does not learn whether a topic exists, without a right of topics or of the cluster', async () => {
    const telling: Record<string, unknown> = {};
    const nowhere = { ...both.ours.place, topic: 'nowhere' };
    for await (const { name, client, served } of asked()) {
      if (client.rights.some(({ resourceType }) => TELLING.includes(resourceType))) continue;
      const [known, unknown] = [
        await answerTo(both.ours, served, client),
        await answerTo(both.ours, served, { ...client, place: nowhere }),
      ];
      if (known !== unknown) telling[name] = apart(known, unknown);
    }
    expect(telling).toEqual({});
  });
});

function nameOf({ resourceType, operation }: Right): string {
  return `${resourceType} ${operation}`;
}

function isType(name: string): name is ResourceType {
  return name in resourceTypeCodes;
}
