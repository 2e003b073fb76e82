import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { alterReplicaLogDirs } from '../../protocol/messages/34-alter-replica-log-dirs.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

/**
 * AlterReplicaLogDirs v1-2: to which of its folders a broker moves replicas. Ours has one, so whatever lies
 * here is where it is wanted, and every other folder is unknown.
 */
export const alterReplicaLogDirsHandler = handle(
  alterReplicaLogDirs,
  { versions: [1, 2], operations: ['CLUSTER:ALTER'] },
  (context: BrokerContext, request, info) => {
    const isAllowed = info.authorize('ALTER', 'CLUSTER', 'kafka-cluster');
    const moved = (path: string, topic: string, partition: number): ErrorName => {
      if (!isAllowed) return 'CLUSTER_AUTHORIZATION_FAILED';
      if (path !== context.replicas.logs.path) return 'LOG_DIR_NOT_FOUND';
      return context.replicas.find(topic, partition) ? 'NONE' : 'REPLICA_NOT_AVAILABLE';
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
