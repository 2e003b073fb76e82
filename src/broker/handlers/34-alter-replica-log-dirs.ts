import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { alterReplicaLogDirs } from '../../protocol/messages/34-alter-replica-log-dirs.ts';
import { Partition } from '../../replication/partition.ts';
import { handle } from '../../server/handler.ts';
import { leavesRoomForFuture } from '../../storage/partition-folder.ts';
import type { BrokerContext } from '../context.ts';

/**
 * AlterReplicaLogDirs v1-2: to which of its folders a broker moves replicas. Ours has one, so whatever lies
 * here is where it is wanted, and every other folder is unknown. Errors come in Kafka's order: a topic whose
 * name is too long for a second folder, the folder, the topic, the replica.
 */
export const alterReplicaLogDirsHandler = handle(
  alterReplicaLogDirs,
  { versions: [1, 2], operations: ['CLUSTER:ALTER'] },
  ({ replicas }: MovingContext, request, info) => {
    const isAllowed = info.authorize('ALTER', 'CLUSTER', 'kafka-cluster');
    const moved = (path: string, topic: string, partition: number): ErrorName => {
      if (!isAllowed) return 'CLUSTER_AUTHORIZATION_FAILED';
      if (!leavesRoomForFuture({ topic, partition })) return 'INVALID_TOPIC_EXCEPTION';
      if (path !== replicas.logs.path) return 'LOG_DIR_NOT_FOUND';
      const replica = replicas.lookup(topic, partition);
      if (replica instanceof Partition) return 'NONE';
      return replica.error === 'NOT_LEADER_OR_FOLLOWER' ? 'REPLICA_NOT_AVAILABLE' : replica.error;
    };
    return {
      throttleTimeMs: 0,
      results: request.dirs.flatMap(({ path, topics }) =>
        topics.map(({ name, partitions }) => ({
          topicName: name,
          partitions: partitions.map((partitionIndex) => ({
            partitionIndex,
            errorCode: errorCode(moved(path, name, partitionIndex)),
          })),
        })),
      ),
    };
  },
);

interface MovingContext {
  readonly replicas: Pick<BrokerContext['replicas'], 'lookup'> & {
    readonly logs: Pick<BrokerContext['replicas']['logs'], 'path'>;
  };
}
