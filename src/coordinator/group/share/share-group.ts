import type { ErrorName } from '../../../protocol/errors.ts';
import type { Assignment } from '../consumer/assignment.ts';
import { assignmentOf } from '../consumer/assignment.ts';
import type { Group } from '../group.ts';
import type { GroupRecord } from '../records.ts';
import { newShareMember, type ShareMember } from './share-member.ts';
import { groupTombstones, withAssignment, withMetadata } from './share-records.ts';
import { NO_STATE, type StatePartitions, statePartitionsOf } from './state-partitions.ts';

export type ShareGroupRecord = Extract<GroupRecord, { readonly type: `ShareGroup${string}` }>;

const NO_ASSIGNMENT: Assignment = new Map();

/**
 * A share group (KIP-932): its members read the same partitions together, each record one of them. The
 * coordinator says which partitions a member reads; what became of records is the matter of the partitions'
 * leaders. All of it is in the log.
 */
export class ShareGroup implements Group {
  readonly type = 'share';
  readonly protocolType = 'share';
  readonly groupId: string;
  /** A group begins with 1, which has no record: its first subscription makes it 2. */
  #groupEpoch = 1;
  #metadataHash = 0n;
  /** The targets of the first epoch give nobody anything, and were made at no time. */
  #assignmentEpoch = 1;
  #assignmentTimestamp = 0;
  #state: StatePartitions = NO_STATE;
  readonly #members = new Map<string, ShareMember>();
  readonly #targets = new Map<string, Assignment>();
  /** How many members are subscribed to a topic. */
  readonly #subscribers = new Map<string, number>();
  /**
   * The group epoch for which the topics were last looked at; null: they are looked at with the next
   * heartbeat.
   */
  #refreshedFor: number | null = null;
  /** Monotonic time at which the share coordinator was asked for the partitions that it has not confirmed. */
  initializedAt = Number.NEGATIVE_INFINITY;

  constructor(groupId: string) {
    this.groupId = groupId;
  }

  get groupEpoch(): number {
    return this.#groupEpoch;
  }

  get metadataHash(): bigint {
    return this.#metadataHash;
  }

  /** The group epoch that the targets are of. */
  get assignmentEpoch(): number {
    return this.#assignmentEpoch;
  }

  /** When the targets were made, in milliseconds since 1970; 0 before the first ones. */
  get assignmentTimestamp(): number {
    return this.#assignmentTimestamp;
  }

  get members(): ReadonlyMap<string, ShareMember> {
    return this.#members;
  }

  get state(): 'Empty' | 'Stable' {
    return this.#members.size === 0 ? 'Empty' : 'Stable';
  }

  /** Of which partitions the share coordinator keeps the group's state. */
  get statePartitions(): StatePartitions {
    return this.#state;
  }

  targetOf(memberId: string): Assignment {
    return this.#targets.get(memberId) ?? NO_ASSIGNMENT;
  }

  hasTarget(memberId: string): boolean {
    return this.#targets.has(memberId);
  }

  /** What the group is subscribed to may look different by now: the next heartbeat looks. */
  requestRefresh(): void {
    this.#refreshedFor = null;
  }

  get needsRefresh(): boolean {
    // Greater than the epoch: the record of that look was not appended.
    return this.#refreshedFor === null || this.#refreshedFor > this.#groupEpoch;
  }

  /** The topics were looked at, and the group has this epoch once the decision's records are replayed. */
  refreshed(groupEpoch: number): void {
    this.#refreshedFor = groupEpoch;
  }

  isSubscribedTo(topic: string): boolean {
    return this.#subscribers.has(topic);
  }

  refusesCommit(): ErrorName {
    return 'GROUP_ID_NOT_FOUND';
  }

  refusesFetch(): ErrorName {
    return 'GROUP_ID_NOT_FOUND';
  }

  refusesOffsetDelete(): ErrorName {
    return 'GROUP_ID_NOT_FOUND';
  }

  retentionStart(): null {
    return null;
  }

  tombstones(): GroupRecord[] {
    return groupTombstones(this.groupId);
  }

  /** Takes any record but that of the group's end, which its owner sees to. */
  replay(record: ShareGroupRecord): void {
    switch (record.type) {
      case 'ShareGroupMetadata':
        if (record.value === null) return;
        this.#groupEpoch = record.value.epoch;
        this.#metadataHash = record.value.metadataHash;
        return;
      case 'ShareGroupTargetAssignmentMetadata':
        this.#assignmentEpoch = record.value?.assignmentEpoch ?? 1;
        this.#assignmentTimestamp = record.value?.assignmentTimestamp ?? 0;
        return;
      case 'ShareGroupStatePartitionMetadata':
        this.#state = record.value ? statePartitionsOf(record.value) : NO_STATE;
        return;
      case 'ShareGroupTargetAssignmentMember': {
        const { memberId } = record.key;
        if (record.value === null) this.#targets.delete(memberId);
        else this.#targets.set(memberId, assignmentOf(record.value.topicPartitions));
        return;
      }
      case 'ShareGroupMemberMetadata': {
        const { memberId } = record.key;
        const known = this.#members.get(memberId);
        if (record.value !== null) this.#set(withMetadata(known ?? newShareMember(memberId), record.value));
        else if (known) {
          this.#unsubscribe(known);
          this.#members.delete(memberId);
        }
        return;
      }
      case 'ShareGroupCurrentMemberAssignment': {
        const { memberId } = record.key;
        const known = this.#members.get(memberId);
        if (record.value !== null) this.#set(withAssignment(known ?? newShareMember(memberId), record.value));
        else if (known)
          this.#set({ ...known, memberEpoch: -1, previousMemberEpoch: -1, assigned: NO_ASSIGNMENT });
      }
    }
  }

  #set(member: ShareMember): void {
    const known = this.#members.get(member.memberId);
    if (known) this.#unsubscribe(known);
    this.#members.set(member.memberId, member);
    for (const topic of member.subscribedTopicNames)
      this.#subscribers.set(topic, (this.#subscribers.get(topic) ?? 0) + 1);
  }

  #unsubscribe(member: ShareMember): void {
    for (const topic of member.subscribedTopicNames) {
      const count = (this.#subscribers.get(topic) ?? 0) - 1;
      if (count > 0) this.#subscribers.set(topic, count);
      else this.#subscribers.delete(topic);
    }
  }
}
