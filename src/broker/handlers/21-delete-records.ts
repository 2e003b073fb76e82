import type { Offset } from '../../base/brand.ts';
import type { Clock } from '../../base/clock.ts';
import { INTERNAL_TOPICS } from '../../metadata/internal-topics.ts';
import type { ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { deleteRecords } from '../../protocol/messages/21-delete-records.ts';
import { Partition } from '../../replication/partition.ts';
import { handle, type RequestInfo } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

type PartitionResponse = ResponseOf<typeof deleteRecords>['topics'][number]['partitions'][number];

/** Asks to delete everything that is committed. */
const TO_HIGH_WATERMARK = -1;
const NO_OFFSET: Offset = -1;

/**
 * DeleteRecords v0-2: moves the start of a partition's log up to an offset at or below the high watermark.
 * Topics that are only compacted refuse (POLICY_VIOLATION), since what they keep is not for age to decide.
 * Internal topics refuse (INVALID_TOPIC_EXCEPTION): coordinators keep their state in them.
 *
 * A partition is answered when the logs of all its replicas whose brokers are there begin at the offset, so
 * that no new leader brings the records back; after `timeoutMs` with REQUEST_TIMED_OUT.
 */
export const deleteRecordsHandler = handle(
  deleteRecords,
  { versions: [0, 2], operations: ['TOPIC:DELETE'] },
  async (context: DeletionContext, request, info) => {
    const waitMs = Math.max(0, Math.min(request.timeoutMs, info.waitMsMax));
    const deadline = context.world.clock.monotonic() + waitMs;
    const remove = (topic: string, index: number, offset: number): Outcome | Promise<Outcome> => {
      if (!info.authorize('DELETE', 'TOPIC', topic)) return failed('TOPIC_AUTHORIZATION_FAILED');
      const partition = context.replicas.lookup(topic, index);
      if (!(partition instanceof Partition)) return failed(partition.error);
      if (INTERNAL_TOPICS.has(topic)) return failed('INVALID_TOPIC_EXCEPTION');
      if (!partition.isLeader) return failed('NOT_LEADER_OR_FOLLOWER');
      const { log } = partition;
      if (!log.config.cleanupPolicy.includes('delete') && log.config.cleanupPolicy.length > 0)
        return failed('POLICY_VIOLATION');
      const to = offset === TO_HIGH_WATERMARK ? log.highWatermark : offset;
      if (to < 0 || to > log.highWatermark) return failed('OFFSET_OUT_OF_RANGE');
      log.trimming.deleteSegmentsBelow(to);
      return deletedEverywhere(context.world.clock, { partition, to, deadline }, info);
    };
    const topics = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, offset }) => ({
        partitionIndex,
        outcome: remove(name, partitionIndex, offset),
      })),
    }));
    return {
      throttleTimeMs: 0,
      topics: await Promise.all(
        topics.map(async ({ name, partitions }) => ({
          name,
          partitions: await Promise.all(
            partitions.map(
              async ({ partitionIndex, outcome }): Promise<PartitionResponse> => ({
                partitionIndex,
                ...(await outcome),
              }),
            ),
          ),
        })),
      ),
    };
  },
);

interface DeletionContext {
  readonly world: Pick<BrokerContext['world'], 'clock'>;
  readonly replicas: Pick<BrokerContext['replicas'], 'lookup'>;
}

type Outcome = Omit<PartitionResponse, 'partitionIndex'>;

function failed(error: ErrorName): Outcome {
  return { lowWatermark: NO_OFFSET, errorCode: errorCode(error) };
}

/** `deadline`: of the monotonic clock, in milliseconds. A client that has disconnected waits no more. */
function deletedEverywhere(
  clock: Clock,
  waiting: { readonly partition: Partition; readonly to: Offset; readonly deadline: number },
  info: Pick<RequestInfo, 'afterWrite'>,
): Outcome | Promise<Outcome> {
  const { partition, to, deadline } = waiting;
  const lowWatermark = partition.lowWatermark;
  if (lowWatermark >= to) return { lowWatermark, errorCode: 0 };
  return new Promise((resolve) => {
    const giveUp = () => {
      timer.cancel();
      stop();
      resolve({ lowWatermark, errorCode: errorCode('REQUEST_TIMED_OUT') });
    };
    const timer = clock.after(Math.max(0, deadline - clock.monotonic()), giveUp);
    const stop = partition.deletions.add(to, (error) => {
      timer.cancel();
      resolve(error ? failed(error) : { lowWatermark: partition.lowWatermark, errorCode: 0 });
    });
    info.afterWrite(giveUp);
  });
}
