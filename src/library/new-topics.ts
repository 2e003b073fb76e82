import { sleep } from '../base/clock.ts';
import type { World } from '../base/world.ts';
import { errorName } from '../protocol/errors.ts';
import { createTopics } from '../protocol/messages/19-create-topics.ts';
import { type ClusterNodes, CONTROLLER_ID, INTERNAL_HOST } from './cluster-nodes.ts';
import type { WantedTopic } from './topic-option.ts';

const TIMEOUT_MS = 30_000;
const POLL_MS = 2;

/**
 * Makes the topics that are not there; one that is there stays as it is. Resolves when every running broker
 * knows them and each partition has a leader, so that the first produce and fetch work. Rejects with the
 * sentence of the controller.
 */
export async function makeTopics(
  world: World,
  nodes: ClusterNodes,
  topics: readonly WantedTopic[],
): Promise<void> {
  if (topics.length === 0) return;
  await request(nodes, topics);
  const deadline = world.clock.monotonic() + TIMEOUT_MS;
  const awaited = topics.map(({ name }) => name);
  while (!nodes.running.every(({ image }) => awaited.every((name) => isLed(image.topics.byName(name))))) {
    if (world.clock.monotonic() > deadline)
      throw new Error(`The topics ${awaited.join(', ')} have no leaders after ${TIMEOUT_MS / 1000} s.`);
    await sleep(world.clock, POLL_MS);
  }
}

async function request(nodes: ClusterNodes, topics: readonly WantedTopic[]): Promise<void> {
  const port = nodes.controllerPort;
  if (port === null) throw new Error('The controller of this cluster does not run: no topic can be made.');
  const answer = await nodes.peers.once(
    { node: CONTROLLER_ID, host: INTERNAL_HOST, port, clientId: 'millrace-library', timeoutMs: TIMEOUT_MS },
    (connection) =>
      connection.send(createTopics, {
        topics: topics.map(({ name, partitions, replicationFactor, configs }) => ({
          name,
          numPartitions: partitions,
          replicationFactor,
          assignments: [],
          configs: [...configs],
        })),
        timeoutMs: TIMEOUT_MS,
      }),
  );
  for (const { name, errorCode, errorMessage } of answer.topics) {
    const error = errorName(errorCode);
    if (error !== 'NONE' && error !== 'TOPIC_ALREADY_EXISTS')
      throw new Error(`The topic ${name} cannot be made: ${error}${errorMessage ? `: ${errorMessage}` : ''}`);
  }
}

function isLed(
  topic: { readonly partitions: readonly ({ readonly leader: number } | undefined)[] } | undefined,
): boolean {
  return topic?.partitions.every((partition) => partition !== undefined && partition.leader !== -1) ?? false;
}
