import type { GroupRecordOf } from '../records.ts';
import { type HeldPartitions, NO_PARTITIONS, samePartitions } from './assignment.ts';

/**
 * How far a member is on its way to its target: there; giving partitions back first; or waiting for
 * partitions that others give back. UNKNOWN: a later release of Kafka wrote its state.
 */
export type MemberState = 'STABLE' | 'UNREVOKED_PARTITIONS' | 'UNRELEASED_PARTITIONS' | 'UNKNOWN';

/** `memberEpoch` of a member that joins, leaves, or (as a static member) leaves for a while. */
export const JOINING = 0;
export const LEAVING = -1;
export const LEAVING_FOR_A_WHILE = -2;

/** A member of a consumer group. It never changes: another one takes its place. */
export interface ConsumerMember {
  readonly memberId: string;
  /** Set for a static member: who it is across restarts. */
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  /** Sorted, each once. */
  readonly subscribedTopicNames: readonly string[];
  /** Empty: it subscribes by names only. */
  readonly subscribedTopicRegex: string;
  readonly serverAssignor: string | null;
  /** Of a member that speaks the classic protocol: what it offers, and its session timeout. */
  readonly classicMetadata: MemberMetadataValue['classicMemberMetadata'];
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
  readonly state: MemberState;
  /** What it may work with. */
  readonly assigned: HeldPartitions;
  /** What it was asked to give back and may still work with. */
  readonly pendingRevocation: HeldPartitions;
}

type MemberMetadataValue = NonNullable<GroupRecordOf<'ConsumerGroupMemberMetadata'>['value']>;

export function newMember(memberId: string): ConsumerMember {
  return {
    memberId,
    instanceId: null,
    rackId: null,
    clientId: '',
    clientHost: '',
    rebalanceTimeoutMs: -1,
    subscribedTopicNames: [],
    subscribedTopicRegex: '',
    serverAssignor: null,
    classicMetadata: null,
    memberEpoch: 0,
    previousMemberEpoch: 0,
    state: 'STABLE',
    assigned: NO_PARTITIONS,
    pendingRevocation: NO_PARTITIONS,
  };
}

/** Whether it has all of its target of this epoch, and nothing else. */
export function isReconciled(member: ConsumerMember, assignmentEpoch: number): boolean {
  return member.state === 'STABLE' && member.memberEpoch === assignmentEpoch;
}

/** Whether a ConsumerGroupMemberMetadata record would say the same of both. */
export function sameMetadata(one: ConsumerMember, other: ConsumerMember): boolean {
  return (
    one.instanceId === other.instanceId &&
    one.rackId === other.rackId &&
    one.clientId === other.clientId &&
    one.clientHost === other.clientHost &&
    one.rebalanceTimeoutMs === other.rebalanceTimeoutMs &&
    one.serverAssignor === other.serverAssignor &&
    sameClassicMetadata(one.classicMetadata, other.classicMetadata) &&
    sameSubscription(one, other)
  );
}

function sameClassicMetadata(
  one: ConsumerMember['classicMetadata'],
  other: ConsumerMember['classicMetadata'],
): boolean {
  if (one === null || other === null) return one === other;
  return (
    one.sessionTimeoutMs === other.sessionTimeoutMs &&
    one.supportedProtocols.length === other.supportedProtocols.length &&
    one.supportedProtocols.every(({ name, metadata }, i) => {
      const same = other.supportedProtocols[i];
      return same?.name === name && same.metadata.equals(metadata);
    })
  );
}

/** Whether a ConsumerGroupCurrentMemberAssignment record would say the same of both. */
export function sameAssignment(one: ConsumerMember, other: ConsumerMember): boolean {
  return (
    one.memberEpoch === other.memberEpoch &&
    one.previousMemberEpoch === other.previousMemberEpoch &&
    one.state === other.state &&
    samePartitions(one.assigned, other.assigned) &&
    samePartitions(one.pendingRevocation, other.pendingRevocation)
  );
}

export function sameSubscription(one: ConsumerMember, other: ConsumerMember): boolean {
  return one.subscribedTopicRegex === other.subscribedTopicRegex && sameNames(one, other);
}

export function sameNames(one: ConsumerMember, other: ConsumerMember): boolean {
  const names = one.subscribedTopicNames;
  return (
    names.length === other.subscribedTopicNames.length &&
    names.every((name, i) => name === other.subscribedTopicNames[i])
  );
}
