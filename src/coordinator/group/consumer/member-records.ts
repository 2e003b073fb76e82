import type { Uuid } from '../../../base/brand.ts';
import { ownCopy } from '../../../base/own-copy.ts';
import type { GroupRecord, GroupRecordOf } from '../records.ts';
import { type Assignment, type HeldPartitions, topicPartitionsOf } from './assignment.ts';
import type { ConsumerMember, MemberState } from './member.ts';

type CurrentAssignmentValue = NonNullable<GroupRecordOf<'ConsumerGroupCurrentMemberAssignment'>['value']>;
type MemberMetadataValue = NonNullable<GroupRecordOf<'ConsumerGroupMemberMetadata'>['value']>;

const STATE_CODES: Readonly<Record<MemberState, number>> = {
  STABLE: 0,
  UNREVOKED_PARTITIONS: 1,
  UNRELEASED_PARTITIONS: 2,
  UNKNOWN: 127,
};

/** Who the member is and what it is subscribed to. */
export function memberMetadata(groupId: string, member: ConsumerMember): GroupRecord {
  return {
    type: 'ConsumerGroupMemberMetadata',
    key: { groupId, memberId: member.memberId },
    value: {
      instanceId: member.instanceId,
      rackId: member.rackId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      subscribedTopicNames: [...member.subscribedTopicNames],
      subscribedTopicRegex: member.subscribedTopicRegex,
      rebalanceTimeoutMs: member.rebalanceTimeoutMs,
      serverAssignor: member.serverAssignor,
      classicMemberMetadata: member.classicMetadata,
    },
  };
}

/** What the assignor gave to the member. */
export function memberTarget(groupId: string, memberId: string, assignment: Assignment): GroupRecord {
  return {
    type: 'ConsumerGroupTargetAssignmentMember',
    key: { groupId, memberId },
    value: { topicPartitions: topicPartitionsOf(assignment) },
  };
}

/** What the member has by now, and its epoch. */
export function memberAssignment(groupId: string, member: ConsumerMember): GroupRecord {
  return {
    type: 'ConsumerGroupCurrentMemberAssignment',
    key: { groupId, memberId: member.memberId },
    value: {
      memberEpoch: member.memberEpoch,
      previousMemberEpoch: member.previousMemberEpoch,
      state: STATE_CODES[member.state],
      assignedPartitions: heldRecord(member.assigned),
      partitionsPendingRevocation: heldRecord(member.pendingRevocation),
    },
  };
}

/** The end of a member, in the order that Kafka's replay needs; ours takes any. */
export function memberTombstones(groupId: string, memberId: string): GroupRecord[] {
  const key = { groupId, memberId };
  return [
    { type: 'ConsumerGroupCurrentMemberAssignment', key, value: null },
    { type: 'ConsumerGroupTargetAssignmentMember', key, value: null },
    { type: 'ConsumerGroupMemberMetadata', key, value: null },
  ];
}

export function withMetadata(member: ConsumerMember, value: MemberMetadataValue): ConsumerMember {
  return {
    ...member,
    instanceId: value.instanceId,
    rackId: value.rackId,
    clientId: value.clientId,
    clientHost: value.clientHost,
    subscribedTopicNames: [...new Set(value.subscribedTopicNames)].sort(),
    subscribedTopicRegex: value.subscribedTopicRegex ?? '',
    rebalanceTimeoutMs: value.rebalanceTimeoutMs,
    serverAssignor: value.serverAssignor,
    classicMetadata: value.classicMemberMetadata && ownMetadata(value.classicMemberMetadata),
  };
}

/** Copies: what a log was loaded from is not kept for the few bytes that count. */
function ownMetadata(classic: NonNullable<ConsumerMember['classicMetadata']>) {
  return {
    ...classic,
    supportedProtocols: classic.supportedProtocols.map(({ name, metadata }) => ({
      name,
      metadata: ownCopy(metadata),
    })),
  };
}

export function withAssignment(member: ConsumerMember, value: CurrentAssignmentValue): ConsumerMember {
  return {
    ...member,
    memberEpoch: value.memberEpoch,
    previousMemberEpoch: value.previousMemberEpoch,
    state: stateOf(value.state),
    assigned: heldOf(value.assignedPartitions, value.memberEpoch),
    pendingRevocation: heldOf(value.partitionsPendingRevocation, value.memberEpoch),
  };
}

function stateOf(code: number): MemberState {
  switch (code) {
    case 0:
      return 'STABLE';
    case 1:
      return 'UNREVOKED_PARTITIONS';
    case 2:
      return 'UNRELEASED_PARTITIONS';
    default:
      return 'UNKNOWN';
  }
}

function heldRecord(held: HeldPartitions): CurrentAssignmentValue['assignedPartitions'] {
  return topicPartitionsOf(held).map(({ topicId, partitions }) => ({
    topicId,
    partitions,
    assignmentEpochs: partitions.map((partition) => held.get(topicId)?.get(partition) ?? 0),
  }));
}

/** Releases of Kafka before 4.3 write no epochs: then the member has had all since its own. */
function heldOf(topics: CurrentAssignmentValue['assignedPartitions'], memberEpoch: number): HeldPartitions {
  const held = new Map<Uuid, ReadonlyMap<number, number>>();
  for (const { topicId, partitions, assignmentEpochs } of topics)
    held.set(
      topicId,
      new Map(partitions.map((partition, i) => [partition, assignmentEpochs?.[i] ?? memberEpoch])),
    );
  return held;
}
