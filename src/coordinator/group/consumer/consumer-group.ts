import type { Uuid } from '../../../base/brand.ts';
import type { ErrorName } from '../../../protocol/errors.ts';
import { isReconciled, LEAVING } from '../epoch-member.ts';
import type { CommitRequest, Committer, Group, OffsetReader } from '../group.ts';
import type { CommittedOffset } from '../offset-map.ts';
import type { GroupRecord, GroupRecordOf } from '../records.ts';
import { type Assignment, assignmentOf, type HeldPartitions, NO_PARTITIONS } from './assignment.ts';
import { refusesConsumerCommit, refusesConsumerFetch } from './commit-check.ts';
import { Expressions } from './expressions.ts';
import { expressionTombstone, groupTombstones } from './group-records.ts';
import { type ConsumerMember, newMember } from './member.ts';
import { memberTombstones, withAssignment, withMetadata } from './member-records.ts';

/** As Kafka names them in ConsumerGroupDescribe. */
export type ConsumerGroupState = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable';

export type ConsumerGroupRecord = Extract<GroupRecord, { readonly type: `ConsumerGroup${string}` }>;

const NO_ASSIGNMENT: Assignment = new Map();

/**
 * A group of the consumer protocol (KIP-848): the coordinator assigns. Members subscribe, which makes the
 * group epoch greater; an assignor makes targets for that epoch; each member comes to its target with its own
 * heartbeats, and its member epoch is that of the target once it gave back what others get. All of it is in
 * the log.
 */
export class ConsumerGroup implements Group {
  readonly type = 'consumer';
  readonly protocolType = 'consumer';
  readonly groupId: string;
  /** A group begins with 1, which has no record: its first subscription makes it 2, unless it is empty. */
  #groupEpoch = 1;
  #metadataHash = 0n;
  /** The targets of the first epoch give nobody anything, and were made at no time. */
  #assignmentEpoch = 1;
  #assignmentTimestamp = 0;
  #hasPartitionMetadata = false;
  readonly #members = new Map<string, ConsumerMember>();
  readonly #targets = new Map<string, Assignment>();
  readonly #staticMembers = new Map<string, string>();
  /** How many members are subscribed to a topic by its name. */
  readonly #subscribers = new Map<string, number>();
  readonly expressions = new Expressions();
  /** Which member has a partition, or was asked to give it back and has not. */
  readonly #holders = new Map<Uuid, Map<number, string>>();
  /**
   * The group epoch for which the topics were last looked at; null: they are looked at with the next
   * heartbeat.
   */
  #refreshedFor: number | null = null;

  constructor(groupId: string) {
    this.groupId = groupId;
  }

  get groupEpoch(): number {
    return this.#groupEpoch;
  }

  /** The hash of the topics that the group is subscribed to, as they were when its targets were made. */
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

  get hasPartitionMetadata(): boolean {
    return this.#hasPartitionMetadata;
  }

  get members(): ReadonlyMap<string, ConsumerMember> {
    return this.#members;
  }

  get state(): ConsumerGroupState {
    if (this.#members.size === 0) return 'Empty';
    if (this.#groupEpoch > this.#assignmentEpoch) return 'Assigning';
    for (const member of this.#members.values())
      if (!isReconciled(member, this.#assignmentEpoch)) return 'Reconciling';
    return 'Stable';
  }

  targetOf(memberId: string): Assignment {
    return this.#targets.get(memberId) ?? NO_ASSIGNMENT;
  }

  hasTarget(memberId: string): boolean {
    return this.#targets.has(memberId);
  }

  staticMember(instanceId: string): ConsumerMember | undefined {
    const memberId = this.#staticMembers.get(instanceId);
    return memberId === undefined ? undefined : this.#members.get(memberId);
  }

  /** Whether nobody else has the partition, or has still to give it back. */
  isFree(topicId: Uuid, partition: number, memberId: string): boolean {
    const holder = this.#holders.get(topicId)?.get(partition);
    return holder === undefined || holder === memberId;
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
    return this.#subscribers.has(topic) || this.expressions.matched(topic);
  }

  refusesCommit(committer: Committer, commit: CommitRequest): ErrorName | null {
    return refusesConsumerCommit(this.#members, committer, commit);
  }

  refusesFetch(reader: OffsetReader): ErrorName | null {
    return refusesConsumerFetch(this.#members, reader);
  }

  refusesOffsetDelete(): null {
    return null;
  }

  retentionStart(): (offset: CommittedOffset) => number {
    return ({ commitTimestamp }) => commitTimestamp;
  }

  tombstones(): GroupRecord[] {
    return [
      ...[...this.#members.keys()].flatMap((memberId) => memberTombstones(this.groupId, memberId)),
      ...[...this.expressions.resolved.keys()].map((text) => expressionTombstone(this.groupId, text)),
      ...groupTombstones(this.groupId, this.#hasPartitionMetadata),
    ];
  }

  /** Takes any record but that of the group's end, which its owner sees to. */
  replay(record: ConsumerGroupRecord): void {
    switch (record.type) {
      case 'ConsumerGroupMetadata':
        if (record.value === null) return;
        this.#groupEpoch = record.value.epoch;
        this.#metadataHash = record.value.metadataHash;
        return;
      case 'ConsumerGroupPartitionMetadata':
        this.#hasPartitionMetadata = record.value !== null;
        return;
      case 'ConsumerGroupMemberMetadata':
        this.#replayMember(record);
        return;
      case 'ConsumerGroupTargetAssignmentMetadata':
        this.#assignmentEpoch = record.value?.assignmentEpoch ?? 1;
        this.#assignmentTimestamp = record.value?.assignmentTimestamp ?? 0;
        return;
      case 'ConsumerGroupTargetAssignmentMember': {
        const { memberId } = record.key;
        if (record.value === null) this.#targets.delete(memberId);
        else this.#targets.set(memberId, assignmentOf(record.value.topicPartitions));
        return;
      }
      case 'ConsumerGroupCurrentMemberAssignment':
        this.#replayAssignment(record);
        return;
      case 'ConsumerGroupRegularExpression': {
        const { regularExpression } = record.key;
        if (record.value === null) this.expressions.forget(regularExpression);
        else
          this.expressions.resolve(regularExpression, {
            ...record.value,
            topics: new Set(record.value.topics),
          });
      }
    }
  }

  #replayMember({ key: { memberId }, value }: GroupRecordOf<'ConsumerGroupMemberMetadata'>): void {
    const known = this.#members.get(memberId);
    if (value !== null) this.#set(withMetadata(known ?? newMember(memberId), value));
    else if (known) {
      this.#release(known);
      this.#unsubscribe(known);
      this.#members.delete(memberId);
      const { instanceId } = known;
      // Another member may have its place by now.
      if (instanceId !== null && this.#staticMembers.get(instanceId) === memberId)
        this.#staticMembers.delete(instanceId);
    }
  }

  #replayAssignment({
    key: { memberId },
    value,
  }: GroupRecordOf<'ConsumerGroupCurrentMemberAssignment'>): void {
    const known = this.#members.get(memberId);
    if (value !== null) this.#set(withAssignment(known ?? newMember(memberId), value));
    else if (known)
      this.#set({
        ...known,
        memberEpoch: LEAVING,
        previousMemberEpoch: LEAVING,
        assigned: NO_PARTITIONS,
        pendingRevocation: NO_PARTITIONS,
      });
  }

  #set(member: ConsumerMember): void {
    const known = this.#members.get(member.memberId);
    if (known) {
      this.#release(known);
      this.#unsubscribe(known);
    }
    this.#members.set(member.memberId, member);
    if (member.instanceId !== null) this.#staticMembers.set(member.instanceId, member.memberId);
    for (const topic of member.subscribedTopicNames)
      this.#subscribers.set(topic, (this.#subscribers.get(topic) ?? 0) + 1);
    this.expressions.join(member);
    this.#hold(member.memberId, member.assigned);
    this.#hold(member.memberId, member.pendingRevocation);
  }

  #unsubscribe(member: ConsumerMember): void {
    this.expressions.part(member);
    for (const topic of member.subscribedTopicNames) {
      const count = (this.#subscribers.get(topic) ?? 0) - 1;
      if (count > 0) this.#subscribers.set(topic, count);
      else this.#subscribers.delete(topic);
    }
  }

  #hold(memberId: string, held: HeldPartitions): void {
    for (const [topicId, partitions] of held) {
      const holders = this.#holders.get(topicId) ?? new Map<number, string>();
      this.#holders.set(topicId, holders);
      for (const partition of partitions.keys()) holders.set(partition, memberId);
    }
  }

  /**
   * In a compacted log a partition may be another's before the record that took it from this member is read.
   */
  #release({ memberId, assigned, pendingRevocation }: ConsumerMember): void {
    for (const held of [assigned, pendingRevocation]) {
      for (const [topicId, partitions] of held) {
        const holders = this.#holders.get(topicId);
        for (const partition of partitions.keys())
          if (holders?.get(partition) === memberId) holders.delete(partition);
        if (holders?.size === 0) this.#holders.delete(topicId);
      }
    }
  }
}
