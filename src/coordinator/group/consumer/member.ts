import { type OwningMember, sameOwner, sameProgress } from '../epoch-member.ts';
import type { GroupRecordOf } from '../records.ts';
import { sameNames } from '../topic-names.ts';
import { type HeldPartitions, NO_PARTITIONS, samePartitions } from './assignment.ts';

/**
 * How far a member is on its way to its target: there; giving partitions back first; or waiting for
 * partitions that others give back. UNKNOWN: a later release of Kafka wrote its state.
 */
export type MemberState = 'STABLE' | 'UNREVOKED_PARTITIONS' | 'UNRELEASED_PARTITIONS' | 'UNKNOWN';

/** A member of a consumer group. It never changes: another one takes its place. */
export interface ConsumerMember extends OwningMember {
  /** Sorted, each once. */
  readonly subscribedTopicNames: readonly string[];
  /** Empty: it subscribes by names only. */
  readonly subscribedTopicRegex: string;
  readonly serverAssignor: string | null;
  /** Of a member that speaks the classic protocol: what it offers, and its session timeout. */
  readonly classicMetadata: MemberMetadataValue['classicMemberMetadata'];
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

/** Whether a ConsumerGroupMemberMetadata record would say the same of both. */
export function sameMetadata(one: ConsumerMember, other: ConsumerMember): boolean {
  return (
    sameOwner(one, other) &&
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
    sameProgress(one, other) &&
    samePartitions(one.assigned, other.assigned) &&
    samePartitions(one.pendingRevocation, other.pendingRevocation)
  );
}

export function sameSubscription(one: ConsumerMember, other: ConsumerMember): boolean {
  return one.subscribedTopicRegex === other.subscribedTopicRegex && sameNames(one, other);
}
