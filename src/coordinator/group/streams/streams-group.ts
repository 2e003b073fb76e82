import type { ErrorName } from '../../../protocol/errors.ts';
import { isReconciled } from '../epoch-member.ts';
import type { CommitRequest, Committer, Group, OffsetReader } from '../group.ts';
import type { CommittedOffset } from '../offset-map.ts';
import type { GroupRecord, GroupRecordOf } from '../records.ts';
import type { AssignmentConfigs } from './assignment-configs.ts';
import { refusesStreamsCommit, refusesStreamsFetch } from './commit-check.ts';
import { groupTombstones } from './group-records.ts';
import { newMember, type StreamsMember } from './member.ts';
import { memberTombstones, targetOf, withAssignment, withMetadata } from './member-records.ts';
import { TaskHolders } from './task-holders.ts';
import { NO_TASKS, NOTHING_HELD, type TaskAssignment } from './tasks.ts';
import type { ConfiguredTopology } from './topology/configured-topology.ts';
import { Topology } from './topology/topology.ts';

/**
 * As Kafka names them in StreamsGroupDescribe. NotReady: topics that the topology needs are missing, or do
 * not go together.
 */
export type StreamsGroupState = 'Empty' | 'NotReady' | 'Assigning' | 'Reconciling' | 'Stable';

export type StreamsGroupRecord = Extract<GroupRecord, { readonly type: `StreamsGroup${string}` }>;

/**
 * A group of the streams protocol (KIP-1071): the threads of one application. The first member brings the
 * topology; the coordinator makes the topics that it needs, and assigns its tasks as it assigns partitions in
 * a consumer group: a group epoch, targets for it, and members that come to them with their own heartbeats.
 * All of that is in the log; what members are told besides (a shutdown that was asked for, who answers
 * queries) is not, as in Kafka.
 */
export class StreamsGroup implements Group {
  readonly type = 'streams';
  readonly protocolType = 'streams';
  readonly groupId: string;
  /** Both begin with 1, which has no record: the first member makes the group's 2. */
  #groupEpoch = 1;
  #metadataHash = 0n;
  #validatedTopologyEpoch = -1;
  #assignmentConfigs: AssignmentConfigs = new Map();
  #assignmentEpoch = 1;
  #assignmentTimestamp = 0;
  #topology: Topology | null = null;
  readonly #members = new Map<string, StreamsMember>();
  readonly #targets = new Map<string, TaskAssignment>();
  readonly #active = new TaskHolders();
  readonly #standby = new TaskHolders();
  readonly #warmup = new TaskHolders();
  /** The topology held against the topics that there were; null: the next heartbeat looks at them. */
  configured: ConfiguredTopology | null = null;
  /** Becomes greater whenever what is told of endpoints may be another. */
  endpointEpoch = 0;
  #shutdownRequestedBy: string | null = null;

  constructor(groupId: string) {
    this.groupId = groupId;
  }

  get groupEpoch(): number {
    return this.#groupEpoch;
  }

  /** The hash of the topics that the topology needs, as they were when the group's epoch was made. */
  get metadataHash(): bigint {
    return this.#metadataHash;
  }

  /** The epoch of the topology for which all topics were found as they must be; -1 while they are not. */
  get validatedTopologyEpoch(): number {
    return this.#validatedTopologyEpoch;
  }

  get assignmentConfigs(): AssignmentConfigs {
    return this.#assignmentConfigs;
  }

  /** The group epoch that the targets are of. */
  get assignmentEpoch(): number {
    return this.#assignmentEpoch;
  }

  /** When the targets were made, in milliseconds since 1970; 0 before the first ones. */
  get assignmentTimestamp(): number {
    return this.#assignmentTimestamp;
  }

  /** Null only in a group that no record made yet. */
  get topology(): Topology | null {
    return this.#topology;
  }

  get members(): ReadonlyMap<string, StreamsMember> {
    return this.#members;
  }

  get state(): StreamsGroupState {
    if (this.#members.size === 0) return 'Empty';
    if (this.#topology?.epoch !== this.#validatedTopologyEpoch) return 'NotReady';
    if (this.#groupEpoch > this.#assignmentEpoch) return 'Assigning';
    for (const member of this.#members.values())
      if (!isReconciled(member, this.#assignmentEpoch)) return 'Reconciling';
    return 'Stable';
  }

  /** Which member asked all members to end, while there are any. */
  get shutdownRequestedBy(): string | null {
    return this.#members.size === 0 ? null : this.#shutdownRequestedBy;
  }

  requestShutdown(memberId: string): void {
    this.#shutdownRequestedBy ??= memberId;
  }

  targetOf(memberId: string): TaskAssignment {
    return this.#targets.get(memberId) ?? NO_TASKS;
  }

  hasTarget(memberId: string): boolean {
    return this.#targets.has(memberId);
  }

  /** Whether nobody works on the task, or has still to give it back. */
  isIdle(subtopologyId: string, partition: number): boolean {
    return this.#active.of(subtopologyId, partition).size === 0;
  }

  /** Whether a member of this process works on the task, or has still to give it back. */
  worksOn(processId: string, subtopologyId: string, partition: number): boolean {
    return this.#isIn(processId, this.#active.of(subtopologyId, partition));
  }

  /** The same of a copy of the task's state. */
  hasCopy(processId: string, subtopologyId: string, partition: number): boolean {
    return (
      this.#isIn(processId, this.#standby.of(subtopologyId, partition)) ||
      this.#isIn(processId, this.#warmup.of(subtopologyId, partition))
    );
  }

  /** Topics that the topology needs may look different by now: the next heartbeat looks. */
  requestRefresh(): void {
    this.configured = null;
  }

  isSubscribedTo(topic: string): boolean {
    return this.#members.size > 0 && this.#topology?.readers.has(topic) === true;
  }

  refusesCommit(committer: Committer, commit: CommitRequest): ErrorName | null {
    return refusesStreamsCommit(this, committer, commit);
  }

  refusesFetch(reader: OffsetReader): ErrorName | null {
    return refusesStreamsFetch(this.#members, reader);
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
      ...groupTombstones(this.groupId),
    ];
  }

  /** Takes any record but that of the group's end, which its owner sees to. */
  replay(record: StreamsGroupRecord): void {
    switch (record.type) {
      case 'StreamsGroupMetadata':
        if (record.value === null) return;
        this.#groupEpoch = record.value.epoch;
        this.#metadataHash = record.value.metadataHash;
        this.#validatedTopologyEpoch = record.value.validatedTopologyEpoch;
        this.#assignmentConfigs = new Map(
          (record.value.lastAssignmentConfigs ?? []).map(({ key, value }) => [key, value]),
        );
        return;
      case 'StreamsGroupTopology':
        this.#topology = record.value === null ? null : new Topology(record.value);
        return;
      case 'StreamsGroupMemberMetadata':
        this.#replayMember(record);
        return;
      case 'StreamsGroupTargetAssignmentMetadata':
        this.#assignmentEpoch = record.value?.assignmentEpoch ?? 1;
        this.#assignmentTimestamp = record.value?.assignmentTimestamp ?? 0;
        return;
      case 'StreamsGroupTargetAssignmentMember': {
        const { memberId } = record.key;
        if (record.value === null) this.#targets.delete(memberId);
        else this.#targets.set(memberId, targetOf(record.value));
        return;
      }
      case 'StreamsGroupCurrentMemberAssignment':
        this.#replayAssignment(record);
    }
  }

  #replayMember({ key: { memberId }, value }: GroupRecordOf<'StreamsGroupMemberMetadata'>): void {
    const known = this.#members.get(memberId);
    if (value !== null) this.#set(withMetadata(known ?? newMember(memberId), value));
    else if (known) {
      this.#release(known);
      this.#members.delete(memberId);
      if (this.#members.size === 0) this.#shutdownRequestedBy = null;
    }
  }

  #replayAssignment({
    key: { memberId },
    value,
  }: GroupRecordOf<'StreamsGroupCurrentMemberAssignment'>): void {
    const known = this.#members.get(memberId);
    if (value !== null) this.#set(withAssignment(known ?? newMember(memberId), value));
    else if (known)
      this.#set({
        ...known,
        memberEpoch: -1,
        previousMemberEpoch: -1,
        assigned: NOTHING_HELD,
        pendingRevocation: NOTHING_HELD,
      });
  }

  #set(member: StreamsMember): void {
    const known = this.#members.get(member.memberId);
    if (known) this.#release(known);
    this.#members.set(member.memberId, member);
    for (const { active, standby, warmup } of [member.assigned, member.pendingRevocation]) {
      this.#active.hold(member.memberId, active);
      this.#standby.hold(member.memberId, standby);
      this.#warmup.hold(member.memberId, warmup);
    }
  }

  #release({ memberId, assigned, pendingRevocation }: StreamsMember): void {
    for (const { active, standby, warmup } of [assigned, pendingRevocation]) {
      this.#active.release(memberId, active);
      this.#standby.release(memberId, standby);
      this.#warmup.release(memberId, warmup);
    }
  }

  #isIn(processId: string, holders: ReadonlySet<string>): boolean {
    for (const memberId of holders) if (this.#members.get(memberId)?.processId === processId) return true;
    return false;
  }
}
