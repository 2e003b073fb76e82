import type { Uuid } from '../../../base/brand.ts';
import type { TopicsImage } from '../../../metadata/topics.ts';
import { type ErrorName, errorCode } from '../../../protocol/errors.ts';
import type { ConsumerGroupDescribeResponse } from '../../../protocol/messages/69-consumer-group-describe.ts';
import { type Assignment, type HeldPartitions, topicPartitionsOf } from './assignment.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerMember } from './member.ts';
import { preferredAssignor } from './target-assignment.ts';

export type DescribedConsumerGroup = ConsumerGroupDescribeResponse['groups'][number];
type DescribedMember = DescribedConsumerGroup['members'][number];

const CLASSIC_PROTOCOL = 0;
const CONSUMER_PROTOCOL = 1;

/** A consumer group as tools see it. Topics that are gone have no name to tell, so they are left out. */
export function describeConsumerGroup(
  group: ConsumerGroup,
  { topics, assignorNames }: { readonly topics: TopicsImage; readonly assignorNames: readonly string[] },
): DescribedConsumerGroup {
  const members = [...group.members.values()];
  return {
    errorCode: 0,
    errorMessage: null,
    groupId: group.groupId,
    groupState: group.state,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    assignorName: preferredAssignor(members, assignorNames),
    members: members.map((member) => describeMember(member, group.targetOf(member.memberId), topics)),
  };
}

export function undescribedConsumerGroup(
  groupId: string,
  error: ErrorName,
  message: string | null = null,
): DescribedConsumerGroup {
  return {
    errorCode: errorCode(error),
    errorMessage: message,
    groupId,
    groupState: '',
    groupEpoch: 0,
    assignmentEpoch: 0,
    assignorName: '',
    members: [],
  };
}

function describeMember(member: ConsumerMember, target: Assignment, topics: TopicsImage): DescribedMember {
  return {
    memberId: member.memberId,
    instanceId: member.instanceId,
    rackId: member.rackId,
    memberEpoch: member.memberEpoch,
    clientId: member.clientId,
    clientHost: member.clientHost,
    subscribedTopicNames: [...member.subscribedTopicNames],
    subscribedTopicRegex: member.subscribedTopicRegex,
    assignment: named(both(member), topics),
    targetAssignment: named(target, topics),
    memberType: member.classicMetadata === null ? CONSUMER_PROTOCOL : CLASSIC_PROTOCOL,
  };
}

/** What it has, and what it has still to give back. */
function both({ assigned, pendingRevocation }: ConsumerMember): HeldPartitions {
  if (pendingRevocation.size === 0) return assigned;
  const held = new Map<Uuid, ReadonlyMap<number, number>>(assigned);
  for (const [topicId, partitions] of pendingRevocation)
    held.set(topicId, new Map([...(held.get(topicId) ?? []), ...partitions]));
  return held;
}

function named(assignment: Assignment | HeldPartitions, topics: TopicsImage): DescribedMember['assignment'] {
  return {
    topicPartitions: topicPartitionsOf(assignment).flatMap(({ topicId, partitions }) => {
      const topic = topics.byId(topicId);
      return topic ? [{ topicId, topicName: topic.name, partitions }] : [];
    }),
  };
}
