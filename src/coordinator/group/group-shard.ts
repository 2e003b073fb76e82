import { ZERO_UUID } from '../../base/brand.ts';
import type { GuardedClock } from '../../base/guarded-clock.ts';
import type { World } from '../../base/world.ts';
import type { ImageDelta } from '../../metadata/delta.ts';
import type { ClusterImage } from '../../metadata/image.ts';
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
import { answer, type Decision } from '../decision.ts';
import type { CoordinatorShard, RecordPosition } from '../shard.ts';
import type { Waiter } from '../waiter.ts';
import { changedTopics } from './changed-topics.ts';
import { joinError } from './classic/answers.ts';
import { ClassicKind } from './classic/classic-kind.ts';
import { joining } from './classic/joining.ts';
import type { ClientContext } from './client-context.ts';
import { ConsumerKind } from './consumer/consumer-kind.ts';
import {
  type DescribedGroup,
  deadGroup,
  describeGroup,
  groupFilter,
  type ListedGroup,
  listedGroup,
} from './describe.ts';
import { expiredOffsets } from './expiry.ts';
import type { Committer } from './group.ts';
import type { GroupConfig } from './group-config.ts';
import { type OffsetCommitValue, type OffsetKey, offsetTombstone } from './group-record.ts';
import { Groups } from './groups.ts';
import { commitError, commitOffsets } from './offset-commit.ts';
import { deleteOffsets } from './offset-delete.ts';
import { type FetchedGroup, type FetchGroup, fetchError, fetchOffsets } from './offset-fetch.ts';
import { Offsets } from './offsets.ts';
import type { Patterns } from './patterns.ts';
import type { GroupRecord } from './records.ts';
import type { ShareContext } from './share/share-context.ts';
import { ShareKind } from './share/share-kind.ts';
import { StreamsKind } from './streams/streams-kind.ts';

/** How far a group has come in one partition. */
export interface GroupOffset {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

type GroupDecision<Answer> = Decision<GroupRecord, Answer>;

/** Tombstones in one batch of the log. About 100 bytes each, so a batch stays far below message.max.bytes. */
const MAX_TOMBSTONES = 2000;

/** Of OffsetCommit (KIP-848). */
const MEMBER_EPOCHS_SINCE = 9;

/** The groups of one partition of `__consumer_offsets`, and what they have committed. */
export class GroupShard implements CoordinatorShard<GroupRecord> {
  readonly #guardedClock: GuardedClock;
  readonly #config: GroupConfig;
  readonly #timer: CoordinatorTimer<GroupRecord>;
  readonly #groups = new Groups();
  readonly #offsets = new Offsets();
  /** Requests of members of classic groups. */
  readonly classic: ClassicKind;
  /** Requests of members of consumer groups. */
  readonly consumer: ConsumerKind;
  /** Requests of members of streams groups. */
  readonly streams: StreamsKind;
  /** Requests of members of share groups. */
  readonly share: ShareKind;

  constructor(
    world: World,
    options: {
      readonly config: GroupConfig;
      readonly guardedClock: GuardedClock;
      readonly patterns: Patterns;
      readonly image: () => ClusterImage;
      /** Has the share coordinator keep partitions of a share group. */
      readonly initializeShare: ShareContext['initialize'];
    },
    timer: CoordinatorTimer<GroupRecord>,
  ) {
    this.#guardedClock = options.guardedClock;
    this.#config = options.config;
    this.#timer = timer;
    this.classic = new ClassicKind(world, { ...options, groups: this.#groups, timer });
    const downgraded = (groupId: string, isSettled: boolean): void =>
      this.classic.takeOver(groupId, isSettled);
    this.consumer = new ConsumerKind(world, { ...options, groups: this.#groups, timer, downgraded });
    this.streams = new StreamsKind(world, { ...options, groups: this.#groups, timer });
    const { config, image, initializeShare: initialize } = options;
    this.share = new ShareKind(world, { config, image, groups: this.#groups, timer, initialize });
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
      case 'GroupMetadata':
        this.classic.replay(record);
        break;
      case 'StreamsGroupMetadata':
      case 'StreamsGroupMemberMetadata':
      case 'StreamsGroupTargetAssignmentMetadata':
      case 'StreamsGroupTargetAssignmentMember':
      case 'StreamsGroupCurrentMemberAssignment':
      case 'StreamsGroupTopology':
        this.streams.replay(record);
        break;
      case 'ShareGroupMetadata':
      case 'ShareGroupMemberMetadata':
      case 'ShareGroupTargetAssignmentMetadata':
      case 'ShareGroupTargetAssignmentMember':
      case 'ShareGroupCurrentMemberAssignment':
      case 'ShareGroupStatePartitionMetadata':
        this.share.replay(record);
        break;
      default:
        this.consumer.replay(record);
    }
  }

  replayMarker({ producerId }: ProducerIdentity, committed: boolean): void {
    this.#offsets.replayMarker(producerId, committed);
  }

  onLoaded(): void {
    for (const group of this.#groups.all()) {
      if (group.type === 'classic') this.classic.onLoaded(group);
      else if (group.type === 'consumer') this.consumer.onLoaded(group);
      else if (group.type === 'streams') this.streams.onLoaded(group);
      else this.share.onLoaded(group);
    }
    this.#scheduleExpiry(this.#config.offsetsRetentionCheckIntervalMs);
    this.share.forgetTopics();
  }

  onImage(_image: ClusterImage, delta: ImageDelta): void {
    if (delta.topics && delta.topics.deleted.size > 0) this.share.forgetTopics();
    const changed = changedTopics(delta);
    this.consumer.onImage(delta, changed);
    if (changed.size === 0) return;
    this.streams.onImage(changed);
    this.share.onImage(changed);
  }

  onUnloaded(): void {}

  /** A client joins by the classic protocol: a classic group or a consumer group. */
  join(
    client: ClientContext,
    request: JoinGroupRequest,
    waiter: Waiter<JoinGroupResponse>,
  ): GroupDecision<JoinGroupResponse> {
    const group = this.#groups.find(request.groupId);
    if (group?.type === 'consumer') return this.consumer.join(group, joining(client, request, waiter));
    // With another error the client would try again for ever.
    if (group?.type === 'share' || group?.type === 'streams')
      return answer(joinError('', 'INCONSISTENT_GROUP_PROTOCOL'));
    return this.classic.join(client, request, waiter);
  }

  sync(request: SyncGroupRequest, waiter: Waiter<SyncGroupResponse>): GroupDecision<SyncGroupResponse> {
    const group = this.#groups.consumer(request.groupId);
    return group ? this.consumer.sync(group, request) : this.classic.sync(request, waiter);
  }

  heartbeat(request: HeartbeatRequest): GroupDecision<ErrorName | null> {
    const group = this.#groups.consumer(request.groupId);
    return group ? this.consumer.classicHeartbeat(group, request) : this.classic.heartbeat(request);
  }

  /** Members leave a group of any kind; an administrator removes them in the same way. */
  leave(groupId: string, members: LeaveGroupRequest['members']): GroupDecision<LeaveGroupResponse> {
    const group = this.#groups.consumer(groupId);
    return group ? this.consumer.removeMembers(group, members) : this.classic.leave(groupId, members);
  }

  commit(client: ClientContext, request: OffsetCommitRequest): GroupDecision<OffsetCommitResponse> {
    const group = this.#groups.find(request.groupId);
    const committer = committerOf(request);
    const knowsEpochs = client.apiVersion >= MEMBER_EPOCHS_SINCE;
    const unknownGroup = knowsEpochs ? 'GROUP_ID_NOT_FOUND' : 'ILLEGAL_GENERATION';
    const refusal = group
      ? group.refusesCommit(committer, { transactional: false, knowsEpochs, topics: request.topics })
      : refusesFirstCommit(committer, unknownGroup);
    if (refusal) return answer(commitError(request.topics, refusal));
    if (group?.type === 'classic') this.classic.committed(group, request.memberId);
    const { records, topics } = commitOffsets(request, {
      now: this.#guardedClock.stamp(),
      metadataMaxBytes: this.#config.offsetMetadataMaxBytes,
    });
    return { ...answer({ topics }), records };
  }

  /**
   * Offsets that count when the producer's transaction is committed (KIP-98; fenced by the group since
   * KIP-447).
   */
  commitInTransaction(request: TxnOffsetCommitRequest): GroupDecision<TxnOffsetCommitResponse> {
    const group = this.#groups.find(request.groupId);
    const committer = committerOf(request);
    const refusal = group
      ? group.refusesCommit(committer, { transactional: true, knowsEpochs: true, topics: request.topics })
      : refusesFirstCommit(committer, 'ILLEGAL_GENERATION');
    // No producer knows STALE_MEMBER_EPOCH: Java's takes it for fatal, and ILLEGAL_GENERATION for the end of
    // this transaction alone.
    if (refusal === 'STALE_MEMBER_EPOCH') return answer(commitError(request.topics, 'ILLEGAL_GENERATION'));
    if (refusal) return answer(commitError(request.topics, refusal));
    const { records, topics } = commitOffsets(
      { groupId: request.groupId, topics: request.topics, retentionTimeMs: -1 },
      { now: this.#guardedClock.stamp(), metadataMaxBytes: this.#config.offsetMetadataMaxBytes },
    );
    const { producerId, producerEpoch } = request;
    return { ...answer({ topics }), records, transaction: { producerId, producerEpoch } };
  }

  fetch(request: FetchGroup, requireStable: boolean): GroupDecision<FetchedGroup> {
    const refusal = this.#groups.find(request.groupId)?.refusesFetch(request) ?? null;
    if (refusal) return answer(fetchError(request.groupId, refusal));
    return answer(fetchOffsets(this.#offsets, request, requireStable));
  }

  deleteOffsets({ groupId, topics }: OffsetDeleteRequest): GroupDecision<OffsetDeleteResponse> {
    const group = this.#groups.find(groupId);
    const refusal = group ? group.refusesOffsetDelete() : 'GROUP_ID_NOT_FOUND';
    if (!group || refusal)
      return answer({ errorCode: errorCode(refusal ?? 'NONE'), topics: [], throttleTimeMs: 0 });
    const decided = deleteOffsets(group, this.#offsets, topics);
    return {
      ...answer({ errorCode: 0, topics: decided.topics, throttleTimeMs: 0 }),
      records: decided.records,
    };
  }

  /** Deletes an empty group with its offsets, a batch at a time: MORE asks to be called again. */
  deleteGroup(groupId: string): GroupDecision<ErrorName | 'MORE' | null> {
    const group = this.#groups.find(groupId);
    if (!group) return answer('GROUP_ID_NOT_FOUND');
    if (group.state !== 'Empty') return answer('NON_EMPTY_GROUP');
    const keys = this.#offsets.keysOf(groupId);
    const records: GroupRecord[] = keys.slice(0, MAX_TOMBSTONES).map(offsetTombstone);
    if (keys.length > MAX_TOMBSTONES) return { ...answer('MORE'), records };
    records.push(...group.tombstones());
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

  /** As DescribeGroups tells it, which knows classic groups only. */
  describe(groupId: string, apiVersion: number): DescribedGroup {
    const group = this.#groups.find(groupId);
    if (!group) return deadGroup(groupId, apiVersion, `Group ${groupId} not found.`);
    if (group.type !== 'classic')
      return deadGroup(groupId, apiVersion, `Group ${groupId} is not a classic group.`);
    return describeGroup(group);
  }

  list(filter: Pick<ListGroupsRequest, 'statesFilter' | 'typesFilter'>): ListedGroup[] {
    return [...this.#groups.all()].filter(groupFilter(filter)).map(listedGroup);
  }

  /**
   * Of every group, with members or without; offsets of transactions that are open are not yet among them.
   */
  committedOffsets(): GroupOffset[] {
    const all: GroupOffset[] = [];
    for (const group of this.#offsets.groups())
      for (const [topic, partitions] of this.#offsets.committedByTopic(group))
        for (const [partition, { offset }] of partitions)
          all.push({ group, topic, partition, offset: Number(offset) });
    return all;
  }

  #replayOffset(key: OffsetKey, value: OffsetCommitValue | null, at: RecordPosition): void {
    if (value !== null) this.#groups.committed(key.group, value.commitTimestamp);
    this.#offsets.replay(key, value, at);
  }

  #scheduleExpiry(delayMs: number): void {
    this.#timer.schedule('expiry', delayMs, () => {
      const records = this.#expire();
      const more = records.length >= MAX_TOMBSTONES;
      // While the log refuses them, the timer waits between its attempts.
      const taken = () => this.#scheduleExpiry(more ? 0 : this.#config.offsetsRetentionCheckIntervalMs);
      return { ...answer(undefined), records, taken };
    });
  }

  /** Tombstones for offsets nobody needs, and for empty groups that have none left. */
  #expire(): GroupRecord[] {
    const records: GroupRecord[] = [];
    const now = this.#guardedClock.now();
    for (const group of this.#groups.all()) {
      // A share group has no offsets here, and stays until it is deleted.
      if (group.type === 'share') continue;
      if (records.length >= MAX_TOMBSTONES) break;
      const { expired, allExpired } = expiredOffsets(group, this.#offsets, {
        now,
        retentionMs: this.#config.offsetsRetentionMs,
      });
      const room = MAX_TOMBSTONES - records.length;
      for (const key of expired.slice(0, room)) records.push(offsetTombstone(key));
      if (records.length >= MAX_TOMBSTONES) break;
      if (allExpired && group.state === 'Empty' && !this.#offsets.hasTransactions(group.groupId)) {
        records.push(...group.tombstones());
      }
    }
    return records;
  }
}

function committerOf(
  request: Omit<Committer, 'generation'> & { readonly generationIdOrMemberEpoch: number },
): Committer {
  const { memberId, groupInstanceId, generationIdOrMemberEpoch: generation } = request;
  return { memberId, groupInstanceId, generation };
}

/** A member of a group that does not exist is refused; anybody else makes a simple group with the commit. */
function refusesFirstCommit({ generation }: Committer, unknownGroup: ErrorName): ErrorName | null {
  return generation < 0 ? null : unknownGroup;
}
