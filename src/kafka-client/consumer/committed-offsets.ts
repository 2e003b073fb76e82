import { byTopic, type TopicPartition } from '../../base/topic-partition.ts';
import { errorName } from '../../protocol/errors.ts';
import { offsetCommit } from '../../protocol/messages/08-offset-commit.ts';
import { offsetFetch } from '../../protocol/messages/09-offset-fetch.ts';
import type { ClusterBrokers } from '../connections/cluster-brokers.ts';
import { type CommittedOffset, commitFields, type GroupPosition } from '../group-offsets.ts';
import { answerError, checkAnswer } from '../kafka-client-error.ts';

/** Topics by name. */
const COMMIT_VERSION_MAX = 9;
const FETCH_VERSION_MAX = 9;

/**
 * What a group has committed; without the partitions of which it has nothing. Null asks for all that it has.
 * Waits for open transactions that commit offsets.
 */
export async function committedOffsets(
  cluster: ClusterBrokers,
  groupId: string,
  partitions: readonly TopicPartition[] | null,
): Promise<CommittedOffset[]> {
  const topics =
    partitions &&
    [...byTopic(partitions)].map(([name, own]) => ({
      name,
      partitionIndexes: own.map(({ partition }) => partition),
    }));
  const what = `OffsetFetch of ${groupId}`;
  const answer = await cluster.askCoordinator(
    'group',
    groupId,
    offsetFetch,
    { groups: [{ groupId, topics }], requireStable: true },
    ({ groups }) => {
      for (const { errorCode } of groups) checkAnswer(what, errorCode);
      for (const { name, partitions: own } of groups.flatMap(({ topics: found }) => found))
        for (const { partitionIndex, errorCode } of own)
          if (errorCode !== 0)
            throw answerError(`${what} for ${name}-${partitionIndex}`, errorName(errorCode));
    },
    { atMost: FETCH_VERSION_MAX },
  );
  return (answer.groups[0]?.topics ?? []).flatMap(({ name, partitions: own }) =>
    own.flatMap(({ partitionIndex, committedOffset, committedLeaderEpoch, metadata }) =>
      committedOffset < 0
        ? []
        : [
            {
              topic: name,
              partition: partitionIndex,
              offset: Number(committedOffset),
              leaderEpoch: committedLeaderEpoch,
              metadata: metadata ?? '',
            },
          ],
    ),
  );
}

/** Resolves when the offsets are stored; rejects with the error of the first partition that has one. */
export async function commitOffsets(
  cluster: ClusterBrokers,
  group: GroupPosition,
  offsets: readonly CommittedOffset[],
): Promise<void> {
  if (offsets.length === 0) return;
  const { groupId } = group;
  await cluster.askCoordinator(
    'group',
    groupId,
    offsetCommit,
    commitFields(group, offsets),
    ({ topics }) => {
      for (const { name, partitions } of topics)
        for (const { partitionIndex, errorCode } of partitions)
          checkAnswer(`OffsetCommit of ${groupId} for ${name}-${partitionIndex}`, errorCode);
    },
    { atMost: COMMIT_VERSION_MAX },
  );
}
