import { CONSUMER_OFFSETS } from '../../metadata/internal-topics.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { addOffsetsToTxn } from '../../protocol/messages/25-add-offsets-to-txn.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

/** Before this version clients do not know PRODUCER_FENCED. */
const PRODUCER_FENCED_SINCE = 2;

/**
 * AddOffsetsToTxn v0-4: the partition of `__consumer_offsets` that holds the group's offsets becomes part of
 * the transaction; TxnOffsetCommit to the group's coordinator follows.
 */
export const addOffsetsToTxnHandler = handle(
  addOffsetsToTxn,
  { versions: [0, 4], operations: ['TRANSACTIONAL_ID:WRITE', 'GROUP:READ'] },
  async (context: BrokerContext, request, info) => {
    const { transactionalId, groupId, producerId, producerEpoch } = request;
    const answer = (error: ErrorName | null) => ({ errorCode: errorCode(error ?? 'NONE') });
    if (!info.authorize('WRITE', 'TRANSACTIONAL_ID', transactionalId)) {
      return answer('TRANSACTIONAL_ID_AUTHORIZATION_FAILED');
    }
    if (!info.authorize('READ', 'GROUP', groupId)) return answer('GROUP_AUTHORIZATION_FAILED');
    if (await context.topicCreation.ensure(CONSUMER_OFFSETS)) return answer('COORDINATOR_NOT_AVAILABLE');
    const error = await context.transactions.addPartitions(transactionalId, {
      producerId,
      producerEpoch,
      partitions: [{ topic: CONSUMER_OFFSETS, partition: context.groups.runtime.partitionFor(groupId) }],
      transactionVersion: 0,
    });
    const fenced = error === 'PRODUCER_FENCED' && info.apiVersion < PRODUCER_FENCED_SINCE;
    return answer(fenced ? 'INVALID_PRODUCER_EPOCH' : error);
  },
);
