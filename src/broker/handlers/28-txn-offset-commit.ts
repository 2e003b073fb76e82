import { commitError } from '../../coordinator/group/offset-commit.ts';
import { CONSUMER_OFFSETS } from '../../metadata/internal-topics.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import {
  type TxnOffsetCommitRequest,
  type TxnOffsetCommitResponse,
  txnOffsetCommit,
} from '../../protocol/messages/28-txn-offset-commit.ts';
import { handle, type RequestInfo } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { answerPartitions, checkPartitions, usable } from '../metadata-view/known-partitions.ts';

/** Before this version clients end when they hear COORDINATOR_LOAD_IN_PROGRESS. */
const LOAD_IN_PROGRESS_SINCE = 2;
/** From here on clients know TRANSACTION_ABORTABLE. */
const ABORTABLE_SINCE = 4;
/** From here on producers do not send AddOffsetsToTxn. */
const ADDS_PARTITION_SINCE = 5;

/**
 * TxnOffsetCommit v0-5: offsets that count when the producer's transaction is committed. From v3 on the
 * group's generation fences old members (KIP-447). The transaction's coordinator is asked whether the group's
 * partition of `__consumer_offsets` is in it; from v5 on it becomes part of it that way, without
 * AddOffsetsToTxn (KIP-890).
 *
 * Not implemented: v6, topics by id.
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
      topics.length === 0 ? { topics: [] } : await commit(context, info, { ...request, topics });
    return { topics: toldInVersion(answerPartitions(checked, committed.topics), info.apiVersion) };
  },
);

function toldInVersion(
  topics: TxnOffsetCommitResponse['topics'],
  apiVersion: number,
): TxnOffsetCommitResponse['topics'] {
  if (apiVersion >= LOAD_IN_PROGRESS_SINCE) return topics;
  const loading = errorCode('COORDINATOR_LOAD_IN_PROGRESS');
  return topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((partition) =>
      partition.errorCode === loading
        ? { ...partition, errorCode: errorCode('COORDINATOR_NOT_AVAILABLE') }
        : partition,
    ),
  }));
}

async function commit(
  context: BrokerContext,
  info: RequestInfo,
  request: TxnOffsetCommitRequest,
): Promise<TxnOffsetCommitResponse> {
  const place = { topic: CONSUMER_OFFSETS, partition: context.groups.runtime.partitionFor(request.groupId) };
  // Who does not coordinate the group does not ask about its partition, but says so.
  if (!context.groups.runtime.isActive(place.partition))
    return context.groups.offsets.commitInTransaction(request);
  const add = info.apiVersion >= ADDS_PARTITION_SINCE;
  const admission = await context.transactionPartitions.admit(request, place, { add, retries: false });
  if ('error' in admission)
    return commitError(request.topics, admissionRefusal(admission.error, info.apiVersion));
  if (!admission.holds()) return commitError(request.topics, 'INVALID_TXN_STATE');
  return context.groups.offsets.commitInTransaction(request);
}

function admissionRefusal(error: ErrorName, apiVersion: number): ErrorName {
  switch (error) {
    // Retried by every client, and under this name.
    case 'NETWORK_EXCEPTION':
      return 'COORDINATOR_LOAD_IN_PROGRESS';
    case 'PRODUCER_FENCED':
      return 'INVALID_PRODUCER_EPOCH';
    case 'TRANSACTION_ABORTABLE':
      return apiVersion >= ABORTABLE_SINCE ? error : 'INVALID_TXN_STATE';
    default:
      return error;
  }
}
