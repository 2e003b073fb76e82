import type { GroupRecordOf } from '../records.ts';
import { type HeldAssignment, NOTHING_HELD, sameAssignments } from './tasks.ts';

/**
 * How far a member is on its way to its target: there; giving tasks back first; or waiting for tasks that
 * others give back. UNKNOWN: a later release of Kafka wrote its state.
 */
export type StreamsMemberState = 'STABLE' | 'UNREVOKED_TASKS' | 'UNRELEASED_TASKS' | 'UNKNOWN';

/** `memberEpoch` of a member that joins, leaves, or (as a static member) leaves for a while. */
export const JOINING = 0;
export const LEAVING = -1;
export const LEAVING_FOR_A_WHILE = -2;

type MemberMetadataValue = NonNullable<GroupRecordOf<'StreamsGroupMemberMetadata'>['value']>;

/**
 * A member of a streams group: one thread of an application. It never changes: another one takes its place.
 */
export interface StreamsMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  /** The epoch of the topology that it came with. */
  readonly topologyEpoch: number;
  /** The process that it runs in: its members share the state on one disk. */
  readonly processId: string;
  /** Where its process answers queries about its state. */
  readonly userEndpoint: MemberMetadataValue['userEndpoint'];
  /** Sorted by their keys, each once. */
  readonly clientTags: MemberMetadataValue['clientTags'];
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
  readonly state: StreamsMemberState;
  /** What it may work with. */
  readonly assigned: HeldAssignment;
  /** What it was asked to give back and may still work with. */
  readonly pendingRevocation: HeldAssignment;
}

export function newMember(memberId: string): StreamsMember {
  return {
    memberId,
    instanceId: null,
    rackId: null,
    clientId: '',
    clientHost: '',
    rebalanceTimeoutMs: -1,
    topologyEpoch: -1,
    processId: '',
    userEndpoint: null,
    clientTags: [],
    memberEpoch: 0,
    previousMemberEpoch: 0,
    state: 'STABLE',
    assigned: NOTHING_HELD,
    pendingRevocation: NOTHING_HELD,
  };
}

/** Whether it has all of its target of this epoch, and nothing else. */
export function isReconciled(member: StreamsMember, assignmentEpoch: number): boolean {
  return member.state === 'STABLE' && member.memberEpoch === assignmentEpoch;
}

/** Whether a StreamsGroupMemberMetadata record would say the same of both. */
export function sameMetadata(one: StreamsMember, other: StreamsMember): boolean {
  return (
    one.instanceId === other.instanceId &&
    one.rackId === other.rackId &&
    one.clientId === other.clientId &&
    one.clientHost === other.clientHost &&
    one.rebalanceTimeoutMs === other.rebalanceTimeoutMs &&
    one.topologyEpoch === other.topologyEpoch &&
    one.processId === other.processId &&
    one.userEndpoint?.host === other.userEndpoint?.host &&
    one.userEndpoint?.port === other.userEndpoint?.port &&
    one.clientTags.length === other.clientTags.length &&
    one.clientTags.every(({ key, value }, i) => {
      const tag = other.clientTags[i];
      return tag?.key === key && tag.value === value;
    })
  );
}

/** Whether a StreamsGroupCurrentMemberAssignment record would say the same of both. */
export function sameAssignment(one: StreamsMember, other: StreamsMember): boolean {
  return (
    one.memberEpoch === other.memberEpoch &&
    one.previousMemberEpoch === other.previousMemberEpoch &&
    one.state === other.state &&
    sameAssignments(one.assigned, other.assigned) &&
    sameAssignments(one.pendingRevocation, other.pendingRevocation)
  );
}
