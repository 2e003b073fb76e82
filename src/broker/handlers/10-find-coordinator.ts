import { inPortions } from '../../base/portions.ts';
import { partitionFor } from '../../coordinator/partition-for.ts';
import { isCoordinatorKey } from '../../coordinator/share/share-key.ts';
import { CONSUMER_OFFSETS, SHARE_GROUP_STATE, TRANSACTION_STATE } from '../../metadata/internal-topics.ts';
import type { ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode, errorMessage, errorName } from '../../protocol/errors.ts';
import { findCoordinator } from '../../protocol/messages/10-find-coordinator.ts';
import { NO_MESSAGE } from '../../protocol/no-message.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle, type RequestInfo } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

type Coordinator = NonNullable<ResponseOf<typeof findCoordinator>['coordinators']>[number];

const GROUP = 0;
const TRANSACTION = 1;
const SHARE = 2;
/** From here on one request asks for several keys (KIP-699). */
const BATCHED_SINCE = 4;
/** From here on a request may ask for share coordinators. */
const SHARE_SINCE = 6;

const INTERNAL_TOPIC: ReadonlyMap<number, string> = new Map([
  [GROUP, CONSUMER_OFFSETS],
  [TRANSACTION, TRANSACTION_STATE],
  [SHARE, SHARE_GROUP_STATE],
]);

/**
 * FindCoordinator v0-6: the broker that leads the partition of `__consumer_offsets` that a group id hashes
 * to, or of `__transaction_state` for a transactional id. The topic is made when the first one asks. v6 finds
 * share coordinators, which is for brokers: of `__share_group_state`, by a key of group, topic id and
 * partition (KIP-932).
 */
export const findCoordinatorHandler = handle(
  findCoordinator,
  { versions: [0, 6], operations: ['CLUSTER:CLUSTER_ACTION', 'GROUP:DESCRIBE', 'TRANSACTIONAL_ID:DESCRIBE'] },
  async (context: BrokerContext, request, info): Promise<ResponseOf<typeof findCoordinator>> => {
    const keys = info.apiVersion >= BATCHED_SINCE ? request.coordinatorKeys : [request.key];
    const coordinators = await inPortions(context.world.clock, keys, (key) =>
      find(context, info, key, request.keyType),
    );
    const [first] = coordinators;
    if (info.apiVersion >= BATCHED_SINCE || !first)
      // The fields of a single coordinator are not in these versions and have to be at their defaults.
      return { errorCode: 0, nodeId: 0, host: '', port: 0, coordinators };
    const { errorCode: code, errorMessage: message, nodeId, host, port } = first;
    return { errorCode: code, errorMessage: message || wordsOf(code), nodeId, host, port };
  },
);

/** Before v4 Kafka says in words what the code says. */
function wordsOf(code: number): string {
  return code === 0 ? 'NONE' : errorMessage(errorName(code));
}

async function find(
  context: BrokerContext,
  info: RequestInfo<'CLUSTER:CLUSTER_ACTION' | 'GROUP:DESCRIBE' | 'TRANSACTIONAL_ID:DESCRIBE'>,
  key: string,
  keyType: number,
): Promise<Coordinator> {
  if (keyType === TRANSACTION && !info.authorize('DESCRIBE', 'TRANSACTIONAL_ID', key))
    return failed(key, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED');
  if (keyType === SHARE) {
    if (info.apiVersion < SHARE_SINCE) return failed(key, 'INVALID_REQUEST');
    if (!info.authorize('CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME))
      return failed(key, 'CLUSTER_AUTHORIZATION_FAILED');
    if (!isCoordinatorKey(key)) return failed(key, 'INVALID_REQUEST');
  }
  const internalTopic = INTERNAL_TOPIC.get(keyType);
  if (internalTopic === undefined) return failed(key, 'INVALID_REQUEST');
  if (keyType === GROUP && !info.authorize('DESCRIBE', 'GROUP', key))
    return failed(key, 'GROUP_AUTHORIZATION_FAILED');
  const error = await context.topicCreation.ensure(internalTopic);
  const topic = context.image().topics.byName(internalTopic);
  if (error || !topic) return failed(key, 'COORDINATOR_NOT_AVAILABLE');
  const leader = topic.partitions[partitionFor(key, topic.partitions.length)]?.leader ?? -1;
  const broker = context.image().brokers.byId(leader);
  const endpoint = broker?.endpoints.find(({ name }) => name === info.listenerName);
  if (!broker || broker.fenced || !endpoint) return failed(key, 'COORDINATOR_NOT_AVAILABLE');
  return {
    key,
    nodeId: broker.id,
    host: endpoint.host,
    port: endpoint.port,
    errorCode: 0,
    errorMessage: NO_MESSAGE,
  };
}

function failed(key: string, error: ErrorName, message = ''): Coordinator {
  return { key, nodeId: -1, host: '', port: -1, errorCode: errorCode(error), errorMessage: message };
}
