import { commitError } from '../../coordinator/group/offset-commit.ts';
import { errorCode } from '../../protocol/errors.ts';
import {
  type TxnOffsetCommitResponse,
  txnOffsetCommit,
} from '../../protocol/messages/28-txn-offset-commit.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { checkPartitions, usable } from '../known-partitions.ts';

/** Before this version clients end when they hear COORDINATOR_LOAD_IN_PROGRESS. */
const LOAD_IN_PROGRESS_SINCE = 2;

/**
 * TxnOffsetCommit v0-5: offsets that count when the producer's transaction is committed. From v3 on the group's
 * generation fences old members (KIP-447).
 *
 * Not implemented: v5 without AddOffsetsToTxn before it (transaction.version 2), which clients use only where that
 * feature is finalized; v6, topics by id.
 */
export const txnOffsetCommitHandler = handle(
  txnOffsetCommit,
  { versions: [0, 5], operations: ['TRANSACTIONAL_ID:WRITE', 'GROUP:READ', 'TOPIC:READ'] },
  async (context: BrokerContext, request, info): Promise<TxnOffsetCommitResponse> => {
    if (!info.authorize('WRITE', 'TRANSACTIONAL_ID', request.transactionalId)) {
      return commitError(request.topics, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED');
    }
    if (!info.authorize('READ', 'GROUP', request.groupId)) {
      return commitError(request.topics, 'GROUP_AUTHORIZATION_FAILED');
    }
    const checked = checkPartitions(request.topics, {
      image: context.image(),
      authorize: info.authorize,
      byId: false,
    });
    const topics = usable(checked);
    const committed =
      topics.length === 0
        ? { topics: [] }
        : await context.groups.commitOffsetsInTransaction({ ...request, topics });
    const loading = errorCode('COORDINATOR_LOAD_IN_PROGRESS');
    const told = (code: number) =>
      code === loading && info.apiVersion < LOAD_IN_PROGRESS_SINCE
        ? errorCode('COORDINATOR_NOT_AVAILABLE')
        : code;
    const codes = new Map(
      committed.topics.flatMap(({ name, partitions }) =>
        partitions.map(
          ({ partitionIndex, errorCode }) => [`${name} ${partitionIndex}`, told(errorCode)] as const,
        ),
      ),
    );
    return {
      topics: checked.map(({ name, topicId, partitions }) => ({
        name,
        topicId,
        partitions: partitions.map(({ partition: { partitionIndex }, error }) => ({
          partitionIndex,
          errorCode: error ? errorCode(error) : (codes.get(`${name} ${partitionIndex}`) ?? 0),
        })),
      })),
    };
  },
);
