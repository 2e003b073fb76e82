import type { World } from '../../../base/world.ts';
import type { ClusterImage } from '../../../metadata/image.ts';
import type { StreamsGroupHeartbeatRequest } from '../../../protocol/messages/88-streams-group-heartbeat.ts';
import { type Refusal, refused } from '../../../protocol/refusal.ts';
import type { CoordinatorTimer } from '../../coordinator-timer.ts';
import { answer, type CoordinatorDecision, Draft } from '../../decision.ts';
import type { ClientContext } from '../client-context.ts';
import { JOINING, LEAVING } from '../epoch-member.ts';
import type { GroupConfig } from '../group-config.ts';
import type { Groups } from '../groups.ts';
import type { GroupRecord } from '../records.ts';
import { type HeartbeatResult, heartbeatError } from './answers.ts';
import type { StreamsContext } from './context.ts';
import { type DescribedStreamsGroup, describeStreamsGroup, undescribedStreamsGroup } from './describe.ts';
import { fenceMember } from './fence.ts';
import { heartbeat, left } from './heartbeat.ts';
import { cancelInitialDelay } from './initial-delay.ts';
import type { StreamsMember } from './member.ts';
import { StreamsGroup, type StreamsGroupRecord } from './streams-group.ts';
import { assignTargets } from './target-assignment.ts';
import { limitRevocation, renewSession } from './timers.ts';
import { configureTopology } from './topology/configured-topology.ts';

/**
 * What a shard does about groups of the streams protocol (KIP-1071): the requests of their members, and their
 * records.
 */
export class StreamsKind {
  readonly #context: StreamsContext;

  constructor(
    world: World,
    options: {
      readonly groups: Groups;
      readonly config: GroupConfig;
      readonly timer: CoordinatorTimer<GroupRecord>;
      readonly image: () => ClusterImage;
    },
  ) {
    const { groups, config, timer, image } = options;
    this.#context = {
      world,
      groups,
      config,
      timer,
      image,
      sessionEnded: (groupId, memberId) => this.#fence(groupId, memberId, 'its session ended', () => true),
      revocationEnded: (groupId, memberId, memberEpoch) =>
        this.#fence(
          groupId,
          memberId,
          'it did not give tasks back in time',
          (member) => member.state === 'UNREVOKED_TASKS' && member.memberEpoch === memberEpoch,
        ),
      initialDelayEnded: (groupId) => this.#assignFirst(groupId),
    };
  }

  replay(record: StreamsGroupRecord): void {
    const { groups } = this.#context;
    const { groupId } = record.key;
    if (record.value !== null) groups.replayedStreams(groupId).replay(record);
    else if (record.type === 'StreamsGroupMetadata') {
      if (!groups.streams(groupId)) return;
      groups.delete(groupId);
      cancelInitialDelay(this.#context, groupId);
    } else groups.streams(groupId)?.replay(record);
  }

  onLoaded(group: StreamsGroup): void {
    for (const member of group.members.values()) {
      renewSession(this.#context, group.groupId, member.memberId);
      limitRevocation(this.#context, group.groupId, member);
    }
  }

  /**
   * That a topic came, went, has more partitions or other replicas is something to a group that needs it; who
   * leads is not.
   */
  onImage(changedTopics: ReadonlySet<string>): void {
    for (const group of this.#context.groups.all()) {
      if (group.type !== 'streams') continue;
      const { topology } = group;
      if (!topology) continue;
      for (const name of changedTopics) if (topology.requiredTopics.has(name)) group.requestRefresh();
    }
  }

  /** One StreamsGroupHeartbeat whose fields fit together. */
  heartbeat(
    client: ClientContext,
    request: StreamsGroupHeartbeatRequest,
  ): CoordinatorDecision<GroupRecord, HeartbeatResult> {
    const draft = new Draft<GroupRecord>();
    const result =
      request.memberEpoch === LEAVING ? this.#leave(request, draft) : this.#heartbeat(client, request, draft);
    // Nothing of a heartbeat that is refused counts.
    if ('error' in result)
      return answer({ response: heartbeatError(result.error, result.message), missing: [] });
    return draft.decide(result);
  }

  describe(groupId: string): DescribedStreamsGroup {
    const group = this.#context.groups.find(groupId);
    if (!group) return undescribedStreamsGroup(groupId, 'GROUP_ID_NOT_FOUND', `Group ${groupId} not found.`);
    if (group.type !== 'streams')
      return undescribedStreamsGroup(
        groupId,
        'GROUP_ID_NOT_FOUND',
        `Group ${groupId} is not a streams group.`,
      );
    return describeStreamsGroup(group, this.#configured(group));
  }

  #heartbeat(
    client: ClientContext,
    request: StreamsGroupHeartbeatRequest,
    draft: Draft<GroupRecord>,
  ): HeartbeatResult | Refusal {
    const group = this.#groupFor(request, draft);
    return 'error' in group ? group : heartbeat(this.#context, group, { client, request }, draft);
  }

  #leave(request: StreamsGroupHeartbeatRequest, draft: Draft<GroupRecord>): HeartbeatResult | Refusal {
    const { groupId, memberId } = request;
    const group = this.#context.groups.find(groupId);
    if (!group) return refused('GROUP_ID_NOT_FOUND', `Group ${groupId} not found.`);
    if (group.type !== 'streams')
      return refused('GROUP_ID_NOT_FOUND', `Group ${groupId} is not a streams group.`);
    if (!group.members.has(memberId))
      return refused('UNKNOWN_MEMBER_ID', `Member ${memberId} is not a member of group ${groupId}.`);
    this.#context.world.log.info('member leaves streams group', { group: groupId, member: memberId });
    if (request.shutdownApplication) group.requestShutdown(memberId);
    fenceMember(this.#context, group, memberId, draft);
    return left(request);
  }

  /**
   * The group that the heartbeat is for; one that joins makes it, also in place of an empty classic group.
   */
  #groupFor(
    { groupId, memberEpoch }: StreamsGroupHeartbeatRequest,
    draft: Draft<GroupRecord>,
  ): StreamsGroup | Refusal {
    const known = this.#context.groups.find(groupId);
    if (known?.type === 'streams') return known;
    const isJoining = memberEpoch === JOINING;
    if (!known)
      return isJoining
        ? new StreamsGroup(groupId)
        : refused('GROUP_ID_NOT_FOUND', `Streams group ${groupId} not found.`);
    if (!isJoining || known.type !== 'classic' || known.state !== 'Empty')
      return refused('GROUP_ID_NOT_FOUND', `Group ${groupId} is not a streams group.`);
    for (const record of known.tombstones()) draft.append(record);
    return new StreamsGroup(groupId);
  }

  /** The topology held against the topics of now, without remembering it; null where that is not possible. */
  #configured({ topology, configured }: StreamsGroup) {
    if (configured || !topology) return configured;
    const found = configureTopology(topology, this.#context.image());
    return 'error' in found ? null : found;
  }

  /** Where topics changed since the last heartbeat, the next one makes the targets. */
  #assignFirst(groupId: string): CoordinatorDecision<GroupRecord, void> {
    const draft = new Draft<GroupRecord>();
    const group = this.#context.groups.streams(groupId);
    if (group?.configured && group.members.size > 0 && group.groupEpoch > group.assignmentEpoch) {
      const { records } = assignTargets(group, {
        members: [...group.members.values()],
        topology: group.configured,
        standbyReplicas: Number(group.assignmentConfigs.get('num.standby.replicas') ?? 0),
        epoch: group.groupEpoch,
        now: this.#context.world.clock.now(),
      });
      for (const record of records) draft.append(record);
    }
    return draft.decide(undefined);
  }

  #fence(
    groupId: string,
    memberId: string,
    reason: string,
    isDue: (member: StreamsMember) => boolean,
  ): CoordinatorDecision<GroupRecord, void> {
    const draft = new Draft<GroupRecord>();
    const group = this.#context.groups.streams(groupId);
    const member = group?.members.get(memberId);
    if (group && member && isDue(member)) {
      this.#context.world.log.info(`member is removed from streams group, ${reason}`, {
        group: groupId,
        member: memberId,
      });
      fenceMember(this.#context, group, memberId, draft);
    }
    return draft.decide(undefined);
  }
}
