import { ZERO_UUID } from '../../base/brand.ts';
import type { GuardedClock } from '../../base/guarded-clock.ts';
import type { World } from '../../base/world.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import type { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/messages/08-offset-commit.ts';
import type { JoinGroupRequest, JoinGroupResponse } from '../../protocol/messages/11-join-group.ts';
import type { HeartbeatRequest } from '../../protocol/messages/12-heartbeat.ts';
import type { LeaveGroupRequest, LeaveGroupResponse } from '../../protocol/messages/13-leave-group.ts';
import type { SyncGroupRequest, SyncGroupResponse } from '../../protocol/messages/14-sync-group.ts';
import type { ListGroupsRequest } from '../../protocol/messages/16-list-groups.ts';
import type {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from '../../protocol/messages/28-txn-offset-commit.ts';
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../../protocol/messages/47-offset-delete.ts';
import type { ProducerIdentity } from '../coordinator-log.ts';
import type { CoordinatorTimer } from '../coordinator-timer.ts';
import { answer, type Decision, Draft } from '../decision.ts';
import type { CoordinatorShard, RecordPosition } from '../shard.ts';
import type { Waiter } from '../waiter.ts';
import { joinError, syncError } from './classic/answers.ts';
import { ClassicGroup } from './classic/classic-group.ts';
import type { ClassicContext, GroupDraft } from './classic/context.ts';
import { heartbeat } from './classic/heartbeat.ts';
import { joinGroup } from './classic/join.ts';
import { joining } from './classic/joining.ts';
import { leaveGroup } from './classic/leave.ts';
import { prepareRebalance } from './classic/rebalance.ts';
import { endSession } from './classic/session-end.ts';
import { renewSession } from './classic/sessions.ts';
import { syncGroup } from './classic/sync.ts';
import type { ClientContext } from './client-context.ts';
import { refusesCommit } from './commit-check.ts';
import {
  type DescribedGroup,
  deadGroup,
  describeGroup,
  type ListedGroup,
  listedGroup,
  listsGroup,
} from './describe.ts';
import { expiredOffsets } from './expiry.ts';
import type { GroupConfig } from './group-config.ts';
import {
  emptyGroup,
  groupTombstone,
  type OffsetCommitValue,
  type OffsetKey,
  offsetTombstone,
} from './group-record.ts';
import { commitError, commitOffsets } from './offset-commit.ts';
import { deleteOffsets } from './offset-delete.ts';
import { type FetchedGroup, type FetchGroup, fetchOffsets } from './offset-fetch.ts';
import { Offsets } from './offsets.ts';
import type { GroupRecord } from './records.ts';

type GroupDecision<Answer> = Decision<GroupRecord, Answer>;

/** Tombstones in one batch of the log. About 100 bytes each, so a batch stays far below message.max.bytes. */
const MAX_TOMBSTONES = 2000;

/** The groups of one partition of `__consumer_offsets`, and what they have committed. */
export class GroupShard implements CoordinatorShard<GroupRecord> {
  readonly #guardedClock: GuardedClock;
  readonly #config: GroupConfig;
  readonly #timer: CoordinatorTimer<GroupRecord>;
  readonly #classic: ClassicContext;
  readonly #groups = new Map<string, ClassicGroup>();
  readonly #offsets = new Offsets();

  constructor(
    world: World,
    { config, guardedClock }: { readonly config: GroupConfig; readonly guardedClock: GuardedClock },
    timer: CoordinatorTimer<GroupRecord>,
  ) {
    this.#guardedClock = guardedClock;
    this.#config = config;
    this.#timer = timer;
    this.#classic = {
      world,
      config,
      guardedClock,
      timer,
      find: (groupId) => this.#groups.get(groupId),
      sessionEnded: (groupId, memberId) => {
        const draft: GroupDraft = new Draft();
        const group = this.#groups.get(groupId);
        if (group) endSession(this.#classic, group, memberId, draft);
        return draft.decide(undefined);
      },
    };
  }

  replay(record: GroupRecord, at: RecordPosition): void {
    switch (record.type) {
      case 'LegacyOffsetCommit': {
        const absent = { leaderEpoch: -1, expireTimestamp: -1, topicId: ZERO_UUID };
        this.#replayOffset(record.key, record.value && { ...record.value, ...absent }, at);
        break;
      }
      case 'OffsetCommit':
        this.#replayOffset(record.key, record.value, at);
        break;
      case 'GroupMetadata': {
        const { group } = record.key;
        if (record.value === null) this.#groups.delete(group);
        else this.#known(group, record.value.currentStateTimestamp).replay(record.value);
        break;
      }
      // The records of consumer groups (KIP-848) are left alone until this coordinator speaks their protocol.
      default:
    }
  }

  replayMarker({ producerId }: ProducerIdentity, committed: boolean): void {
    this.#offsets.replayMarker(producerId, committed);
  }

  onLoaded(): void {
    for (const group of this.#groups.values()) {
      for (const member of group.members.values()) renewSession(this.#classic, group, member);
      if (group.members.size > this.#config.maxSize) this.#rebalanceOversized(group.groupId);
    }
    this.#scheduleExpiry(this.#config.offsetsRetentionCheckIntervalMs);
  }

  onUnloaded(): void {}

  /** Makes the group known if a JoinGroup with this member id may do so; the join itself is the next command. */
  createGroup(groupId: string, memberId: string): GroupDecision<null> {
    if (this.#groups.has(groupId) || memberId !== '') return answer(null);
    return { ...answer(null), records: [emptyGroup(groupId, this.#guardedClock.stamp())] };
  }

  join(
    client: ClientContext,
    request: JoinGroupRequest,
    waiter: Waiter<JoinGroupResponse>,
  ): GroupDecision<JoinGroupResponse> {
    const group = this.#groups.get(request.groupId);
    // The group was not made: it does not exist for a client that says it is a member.
    if (!group) return answer(joinError(request.memberId, 'UNKNOWN_MEMBER_ID'));
    const draft: GroupDraft = new Draft();
    return draft.decide(joinGroup(this.#classic, group, joining(client, request, waiter), draft));
  }

  sync(request: SyncGroupRequest, waiter: Waiter<SyncGroupResponse>): GroupDecision<SyncGroupResponse> {
    const group = this.#groups.get(request.groupId);
    if (!group) return answer(syncError('UNKNOWN_MEMBER_ID'));
    return syncGroup(this.#classic, group, request, waiter);
  }

  heartbeat(request: HeartbeatRequest): GroupDecision<ErrorName | null> {
    const group = this.#groups.get(request.groupId);
    return answer(group ? heartbeat(this.#classic, group, request) : 'UNKNOWN_MEMBER_ID');
  }

  leave(groupId: string, members: LeaveGroupRequest['members']): GroupDecision<LeaveGroupResponse> {
    const group = this.#groups.get(groupId);
    if (!group) {
      const unknown = errorCode('UNKNOWN_MEMBER_ID');
      return answer({
        errorCode: 0,
        members: members.map(({ memberId, groupInstanceId }) => ({
          memberId,
          groupInstanceId,
          errorCode: unknown,
        })),
      });
    }
    const draft: GroupDraft = new Draft();
    return draft.decide(leaveGroup(this.#classic, group, members, draft));
  }

  commit(client: ClientContext, request: OffsetCommitRequest): GroupDecision<OffsetCommitResponse> {
    const group = this.#groups.get(request.groupId);
    const refusal = refusesCommit(
      group,
      {
        memberId: request.memberId,
        groupInstanceId: request.groupInstanceId,
        generation: request.generationIdOrMemberEpoch,
      },
      {
        transactional: false,
        unknownGroup: client.apiVersion >= 9 ? 'GROUP_ID_NOT_FOUND' : 'ILLEGAL_GENERATION',
      },
    );
    if (refusal) return answer(commitError(request.topics, refusal));
    const member = group?.members.get(request.memberId);
    // A member that commits lives, though it may be too busy for heartbeats.
    if (group && member) renewSession(this.#classic, group, member);
    const { records, topics } = commitOffsets(request, {
      now: this.#guardedClock.stamp(),
      metadataMaxBytes: this.#config.offsetMetadataMaxBytes,
    });
    return { ...answer({ topics }), records };
  }

  /** Offsets that count when the producer's transaction is committed (KIP-98; fenced by the group since KIP-447). */
  commitInTransaction(request: TxnOffsetCommitRequest): GroupDecision<TxnOffsetCommitResponse> {
    const refusal = refusesCommit(
      this.#groups.get(request.groupId),
      {
        memberId: request.memberId,
        groupInstanceId: request.groupInstanceId,
        generation: request.generationIdOrMemberEpoch,
      },
      { transactional: true, unknownGroup: 'ILLEGAL_GENERATION' },
    );
    if (refusal) return answer(commitError(request.topics, refusal));
    const { records, topics } = commitOffsets(
      { groupId: request.groupId, topics: request.topics, retentionTimeMs: -1 },
      { now: this.#guardedClock.stamp(), metadataMaxBytes: this.#config.offsetMetadataMaxBytes },
    );
    const { producerId, producerEpoch } = request;
    return { ...answer({ topics }), records, transaction: { producerId, producerEpoch } };
  }

  fetch(request: FetchGroup, requireStable: boolean): GroupDecision<FetchedGroup> {
    return answer(fetchOffsets(this.#offsets, request, requireStable));
  }

  deleteOffsets({ groupId, topics }: OffsetDeleteRequest): GroupDecision<OffsetDeleteResponse> {
    const group = this.#groups.get(groupId);
    const refused = (error: ErrorName) =>
      answer<GroupRecord, OffsetDeleteResponse>({
        errorCode: errorCode(error),
        topics: [],
        throttleTimeMs: 0,
      });
    if (!group) return refused('GROUP_ID_NOT_FOUND');
    // Only consumers say which topics they use; of others, nothing can be forgotten while they work.
    if (group.state !== 'Empty' && !group.usesConsumerProtocol) return refused('NON_EMPTY_GROUP');
    const decided = deleteOffsets(group, this.#offsets, topics);
    return {
      ...answer({ errorCode: 0, topics: decided.topics, throttleTimeMs: 0 }),
      records: decided.records,
    };
  }

  /** Deletes an empty group with its offsets, a batch at a time: MORE asks to be called again. */
  deleteGroup(groupId: string): GroupDecision<ErrorName | 'MORE' | null> {
    const group = this.#groups.get(groupId);
    if (!group) return answer('GROUP_ID_NOT_FOUND');
    if (group.state !== 'Empty') return answer('NON_EMPTY_GROUP');
    const keys = this.#offsets.keysOf(groupId);
    const records: GroupRecord[] = keys.slice(0, MAX_TOMBSTONES).map(offsetTombstone);
    if (keys.length > MAX_TOMBSTONES) return { ...answer('MORE'), records };
    records.push(groupTombstone(groupId));
    return { ...answer(null), records };
  }

  /** Forgets offsets of topics that are gone, a batch at a time; answers whether any may be left. */
  forgetTopics(topics: ReadonlySet<string>): GroupDecision<boolean> {
    const records: GroupRecord[] = [];
    for (const group of this.#offsets.groups()) {
      for (const key of this.#offsets.keysOf(group)) {
        if (!topics.has(key.topic)) continue;
        if (records.length === MAX_TOMBSTONES) return { ...answer(true), records };
        records.push(offsetTombstone(key));
      }
    }
    return { ...answer(false), records };
  }

  describe(groupId: string, apiVersion: number): DescribedGroup {
    const group = this.#groups.get(groupId);
    return group ? describeGroup(group) : deadGroup(groupId, apiVersion);
  }

  list(filter: Pick<ListGroupsRequest, 'statesFilter' | 'typesFilter'>): ListedGroup[] {
    return [...this.#groups.values()].filter((group) => listsGroup(group, filter)).map(listedGroup);
  }

  #replayOffset(key: OffsetKey, value: OffsetCommitValue | null, at: RecordPosition): void {
    // A consumer that never joined has a group all the same: simple, without a protocol.
    if (value !== null) this.#known(key.group, value.commitTimestamp);
    this.#offsets.replay(key, value, at);
  }

  #known(groupId: string, timestamp: number): ClassicGroup {
    const known = this.#groups.get(groupId);
    if (known) return known;
    const group = new ClassicGroup(groupId, timestamp);
    this.#groups.set(groupId, group);
    return group;
  }

  #rebalanceOversized(groupId: string): void {
    this.#timer.schedule(`oversized\0${groupId}`, 0, () => {
      const draft: GroupDraft = new Draft();
      const group = this.#groups.get(groupId);
      if (group?.state === 'Stable') {
        prepareRebalance(this.#classic, group, draft, 'the group is larger than group.max.size');
      }
      return draft.decide(undefined);
    });
  }

  #scheduleExpiry(delayMs: number): void {
    this.#timer.schedule('expiry', delayMs, () => {
      const records = this.#expire();
      const more = records.length >= MAX_TOMBSTONES;
      this.#scheduleExpiry(more ? 0 : this.#config.offsetsRetentionCheckIntervalMs);
      return { ...answer(undefined), records };
    });
  }

  /** Tombstones for offsets nobody needs, and for empty groups that have none left. */
  #expire(): GroupRecord[] {
    const records: GroupRecord[] = [];
    const now = this.#guardedClock.now();
    for (const group of this.#groups.values()) {
      const { expired, allExpired } = expiredOffsets(group, this.#offsets, {
        now,
        retentionMs: this.#config.offsetsRetentionMs,
      });
      const room = MAX_TOMBSTONES - records.length;
      for (const key of expired.slice(0, room)) records.push(offsetTombstone(key));
      if (records.length >= MAX_TOMBSTONES) break;
      if (allExpired && group.state === 'Empty' && !this.#offsets.hasTransactions(group.groupId)) {
        records.push(groupTombstone(group.groupId));
      }
    }
    return records;
  }
}
