import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, exactOffset, int16, int32, offset, string, uuid } from '../field.ts';

/**
 * 2: the oldest left. 5: no retention of its own. 6: leader epoch. 7: static members (KIP-345). 9: members of
 * the consumer protocol, with their epoch (KIP-848). 10: topics by id.
 */
export const offsetCommit = api({
  name: 'OffsetCommit',
  key: 8,
  versions: [2, 10],
  flexible: 8,
  request: {
    groupId: string,
    // -1 with an empty member id commits for a group without members.
    generationIdOrMemberEpoch: int32.default(-1).ignorable(),
    memberId: string.ignorable(),
    groupInstanceId: string.nullable().since(7).default(null),
    retentionTimeMs: offset.between(2, 4).default(-1).ignorable(),
    topics: array({
      name: string.between(2, 9).ignorable(),
      topicId: uuid.since(10).ignorable(),
      partitions: array({
        partitionIndex: int32,
        committedOffset: exactOffset,
        committedLeaderEpoch: int32.since(6).default(-1).ignorable(),
        committedMetadata: string.nullable(),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32.since(3).ignorable(),
    topics: array({
      name: string.between(2, 9).ignorable(),
      topicId: uuid.since(10).ignorable(),
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
      }),
    }),
  },
});

export type OffsetCommitRequest = RequestOf<typeof offsetCommit>;
export type OffsetCommitResponse = ResponseOf<typeof offsetCommit>;
