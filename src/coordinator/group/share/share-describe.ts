import type { TopicsImage } from '../../../metadata/topics.ts';
import { type ErrorName, errorCode } from '../../../protocol/errors.ts';
import type { ShareGroupDescribeResponse } from '../../../protocol/messages/77-share-group-describe.ts';
import { topicPartitionsOf } from '../consumer/assignment.ts';
import type { ShareGroup } from './share-group.ts';
import { SIMPLE_ASSIGNOR } from './simple-assignor.ts';

export type DescribedShareGroup = ShareGroupDescribeResponse['groups'][number];

/** A share group as tools see it. Topics that are gone have no name to tell, so they are left out. */
export function describeShareGroup(group: ShareGroup, topics: TopicsImage): DescribedShareGroup {
  return {
    errorCode: 0,
    errorMessage: null,
    groupId: group.groupId,
    groupState: group.state,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    assignorName: SIMPLE_ASSIGNOR,
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      rackId: member.rackId,
      memberEpoch: member.memberEpoch,
      clientId: member.clientId,
      clientHost: member.clientHost,
      subscribedTopicNames: [...member.subscribedTopicNames],
      assignment: {
        topicPartitions: topicPartitionsOf(member.assigned).flatMap(({ topicId, partitions }) => {
          const topic = topics.byId(topicId);
          return topic ? [{ topicId, topicName: topic.name, partitions }] : [];
        }),
      },
    })),
    authorizedOperations: -2147483648,
  };
}

export function undescribedShareGroup(
  groupId: string,
  error: ErrorName,
  message: string | null = null,
): DescribedShareGroup {
  return {
    errorCode: errorCode(error),
    errorMessage: message,
    groupId,
    groupState: '',
    groupEpoch: 0,
    assignmentEpoch: 0,
    assignorName: '',
    members: [],
    authorizedOperations: -2147483648,
  };
}
