import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import type { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/messages/08-offset-commit.ts';
import type { GroupRecord } from './records.ts';

type Topics = OffsetCommitRequest['topics'];
type TopicsAnswer = OffsetCommitResponse['topics'];

/** The records of a commit that the group takes, and the answer for each partition. */
export function commitOffsets(
  request: Pick<OffsetCommitRequest, 'groupId' | 'topics'> & { readonly retentionTimeMs: number },
  limits: { readonly now: number; readonly metadataMaxBytes: number },
): { records: GroupRecord[]; topics: TopicsAnswer } {
  const { groupId, retentionTimeMs } = request;
  const records: GroupRecord[] = [];
  const topics = request.topics.map(({ name, topicId, partitions }) => ({
    name,
    topicId,
    partitions: partitions.map((partition) => {
      const { partitionIndex, committedMetadata } = partition;
      if ((committedMetadata ?? '').length > limits.metadataMaxBytes) {
        return { partitionIndex, errorCode: errorCode('OFFSET_METADATA_TOO_LARGE') };
      }
      records.push({
        type: 'OffsetCommit',
        key: { group: groupId, topic: name, partition: partitionIndex },
        value: {
          topicId: topicId,
          offset: partition.committedOffset,
          leaderEpoch: partition.committedLeaderEpoch,
          metadata: committedMetadata ?? '',
          commitTimestamp: limits.now,
          expireTimestamp: retentionTimeMs === -1 ? -1 : limits.now + retentionTimeMs,
        },
      });
      return { partitionIndex, errorCode: 0 };
    }),
  }));
  return { records, topics };
}

/** The same error for every partition asked for. */
export function commitError(topics: Topics, error: ErrorName): OffsetCommitResponse {
  return {
    topics: topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: errorCode(error) })),
    })),
  };
}
