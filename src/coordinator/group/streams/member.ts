import { type OwningMember, sameOwner, sameProgress } from '../epoch-member.ts';
import type { GroupRecordOf } from '../records.ts';
import { type HeldAssignment, NOTHING_HELD, sameAssignments } from './tasks.ts';

/**
 * How far a member is on its way to its target: there; giving tasks back first; or waiting for tasks that
 * others give back. UNKNOWN: a later release of Kafka wrote its state.
 */
export type StreamsMemberState = 'STABLE' | 'UNREVOKED_TASKS' | 'UNRELEASED_TASKS' | 'UNKNOWN';

type MemberMetadataValue = NonNullable<GroupRecordOf<'StreamsGroupMemberMetadata'>['value']>;

/**
 * A member of a streams group: one thread of an application. It never changes: another one takes its place.
 */
export interface StreamsMember extends OwningMember {
  /** The epoch of the topology that it came with. */
  readonly topologyEpoch: number;
  /** The process that it runs in: its members share the state on one disk. */
  readonly processId: string;
  /** Where its process answers queries about its state. */
  readonly userEndpoint: MemberMetadataValue['userEndpoint'];
  /** Sorted by their keys, each once. */
  readonly clientTags: MemberMetadataValue['clientTags'];
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

/** Whether a StreamsGroupMemberMetadata record would say the same of both. */
export function sameMetadata(one: StreamsMember, other: StreamsMember): boolean {
  return (
    sameOwner(one, other) &&
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
    sameProgress(one, other) &&
    sameAssignments(one.assigned, other.assigned) &&
    sameAssignments(one.pendingRevocation, other.pendingRevocation)
  );
}
