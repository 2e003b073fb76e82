import type { ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { deleteRecords } from '../../protocol/messages/21-delete-records.ts';
import { Partition } from '../../replication/partition.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

type PartitionResponse = ResponseOf<typeof deleteRecords>['topics'][number]['partitions'][number];

/** Asks to delete everything that is committed. */
const TO_HIGH_WATERMARK = -1;

/**
 * DeleteRecords v0-2: moves the start of a partition's log up to an offset at or below the high watermark.
 * Topics that are only compacted refuse (POLICY_VIOLATION), since what they keep is not for age to decide.
 *
 * Not implemented: waiting until every follower has moved its own start too; followers do so with their next
 * fetch.
 */
export const deleteRecordsHandler = handle(
  deleteRecords,
  { versions: [0, 2], operations: ['TOPIC:DELETE'] },
  (context: BrokerContext, request, info) => ({
    throttleTimeMs: 0,
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, offset }): PartitionResponse => {
        const failed = (error: ErrorName) => ({
          partitionIndex,
          lowWatermark: -1,
          errorCode: errorCode(error),
        });
        if (!info.authorize('DELETE', 'TOPIC', name)) return failed('TOPIC_AUTHORIZATION_FAILED');
        const partition = context.replicas.lookup(name, partitionIndex);
        if (!(partition instanceof Partition)) return failed(partition.error);
        if (!partition.isLeader) return failed('NOT_LEADER_OR_FOLLOWER');
        const { log } = partition;
        if (!log.config.cleanupPolicy.includes('delete') && log.config.cleanupPolicy.length > 0)
          return failed('POLICY_VIOLATION');
        const to = offset === TO_HIGH_WATERMARK ? log.highWatermark : offset;
        if (to < 0 || to > log.highWatermark) return failed('OFFSET_OUT_OF_RANGE');
        log.trimming.deleteSegmentsBelow(to);
        return { partitionIndex, lowWatermark: log.logStartOffset, errorCode: 0 };
      }),
    })),
  }),
);
