import { expect, test } from 'vitest';
import { ZERO_UUID } from '../../base/brand.ts';
import type { EncodableMetadataRecord } from '../../metadata/records.ts';
import { errorName } from '../../protocol/errors.ts';
import type { RequestInfo } from '../../server/handler.ts';
import type { ControllerContext } from '../context.ts';
import { TestCluster } from '../testing/cluster.ts';
import { createTopicsHandler } from './19-create-topics.ts';
import { deleteTopicsHandler } from './20-delete-topics.ts';
import { alterConfigsHandler } from './33-alter-configs.ts';
import { incrementalAlterConfigsHandler } from './44-incremental-alter-configs.ts';
import { alterClientQuotasHandler } from './49-alter-client-quotas.ts';
import { alterUserScramCredentialsHandler } from './51-alter-user-scram-credentials.ts';

/** Kafka's MAX_RECORDS_PER_USER_OP, and what it answers to more (EventHandlerExceptionInfo). */
const MOST = 10_000;
const REFUSED = 'POLICY_VIOLATION Unable to perform excessively large batch operation.';

const filled = TestCluster.of(1);
filled.replay(
  names(MOST + 1).flatMap((name, i): EncodableMetadataRecord[] => [
    { type: 'TopicRecord', name, topicId: Buffer.from(`topic-${i}`.padEnd(16, '.')).toString('base64url') },
  ]),
);

function names(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `name-${i}`);
}

/** A controller that decides on this cluster, and changes nothing. */
class Deciding {
  records: readonly EncodableMetadataRecord[] = [];
  turns = 0;

  context(): ControllerContext {
    return {
      change: async (
        decide: (state: TestCluster) => {
          records: readonly EncodableMetadataRecord[];
          answer: unknown;
        },
      ) => {
        const { records, answer } = decide(filled);
        this.records = records;
        return answer;
      },
      mutationQuotas: { of: () => ({ admits: () => true, throttleTimeMs: 0 }) },
      topicDefaults: () => ({ numPartitions: 1, replicationFactor: 1 }),
      world: {
        random: filled.random,
        clock: {
          soon: (run: () => void) => {
            this.turns++;
            setImmediate(run);
          },
        },
      },
    } as unknown as ControllerContext;
  }
}

const may = () => true;
const info = { apiVersion: 6, authorize: may, allows: may } as unknown as RequestInfo;

async function outcomes(
  deciding: Deciding,
  handler: { run(context: ControllerContext, request: never, info: never): unknown },
  request: unknown,
): Promise<Set<string>> {
  const answer = (await handler.run(deciding.context(), request as never, info as never)) as Record<
    string,
    unknown
  >;
  const all = Object.values(answer).find((value) => Array.isArray(value)) as {
    readonly errorCode: number;
    readonly errorMessage: string | null;
  }[];
  return new Set(all.map((one) => `${errorName(one.errorCode)} ${one.errorMessage}`));
}

const salted = { iterations: 4096, salt: Buffer.from('salt'), saltedPassword: Buffer.alloc(32, 1) };
const setting = { name: 'consumer.session.timeout.ms', value: '46000', configOperation: 0 };

test.each([
  [
    'AlterClientQuotas',
    alterClientQuotasHandler,
    (count: number) => ({
      entries: names(count).map((entityName) => ({
        entity: [{ entityType: 'user', entityName }],
        ops: [{ key: 'producer_byte_rate', value: 1000, remove: false }],
      })),
    }),
  ],
  [
    'AlterUserScramCredentials',
    alterUserScramCredentialsHandler,
    (count: number) => ({
      deletions: [],
      upsertions: names(count).map((name) => ({ name, mechanism: 1, ...salted })),
    }),
  ],
  [
    'AlterConfigs',
    alterConfigsHandler,
    (count: number) => ({
      resources: names(count).map((resourceName) => ({ resourceType: 32, resourceName, configs: [setting] })),
    }),
  ],
  [
    'IncrementalAlterConfigs',
    incrementalAlterConfigsHandler,
    (count: number) => ({
      resources: names(count).map((resourceName) => ({ resourceType: 32, resourceName, configs: [setting] })),
    }),
  ],
  [
    'IncrementalAlterConfigs of one resource',
    incrementalAlterConfigsHandler,
    (count: number) => ({
      resources: [
        {
          resourceType: 4,
          resourceName: '',
          configs: names(count).map((name) => ({ name, value: '1', configOperation: 0 })),
        },
      ],
    }),
  ],
  [
    'DeleteTopics',
    deleteTopicsHandler,
    (count: number) => ({
      topicNames: [],
      topics: names(count).map((name) => ({ name, topicId: ZERO_UUID })),
    }),
  ],
] as const)('%s makes 10,000 records at most, or none', async (_, handler, request) => {
  const most = new Deciding();
  expect(await outcomes(most, handler, request(MOST))).toEqual(new Set(['NONE null']));
  expect(most.records).toHaveLength(MOST);
  const more = new Deciding();
  expect(await outcomes(more, handler, request(MOST + 1))).toEqual(new Set([REFUSED]));
  expect(more.records).toEqual([]);
});

const topic = { numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };

// ReplicationControlManager.createTopics of Kafka 4.3.1: its first topics were created here, and the rest
// not.
test.each([
  [
    '10,001 partitions',
    [
      { ...topic, name: 'large', numPartitions: MOST },
      { ...topic, name: 'small' },
    ],
  ],
  ['10,001 partitions by default', names(MOST + 1).map((name) => ({ ...topic, name, numPartitions: -1 }))],
  [
    '10,001 partitions, some of a topic that cannot be',
    [
      { ...topic, name: 'no name', numPartitions: MOST },
      { ...topic, name: 'small' },
    ],
  ],
] as const)('no topic is created of a request with %s', async (_, topics) => {
  const deciding = new Deciding();
  expect(await outcomes(deciding, createTopicsHandler, { topics })).toEqual(
    new Set(['POLICY_VIOLATION Excessively large number of partitions per request.']),
  );
  expect(deciding.records).toEqual([]);
});

test('no topic is created of a request that would make more than 10,000 records', async () => {
  const deciding = new Deciding();
  const topics = names(MOST / 2 + 1).map((name) => ({ ...topic, name: `new-${name}` }));
  expect(await outcomes(deciding, createTopicsHandler, { topics })).toEqual(new Set([REFUSED]));
  expect(deciding.records).toEqual([]);
});

/** So many are worked out in one turn of the event loop at most. */
const EACH_TURN = 500;

// 5,000 topics took 0.3 s, and 9,000 credentials as long, in which the controller served nobody else.
test.each([
  [
    'configs of created topics',
    createTopicsHandler,
    {
      topics: names(4000).map((name) => ({
        ...{ name: `new-${name}`, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] },
      })),
    },
    4000,
  ],
  [
    'credentials',
    alterUserScramCredentialsHandler,
    { deletions: [], upsertions: names(MOST).map((name) => ({ name, mechanism: 2, ...salted })) },
    MOST,
  ],
] as const)('others are served between %s', async (_, handler, request, count) => {
  const deciding = new Deciding();
  expect(await outcomes(deciding, handler, request)).toEqual(new Set(['NONE null']));
  expect(deciding.turns).toBeGreaterThanOrEqual(count / EACH_TURN);
});
