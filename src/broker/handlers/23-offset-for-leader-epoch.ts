import type { ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { offsetForLeaderEpoch } from '../../protocol/messages/23-offset-for-leader-epoch.ts';
import { Partition } from '../../replication/partition.ts';
import { epochEnd } from '../../replication/replica-reader.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

type PartitionResponse = ResponseOf<typeof offsetForLeaderEpoch>['topics'][number]['partitions'][number];

/**
 * OffsetForLeaderEpoch v2-4: where the records of a leader epoch end in this leader's log, by which a client
 * finds that what it read was cut off (KIP-320). The largest epoch at or before the one asked for; -1, -1
 * when none is known.
 */
export const offsetForLeaderEpochHandler = handle(
  offsetForLeaderEpoch,
  {
    versions: [2, 4],
    operations: ['CLUSTER:CLUSTER_ACTION', 'TOPIC:DESCRIBE'],
    listeners: ['client', 'replication'],
    claims: ({ replicaId }) => replicaId,
  },
  (context: BrokerContext, request, info) => {
    // Brokers were the first to ask this, and the right to act as one is still enough.
    const maySeeAll = info.allows('CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME);
    const maySee = (topic: string) => maySeeAll || info.authorize('DESCRIBE', 'TOPIC', topic);
    return {
      throttleTimeMs: 0,
      topics: request.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map((asked): PartitionResponse => {
          const failed = (error: ErrorName) => ({ partition: asked.partition, errorCode: errorCode(error) });
          if (!maySee(topic)) return failed('TOPIC_AUTHORIZATION_FAILED');
          const partition = context.replicas.lookup(topic, asked.partition);
          if (!(partition instanceof Partition)) return failed(partition.error);
          const error = partition.checkLeaderEpoch(asked.currentLeaderEpoch);
          if (error) return failed(error);
          if (!partition.isLeader) return failed('NOT_LEADER_OR_FOLLOWER');
          const end = epochEnd(partition, asked.leaderEpoch);
          return {
            partition: asked.partition,
            errorCode: 0,
            leaderEpoch: end?.epoch ?? -1,
            endOffset: end?.endOffset ?? -1,
          };
        }),
      })),
    };
  },
);
