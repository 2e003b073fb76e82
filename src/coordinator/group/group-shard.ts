import type { GuardedClock } from '../../base/guarded-clock.ts';
import type { World } from '../../base/world.ts';
import type { ImageDelta } from '../../metadata/delta.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { JoinGroupRequest, JoinGroupResponse } from '../../protocol/messages/11-join-group.ts';
import type { HeartbeatRequest } from '../../protocol/messages/12-heartbeat.ts';
import type { LeaveGroupRequest, LeaveGroupResponse } from '../../protocol/messages/13-leave-group.ts';
import type { SyncGroupRequest, SyncGroupResponse } from '../../protocol/messages/14-sync-group.ts';
import type { ProducerIdentity } from '../coordinator-log.ts';
import type { CoordinatorTimer } from '../coordinator-timer.ts';
import { answer, type CoordinatorDecision } from '../decision.ts';
import type { CoordinatorShard, RecordPosition } from '../shard.ts';
import type { Waiter } from '../waiter.ts';
import { changedTopics } from './changed-topics.ts';
import { joinError } from './classic/answers.ts';
import { ClassicKind } from './classic/classic-kind.ts';
import { joining } from './classic/joining.ts';
import type { ClientContext } from './client-context.ts';
import { ConsumerKind } from './consumer/consumer-kind.ts';
import { type DescribedGroup, deadGroup, describeGroup, type ListedGroup, listedGroup } from './describe.ts';
import type { Group } from './group.ts';
import type { GroupConfig } from './group-config.ts';
import { Groups } from './groups.ts';
import type { Patterns } from './patterns.ts';
import type { GroupRecord } from './records.ts';
import { ShardOffsets } from './shard-offsets.ts';
import type { ShareContext } from './share/share-context.ts';
import { ShareKind } from './share/share-kind.ts';
import { StreamsKind } from './streams/streams-kind.ts';

type GroupDecision<Answer> = CoordinatorDecision<GroupRecord, Answer>;

/** The groups of one partition of `__consumer_offsets`, and what they have committed. */
export class GroupShard implements CoordinatorShard<GroupRecord> {
  readonly #groups = new Groups();
  /** Requests for what the groups have committed. */
  readonly offsets: ShardOffsets;
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
    this.classic = new ClassicKind(world, { ...options, groups: this.#groups, timer });
    this.offsets = new ShardOffsets({
      ...options,
      groups: this.#groups,
      timer,
      committed: (group, memberId) => this.classic.committed(group, memberId),
    });
    const downgraded = (groupId: string, isSettled: boolean): void =>
      this.classic.takeOver(groupId, isSettled);
    this.consumer = new ConsumerKind(world, { ...options, groups: this.#groups, timer, downgraded });
    this.streams = new StreamsKind(world, { ...options, groups: this.#groups, timer });
    const { config, image, initializeShare: initialize } = options;
    this.share = new ShareKind(world, { config, image, groups: this.#groups, timer, initialize });
  }

  replay(record: GroupRecord, at: RecordPosition): void {
    switch (record.type) {
      case 'LegacyOffsetCommit':
      case 'OffsetCommit':
        this.offsets.replay(record, at);
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
    this.offsets.replayMarker(producerId, committed);
  }

  onLoaded(): void {
    for (const group of this.#groups.all()) {
      if (group.type === 'classic') this.classic.onLoaded(group);
      else if (group.type === 'consumer') this.consumer.onLoaded(group);
      else if (group.type === 'streams') this.streams.onLoaded(group);
      else this.share.onLoaded(group);
    }
    this.offsets.onLoaded();
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

  /**
   * Deletes an empty group with its offsets, a batch at a time: MORE asks to be called again. A share group
   * of which something is kept had a member when it was to be forgotten, or since: a group that gets its
   * name later would go on from there.
   */
  deleteGroup(groupId: string): GroupDecision<ErrorName | 'MORE' | null> {
    const group = this.#groups.find(groupId);
    if (!group) return answer('GROUP_ID_NOT_FOUND');
    if (group.state !== 'Empty') return answer('NON_EMPTY_GROUP');
    if (group.type === 'share' && this.share.keepsState(group)) return answer('NON_EMPTY_GROUP');
    const { records, isAll } = this.offsets.tombstones(groupId);
    if (!isAll) return { ...answer('MORE'), records };
    return { ...answer(null), records: [...records, ...group.tombstones()] };
  }

  /** As DescribeGroups tells it, which knows classic groups only. */
  describe(groupId: string, apiVersion: number): DescribedGroup {
    const group = this.#groups.find(groupId);
    if (!group) return deadGroup(groupId, apiVersion, `Group ${groupId} not found.`);
    if (group.type !== 'classic')
      return deadGroup(groupId, apiVersion, `Group ${groupId} is not a classic group.`);
    return describeGroup(group);
  }

  list(isListed: (group: Group) => boolean): ListedGroup[] {
    return [...this.#groups.all()].filter(isListed).map(listedGroup);
  }
}
