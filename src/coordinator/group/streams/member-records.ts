import type { GroupRecord, GroupRecordOf } from '../records.ts';
import type { StreamsMember, StreamsMemberState } from './member.ts';
import { type HeldTasks, type TaskAssignment, taskIdsOf, tasksOf } from './tasks.ts';

type CurrentAssignmentValue = NonNullable<GroupRecordOf<'StreamsGroupCurrentMemberAssignment'>['value']>;
type MemberMetadataValue = NonNullable<GroupRecordOf<'StreamsGroupMemberMetadata'>['value']>;
type TargetValue = NonNullable<GroupRecordOf<'StreamsGroupTargetAssignmentMember'>['value']>;
type HeldTaskIds = CurrentAssignmentValue['activeTasks'];

const STATE_CODES: Readonly<Record<StreamsMemberState, number>> = {
  STABLE: 1,
  UNREVOKED_TASKS: 2,
  UNRELEASED_TASKS: 3,
  UNKNOWN: 127,
};

/** Who the member is. */
export function memberMetadata(groupId: string, member: StreamsMember): GroupRecord {
  return {
    type: 'StreamsGroupMemberMetadata',
    key: { groupId, memberId: member.memberId },
    value: {
      instanceId: member.instanceId,
      rackId: member.rackId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeoutMs: member.rebalanceTimeoutMs,
      topologyEpoch: member.topologyEpoch,
      processId: member.processId,
      userEndpoint: member.userEndpoint,
      clientTags: member.clientTags,
    },
  };
}

/** What the assignor gave to the member. */
export function memberTarget(groupId: string, memberId: string, target: TaskAssignment): GroupRecord {
  return {
    type: 'StreamsGroupTargetAssignmentMember',
    key: { groupId, memberId },
    value: {
      activeTasks: taskIdsOf(target.active),
      standbyTasks: taskIdsOf(target.standby),
      warmupTasks: taskIdsOf(target.warmup),
    },
  };
}

/** What the member has by now, and its epoch. */
export function memberAssignment(groupId: string, member: StreamsMember): GroupRecord {
  const { assigned, pendingRevocation } = member;
  return {
    type: 'StreamsGroupCurrentMemberAssignment',
    key: { groupId, memberId: member.memberId },
    value: {
      memberEpoch: member.memberEpoch,
      previousMemberEpoch: member.previousMemberEpoch,
      state: STATE_CODES[member.state],
      activeTasks: activeIds(assigned.active),
      standbyTasks: copyIds(assigned.standby),
      warmupTasks: copyIds(assigned.warmup),
      activeTasksPendingRevocation: activeIds(pendingRevocation.active),
      standbyTasksPendingRevocation: copyIds(pendingRevocation.standby),
      warmupTasksPendingRevocation: copyIds(pendingRevocation.warmup),
    },
  };
}

/** The end of a member, in the order that Kafka's replay needs; ours takes any. */
export function memberTombstones(groupId: string, memberId: string): GroupRecord[] {
  const key = { groupId, memberId };
  return [
    { type: 'StreamsGroupCurrentMemberAssignment', key, value: null },
    { type: 'StreamsGroupTargetAssignmentMember', key, value: null },
    { type: 'StreamsGroupMemberMetadata', key, value: null },
  ];
}

export function withMetadata(member: StreamsMember, value: MemberMetadataValue): StreamsMember {
  return { ...member, ...value };
}

export function withAssignment(member: StreamsMember, value: CurrentAssignmentValue): StreamsMember {
  const { memberEpoch } = value;
  return {
    ...member,
    memberEpoch,
    previousMemberEpoch: value.previousMemberEpoch,
    state: stateOf(value.state),
    assigned: {
      active: heldTasks(value.activeTasks, memberEpoch),
      standby: heldTasks(value.standbyTasks, memberEpoch),
      warmup: heldTasks(value.warmupTasks, memberEpoch),
    },
    pendingRevocation: {
      active: heldTasks(value.activeTasksPendingRevocation, memberEpoch),
      standby: heldTasks(value.standbyTasksPendingRevocation, memberEpoch),
      warmup: heldTasks(value.warmupTasksPendingRevocation, memberEpoch),
    },
  };
}

export function targetOf({ activeTasks, standbyTasks, warmupTasks }: TargetValue): TaskAssignment {
  return { active: tasksOf(activeTasks), standby: tasksOf(standbyTasks), warmup: tasksOf(warmupTasks) };
}

function stateOf(code: number): StreamsMemberState {
  switch (code) {
    case 1:
      return 'STABLE';
    case 2:
      return 'UNREVOKED_TASKS';
    case 3:
      return 'UNRELEASED_TASKS';
    default:
      return 'UNKNOWN';
  }
}

function activeIds(held: HeldTasks): HeldTaskIds {
  return taskIdsOf(held).map(({ subtopologyId, partitions }) => ({
    subtopologyId,
    partitions,
    assignmentEpochs: partitions.map((partition) => held.get(subtopologyId)?.get(partition) ?? 0),
  }));
}

function copyIds(tasks: HeldTasks): HeldTaskIds {
  return taskIdsOf(tasks).map((ids) => ({ ...ids, assignmentEpochs: null }));
}

/** Releases of Kafka before 4.3 write no epochs: then the member has had all since its own. */
function heldTasks(ids: HeldTaskIds, memberEpoch: number): HeldTasks {
  return new Map(
    ids.map(({ subtopologyId, partitions, assignmentEpochs }) => [
      subtopologyId,
      new Map(partitions.map((partition, i) => [partition, assignmentEpochs?.[i] ?? memberEpoch])),
    ]),
  );
}
