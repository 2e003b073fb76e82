import type { GuardedClock } from '../../../base/guarded-clock.ts';
import type { World } from '../../../base/world.ts';
import type { ImageDelta } from '../../../metadata/delta.ts';
import type { ClusterImage } from '../../../metadata/image.ts';
import type { ErrorName } from '../../../protocol/errors.ts';
import type { JoinGroupResponse } from '../../../protocol/messages/11-join-group.ts';
import type { HeartbeatRequest } from '../../../protocol/messages/12-heartbeat.ts';
import type { LeaveGroupRequest, LeaveGroupResponse } from '../../../protocol/messages/13-leave-group.ts';
import type { SyncGroupRequest, SyncGroupResponse } from '../../../protocol/messages/14-sync-group.ts';
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../../protocol/messages/68-consumer-group-heartbeat.ts';
import { type Refusal, refused } from '../../../protocol/refusal.ts';
import type { CoordinatorTimer } from '../../coordinator-timer.ts';
import { answer, type CoordinatorDecision, Draft } from '../../decision.ts';
import type { Joining } from '../classic/joining.ts';
import type { MemberContext } from '../client-context.ts';
import { JOINING, LEAVING, LEAVING_FOR_A_WHILE } from '../epoch-member.ts';
import type { GroupConfig } from '../group-config.ts';
import type { Groups } from '../groups.ts';
import type { Patterns } from '../patterns.ts';
import type { GroupRecord } from '../records.ts';
import { heartbeatError } from './answers.ts';
import { ConsumerGroup, type ConsumerGroupRecord } from './consumer-group.ts';
import type { ConsumerContext } from './context.ts';
import { type DescribedConsumerGroup, describeConsumerGroup, undescribedConsumerGroup } from './describe.ts';
import { fenceMembers } from './fence.ts';
import { heartbeat } from './heartbeat.ts';
import { leave, removeMembers } from './leave.ts';
import type { ConsumerMember } from './member.ts';
import {
  heartbeatInConsumerGroup,
  joinConsumerGroup,
  syncConsumerGroup,
} from './migration/classic-members.ts';
import { adopt, upgraded } from './migration/upgrade.ts';
import { limitRevocation, renewSession } from './timers.ts';

/**
 * What a shard does about groups of the consumer protocol (KIP-848): the requests of their members, and their
 * records.
 */
export class ConsumerKind {
  readonly #context: ConsumerContext;
  #newTopicsSince = -1;

  constructor(
    world: World,
    options: {
      readonly groups: Groups;
      readonly config: GroupConfig;
      readonly guardedClock: GuardedClock;
      readonly timer: CoordinatorTimer<GroupRecord>;
      readonly patterns: Patterns;
      readonly image: () => ClusterImage;
      /** A group became a classic one, whose members are to join again. */
      readonly downgraded: ConsumerContext['downgraded'];
    },
  ) {
    this.#context = {
      world,
      ...options,
      newTopicsSince: () => this.#newTopicsSince,
      sessionEnded: (groupId, memberId) => this.#fence(groupId, memberId, 'its session ended', () => true),
      revocationEnded: (groupId, memberId, memberEpoch) =>
        this.#fence(
          groupId,
          memberId,
          'it did not give partitions back in time',
          (member) => member.state === 'UNREVOKED_PARTITIONS' && member.memberEpoch === memberEpoch,
        ),
      classicMemberIsLate: (groupId, memberId, what) =>
        this.#fence(
          groupId,
          memberId,
          `it did not ${what} in time`,
          ({ classicMetadata }) => classicMetadata !== null,
        ),
    };
  }

  replay(record: ConsumerGroupRecord): void {
    const { groups } = this.#context;
    const { groupId } = record.key;
    if (record.value !== null) groups.replayedConsumer(groupId).replay(record);
    else if (record.type === 'ConsumerGroupMetadata') {
      if (groups.consumer(groupId)) groups.delete(groupId);
    } else groups.consumer(groupId)?.replay(record);
  }

  onLoaded(group: ConsumerGroup): void {
    // Topics may have come while another broker coordinated the group, or none.
    this.#newTopicsSince = this.#context.image().provenance.offset;
    for (const member of group.members.values()) {
      renewSession(this.#context, group.groupId, member);
      limitRevocation(this.#context, group.groupId, member);
    }
  }

  /** What the cluster's topics became, and which of them are others than before. */
  onImage({ topics, image: before }: ImageDelta, changed: ReadonlySet<string>): void {
    if (topics && [...topics.changed.keys()].some((id) => !before.topics.byId(id)))
      this.#newTopicsSince = this.#context.image().provenance.offset;
    if (changed.size === 0) return;
    for (const group of this.#context.groups.all()) {
      if (group.type !== 'consumer') continue;
      for (const name of changed) if (group.isSubscribedTo(name)) group.requestRefresh();
    }
  }

  /** One ConsumerGroupHeartbeat whose fields fit together. */
  heartbeat(
    client: MemberContext,
    request: ConsumerGroupHeartbeatRequest,
  ): CoordinatorDecision<GroupRecord, ConsumerGroupHeartbeatResponse> {
    const draft = new Draft<GroupRecord>();
    const found = this.#groupFor(request, draft);
    if ('error' in found) return answer(heartbeatError(found.error, found.message));
    const { group, onSuccess } = found;
    const response = isLeaving(request.memberEpoch)
      ? leave(this.#context, group, request, draft)
      : heartbeat(this.#context, group, { client, request }, draft);
    // Nothing of a heartbeat that is refused counts.
    if (response.errorCode !== 0) return answer(response);
    if (onSuccess) draft.whenTaken(onSuccess);
    return draft.decide(response);
  }

  /** One JoinGroup of a member of the classic protocol, to a group that is not empty. */
  join(group: ConsumerGroup, joining: Joining): CoordinatorDecision<GroupRecord, JoinGroupResponse> {
    const draft = new Draft<GroupRecord>();
    return draft.decide(joinConsumerGroup(this.#context, group, joining, draft));
  }

  /** One SyncGroup of such a member. */
  sync(group: ConsumerGroup, request: SyncGroupRequest): CoordinatorDecision<GroupRecord, SyncGroupResponse> {
    return answer(syncConsumerGroup(this.#context, group, request));
  }

  /** One Heartbeat of such a member. */
  classicHeartbeat(
    group: ConsumerGroup,
    request: HeartbeatRequest,
  ): CoordinatorDecision<GroupRecord, ErrorName | null> {
    return answer(heartbeatInConsumerGroup(this.#context, group, request));
  }

  /** Members of the group are removed, as by an administrator. */
  removeMembers(
    group: ConsumerGroup,
    members: LeaveGroupRequest['members'],
  ): CoordinatorDecision<GroupRecord, LeaveGroupResponse> {
    const draft = new Draft<GroupRecord>();
    return draft.decide(removeMembers(this.#context, group, members, draft));
  }

  describe(groupId: string): DescribedConsumerGroup {
    const group = this.#context.groups.find(groupId);
    if (!group) return undescribedConsumerGroup(groupId, 'GROUP_ID_NOT_FOUND', `Group ${groupId} not found.`);
    if (group.type !== 'consumer')
      return undescribedConsumerGroup(
        groupId,
        'GROUP_ID_NOT_FOUND',
        `Group ${groupId} is not a consumer group.`,
      );
    return describeConsumerGroup(group, {
      topics: this.#context.image().topics,
      assignorNames: this.#context.config.consumer.assignors,
    });
  }

  /** The group that the heartbeat is for; one that joins makes it, or makes it of a classic group. */
  #groupFor(
    { groupId, memberEpoch }: ConsumerGroupHeartbeatRequest,
    draft: Draft<GroupRecord>,
  ): { readonly group: ConsumerGroup; readonly onSuccess?: () => void } | Refusal {
    const known = this.#context.groups.find(groupId);
    const isJoining = memberEpoch === JOINING;
    if (!known)
      return isJoining
        ? { group: new ConsumerGroup(groupId) }
        : refused(
            'GROUP_ID_NOT_FOUND',
            `${isLeaving(memberEpoch) ? 'Group' : 'Consumer group'} ${groupId} not found.`,
          );
    if (known.type === 'consumer') return { group: known };
    if (!isJoining || known.type !== 'classic')
      return refused('GROUP_ID_NOT_FOUND', `Group ${groupId} is not a consumer group.`);
    if (known.state === 'Empty') {
      for (const record of known.tombstones()) draft.append(record);
      return { group: new ConsumerGroup(groupId) };
    }
    const upgrade = upgraded(this.#context, known);
    if ('error' in upgrade) return upgrade;
    for (const record of upgrade.records) draft.append(record);
    return { group: upgrade.group, onSuccess: () => adopt(this.#context, known, upgrade, draft) };
  }

  #fence(
    groupId: string,
    memberId: string,
    reason: string,
    isDue: (member: ConsumerMember) => boolean,
  ): CoordinatorDecision<GroupRecord, void> {
    const draft = new Draft<GroupRecord>();
    const group = this.#context.groups.consumer(groupId);
    const member = group?.members.get(memberId);
    if (group && member && isDue(member)) {
      this.#context.world.log.info(`member is removed from consumer group, ${reason}`, {
        group: groupId,
        member: memberId,
      });
      fenceMembers(this.#context, group, [member], draft);
    }
    return draft.decide(undefined);
  }
}

function isLeaving(memberEpoch: number): boolean {
  return memberEpoch === LEAVING || memberEpoch === LEAVING_FOR_A_WHILE;
}
