import { expect, test } from 'vitest';
import { ZERO_UUID } from '../../base/brand.ts';
import { Sfc32 } from '../../base/random.ts';
import type { RequestInfo } from '../../server/handler.ts';
import type { ControllerContext } from '../context.ts';
import { TestCluster } from '../testing/cluster.ts';
import { createTopicsHandler } from './19-create-topics.ts';
import { deleteTopicsHandler } from './20-delete-topics.ts';
import { alterConfigsHandler } from './33-alter-configs.ts';
import { createPartitionsHandler } from './37-create-partitions.ts';
import { incrementalAlterConfigsHandler } from './44-incremental-alter-configs.ts';
import { describeUserScramCredentialsHandler } from './50-describe-user-scram-credentials.ts';

/** A request of 2 MB has so many; to compare each with all others took minutes. */
const NAMES = Array.from({ length: 120_000 }, (_, i) => `name-${i}`);

const cluster = TestCluster.of(1);
const decided = async (decide: (state: TestCluster) => { answer: unknown }) => decide(cluster).answer;
const context = {
  change: decided,
  command: decided,
  mutationQuotas: { of: () => ({ admits: () => true, throttleTimeMs: 0 }) },
  topicDefaults: () => ({}),
  world: { random: new Sfc32(1), clock: { soon: setImmediate } },
} as unknown as ControllerContext;
/** Of somebody who may do nothing but describe the cluster. */
const may = (operation: string, type: string) => operation === 'DESCRIBE' && type === 'CLUSTER';
const info = { apiVersion: 6, authorize: may, allows: may } as unknown as RequestInfo;

test.each([
  [
    'CreateTopics',
    createTopicsHandler,
    {
      topics: NAMES.map((name) => ({
        name,
        numPartitions: 1,
        replicationFactor: 1,
        assignments: [],
        configs: [],
      })),
    },
  ],
  [
    'DeleteTopics',
    deleteTopicsHandler,
    { topicNames: [], topics: NAMES.map((name) => ({ name, topicId: ZERO_UUID })) },
  ],
  [
    'AlterConfigs',
    alterConfigsHandler,
    { resources: NAMES.map((resourceName) => ({ resourceType: 2, resourceName, configs: [] })) },
  ],
  [
    'CreatePartitions',
    createPartitionsHandler,
    { topics: NAMES.map((name) => ({ name, count: 2, assignments: null })) },
  ],
  [
    'IncrementalAlterConfigs',
    incrementalAlterConfigsHandler,
    { resources: NAMES.map((resourceName) => ({ resourceType: 2, resourceName, configs: [] })) },
  ],
  [
    'DescribeUserScramCredentials',
    describeUserScramCredentialsHandler,
    { users: NAMES.map((name) => ({ name })) },
  ],
] as const)('%s takes time in proportion to its length, whoever asks', async (_, handler, request) => {
  const answer: unknown = await handler.run(context, request as never, info as never);
  const lists = Object.values(answer as Record<string, unknown>).filter((value) => Array.isArray(value));
  expect(lists.map(({ length }) => length)).toEqual([NAMES.length]);
});
