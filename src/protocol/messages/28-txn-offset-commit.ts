import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, exactOffset, int16, int32, offset, string, uuid } from '../field.ts';

/**
 * Offsets that count when the transaction commits. 3: fenced by the group's generation (KIP-447). 5: without
 * AddOffsetsToTxn before it (KIP-890). 6: topics by id.
 */
export const txnOffsetCommit = api({
  name: 'TxnOffsetCommit',
  key: 28,
  versions: [0, 6],
  flexible: 3,
  request: {
    transactionalId: string,
    groupId: string,
    producerId: offset,
    producerEpoch: int16,
    generationIdOrMemberEpoch: int32.since(3).default(-1),
    memberId: string.since(3).default(''),
    groupInstanceId: string.nullable().since(3).default(null),
    topics: array({
      name: string.between(0, 5).ignorable(),
      topicId: uuid.since(6).ignorable(),
      partitions: array({
        partitionIndex: int32,
        committedOffset: exactOffset,
        committedLeaderEpoch: int32.since(2).default(-1).ignorable(),
        committedMetadata: string.nullable(),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32.default(0),
    topics: array({
      name: string.between(0, 5).ignorable(),
      topicId: uuid.since(6).ignorable(),
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
      }),
    }),
  },
});

export type TxnOffsetCommitRequest = RequestOf<typeof txnOffsetCommit>;
export type TxnOffsetCommitResponse = ResponseOf<typeof txnOffsetCommit>;
