import { type Assignment, assignmentOf, topicPartitionsOf } from '../consumer/assignment.ts';
import type { GroupRecord, GroupRecordOf } from '../records.ts';
import type { ShareMember } from './share-member.ts';

type MemberMetadataValue = NonNullable<GroupRecordOf<'ShareGroupMemberMetadata'>['value']>;
type CurrentAssignmentValue = NonNullable<GroupRecordOf<'ShareGroupCurrentMemberAssignment'>['value']>;

/** The only state of a member: it gives nothing back before it goes on. */
const STABLE = 0;

/** The group's epoch: every change that needs another assignment makes it greater by one. */
export function groupEpoch(
  groupId: string,
  value: { readonly epoch: number; readonly metadataHash: bigint },
): GroupRecord {
  return { type: 'ShareGroupMetadata', key: { groupId }, value };
}

/** Of which group epoch the targets of all members are; `now` in milliseconds since 1970. */
export function assignmentEpoch(groupId: string, epoch: number, now: number): GroupRecord {
  return {
    type: 'ShareGroupTargetAssignmentMetadata',
    key: { groupId },
    value: { assignmentEpoch: epoch, assignmentTimestamp: now },
  };
}

/** Who the member is and what it is subscribed to. */
export function memberMetadata(groupId: string, member: ShareMember): GroupRecord {
  const { memberId, rackId, clientId, clientHost, subscribedTopicNames } = member;
  return {
    type: 'ShareGroupMemberMetadata',
    key: { groupId, memberId },
    value: { rackId, clientId, clientHost, subscribedTopicNames: [...subscribedTopicNames] },
  };
}

/** What the assignor gave to the member. */
export function memberTarget(groupId: string, memberId: string, assignment: Assignment): GroupRecord {
  return {
    type: 'ShareGroupTargetAssignmentMember',
    key: { groupId, memberId },
    value: { topicPartitions: topicPartitionsOf(assignment) },
  };
}

/** What the member has by now, and its epoch. */
export function memberAssignment(groupId: string, member: ShareMember): GroupRecord {
  const { memberId, memberEpoch, previousMemberEpoch, assigned } = member;
  return {
    type: 'ShareGroupCurrentMemberAssignment',
    key: { groupId, memberId },
    value: {
      memberEpoch,
      previousMemberEpoch,
      state: STABLE,
      assignedPartitions: topicPartitionsOf(assigned),
    },
  };
}

/** The end of a member. */
export function memberTombstones(groupId: string, memberId: string): GroupRecord[] {
  const key = { groupId, memberId };
  return [
    { type: 'ShareGroupCurrentMemberAssignment', key, value: null },
    { type: 'ShareGroupTargetAssignmentMember', key, value: null },
    { type: 'ShareGroupMemberMetadata', key, value: null },
  ];
}

/** The end of a group without members. */
export function groupTombstones(groupId: string): GroupRecord[] {
  const key = { groupId };
  return [
    { type: 'ShareGroupTargetAssignmentMetadata', key, value: null },
    { type: 'ShareGroupStatePartitionMetadata', key, value: null },
    { type: 'ShareGroupMetadata', key, value: null },
  ];
}

export function withMetadata(member: ShareMember, value: MemberMetadataValue): ShareMember {
  const { rackId, clientId, clientHost, subscribedTopicNames } = value;
  return {
    ...member,
    rackId,
    clientId,
    clientHost,
    subscribedTopicNames: [...new Set(subscribedTopicNames)].sort(),
  };
}

export function withAssignment(member: ShareMember, value: CurrentAssignmentValue): ShareMember {
  const { memberEpoch, previousMemberEpoch, assignedPartitions } = value;
  return { ...member, memberEpoch, previousMemberEpoch, assigned: assignmentOf(assignedPartitions) };
}
