import { assert } from '../../../base/assert.ts';
import type { GuardedClock } from '../../../base/guarded-clock.ts';
import type { World } from '../../../base/world.ts';
import { type ErrorName, errorCode } from '../../../protocol/errors.ts';
import type { JoinGroupRequest, JoinGroupResponse } from '../../../protocol/messages/11-join-group.ts';
import type { HeartbeatRequest } from '../../../protocol/messages/12-heartbeat.ts';
import type { LeaveGroupRequest, LeaveGroupResponse } from '../../../protocol/messages/13-leave-group.ts';
import type { SyncGroupRequest, SyncGroupResponse } from '../../../protocol/messages/14-sync-group.ts';
import type { CoordinatorTimer } from '../../coordinator-timer.ts';
import { answer, type CoordinatorDecision, Draft } from '../../decision.ts';
import type { Waiter } from '../../waiter.ts';
import type { ClientContext } from '../client-context.ts';
import type { GroupConfig } from '../group-config.ts';
import { emptyGroup } from '../group-record.ts';
import type { Groups } from '../groups.ts';
import type { GroupRecord, GroupRecordOf } from '../records.ts';
import { joinError, syncError } from './answers.ts';
import type { ClassicGroup } from './classic-group.ts';
import type { ClassicContext, GroupDraft } from './context.ts';
import { heartbeat } from './heartbeat.ts';
import { joinGroup } from './join.ts';
import { joining } from './joining.ts';
import { leaveGroup } from './leave.ts';
import { prepareRebalance } from './rebalance.ts';
import { endSession } from './session-end.ts';
import { renewSession } from './sessions.ts';
import { syncGroup } from './sync.ts';

/** What a shard does about classic groups: the requests of their members, and their records. */
export class ClassicKind {
  readonly #groups: Groups;
  readonly #context: ClassicContext;

  constructor(
    world: World,
    options: {
      readonly groups: Groups;
      readonly config: GroupConfig;
      readonly guardedClock: GuardedClock;
      readonly timer: CoordinatorTimer<GroupRecord>;
    },
  ) {
    const { groups, config, guardedClock, timer } = options;
    this.#groups = groups;
    this.#context = {
      world,
      config,
      guardedClock,
      timer,
      find: (groupId) => groups.classic(groupId),
      sessionEnded: (groupId, memberId) => {
        const draft: GroupDraft = new Draft();
        const group = groups.classic(groupId);
        if (group) endSession(this.#context, group, memberId, draft);
        return draft.decide(undefined);
      },
    };
  }

  replay({ key: { group }, value }: GroupRecordOf<'GroupMetadata'>): void {
    if (value !== null) this.#groups.replayedClassic(group, value.currentStateTimestamp).replay(value);
    // A group of another kind by now: this is what ended the classic one before it.
    else if (this.#groups.classic(group)) this.#groups.delete(group);
  }

  onLoaded(group: ClassicGroup): void {
    const isTooLarge = group.members.size > this.#context.config.maxSize;
    this.#begin(group, isTooLarge ? 'the group is larger than group.max.size' : null);
  }

  /**
   * The group was a consumer group, of which members of the classic protocol are left: they join again; or go
   * on, where the group is settled. The records of the classic group have been replayed.
   */
  takeOver(groupId: string, isSettled: boolean): void {
    const group = this.#groups.classic(groupId);
    assert(group !== undefined, 'a consumer group has become a classic one');
    this.#begin(group, isSettled ? null : 'the group was a consumer group');
  }

  /**
   * Makes the group known if a JoinGroup with this member id may do so, also in place of an empty consumer or
   * streams group; the join itself is the next command. A share group without members has its offsets still,
   * and stays.
   */
  create(groupId: string, memberId: string): CoordinatorDecision<GroupRecord, null> {
    const known = this.#groups.find(groupId);
    const takesName = (known?.type === 'consumer' || known?.type === 'streams') && known.state === 'Empty';
    if ((known && !takesName) || memberId !== '') return answer(null);
    return {
      ...answer(null),
      records: [...(known?.tombstones() ?? []), emptyGroup(groupId, this.#context.guardedClock.stamp())],
    };
  }

  join(
    client: ClientContext,
    request: JoinGroupRequest,
    waiter: Waiter<JoinGroupResponse>,
  ): CoordinatorDecision<GroupRecord, JoinGroupResponse> {
    const group = this.#groups.classic(request.groupId);
    // The group was not made: it does not exist for a client that says it is a member.
    if (!group) return answer(joinError(request.memberId, 'UNKNOWN_MEMBER_ID'));
    const draft: GroupDraft = new Draft();
    return draft.decide(joinGroup(this.#context, group, joining(client, request, waiter), draft));
  }

  sync(
    request: SyncGroupRequest,
    waiter: Waiter<SyncGroupResponse>,
  ): CoordinatorDecision<GroupRecord, SyncGroupResponse> {
    const group = this.#groups.classic(request.groupId);
    if (!group) return answer(syncError('UNKNOWN_MEMBER_ID'));
    return syncGroup(this.#context, group, request, waiter);
  }

  heartbeat(request: HeartbeatRequest): CoordinatorDecision<GroupRecord, ErrorName | null> {
    const group = this.#groups.classic(request.groupId);
    return answer(group ? heartbeat(this.#context, group, request) : 'UNKNOWN_MEMBER_ID');
  }

  leave(
    groupId: string,
    members: LeaveGroupRequest['members'],
  ): CoordinatorDecision<GroupRecord, LeaveGroupResponse> {
    const group = this.#groups.classic(groupId);
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
    return draft.decide(leaveGroup(this.#context, group, members, draft));
  }

  /** A member that commits lives, though it may be too busy for heartbeats. */
  committed(group: ClassicGroup, memberId: string): void {
    const member = group.members.get(memberId);
    if (member) renewSession(this.#context, group, member);
  }

  /**
   * Sessions begin, and a rebalance for this reason, if there is one. Nobody waits in a join yet, so
   * nothing is to be recorded or answered before somebody does.
   */
  #begin(group: ClassicGroup, reason: string | null): void {
    for (const member of group.members.values()) renewSession(this.#context, group, member);
    if (reason === null || group.state !== 'Stable') return;
    const draft: GroupDraft = new Draft();
    prepareRebalance(this.#context, group, draft, reason);
    assert(draft.records.length + draft.replies.length === 0, 'a rebalance begins with nobody in it');
  }
}
