import { expect, test } from 'vitest';
import { Simulation } from '../../../sim/simulation.ts';
import { type ErrorName, errorName } from '../../protocol/errors.ts';
import { alterReplicaLogDirs } from '../../protocol/messages/34-alter-replica-log-dirs.ts';
import { Partition } from '../../replication/partition.ts';
import { quietHost } from '../../replication/testing/quiet-host.ts';
import { openLog } from '../../storage/testing/log-bench.ts';
import { ask } from '../testing/three-brokers.ts';
import { alterReplicaLogDirsHandler } from './34-alter-replica-log-dirs.ts';

const FOLDER = '/data/broker-1';
/** The longest that a topic may have. */
const LONG_NAME = 'x'.repeat(249);

const { world } = new Simulation(1).host('broker-1');
const replica = new Partition(world, {
  topic: 'orders',
  topicId: 'AAAAAAAAAAAAAAAAAAAAAQ',
  index: 0,
  log: openLog(world),
  host: quietHost,
});

/** A broker whose folder has `orders`; of `elsewhere` it has no replica, and of other topics it knows nothing. */
const replicas = {
  logs: { path: FOLDER },
  lookup: (topic: string): Partition | { readonly error: ErrorName } => {
    if (topic === 'orders' || topic === LONG_NAME) return replica;
    return { error: topic === 'elsewhere' ? 'NOT_LEADER_OR_FOLLOWER' : 'UNKNOWN_TOPIC_OR_PARTITION' };
  },
};

async function moved(name: string, path = FOLDER): Promise<ErrorName> {
  const request = { dirs: [{ path, topics: [{ name, partitions: [0] }] }] };
  const options = { version: 2, request };
  const { results } = await ask(alterReplicaLogDirs, alterReplicaLogDirsHandler, { replicas }, options);
  return errorName(results[0]?.partitions[0]?.errorCode ?? -1);
}

// What Apache Kafka's AlterReplicaLogDirsRequestTest and PlaintextAdminIntegrationTest.testLongTopicNames expect.
test('a replica stays in the folder in which it lies', async () => {
  expect(await moved('orders')).toBe('NONE');
});

test('a topic that nobody knows is unknown; a replica that another broker has is not here', async () => {
  expect(await moved('nowhere')).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  expect(await moved('elsewhere')).toBe('REPLICA_NOT_AVAILABLE');
});

test('a folder that the broker does not have is said before what it does not know of the topic', async () => {
  expect(await moved('orders', '/data/other')).toBe('LOG_DIR_NOT_FOUND');
  expect(await moved('nowhere', '/data/other')).toBe('LOG_DIR_NOT_FOUND');
});

test('a topic whose name leaves no room for the name of a second folder is refused, whatever the folder', async () => {
  expect(await moved(LONG_NAME)).toBe('INVALID_TOPIC_EXCEPTION');
  expect(await moved(LONG_NAME, '/data/other')).toBe('INVALID_TOPIC_EXCEPTION');
  // "x…-0.<32 hex digits>-future" has 255 characters.
  expect(await moved('x'.repeat(213))).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  expect(await moved('x'.repeat(214))).toBe('INVALID_TOPIC_EXCEPTION');
});
