import type { Uuid } from '../../../base/brand.ts';
import type { World } from '../../../base/world.ts';
import type { ClusterImage } from '../../../metadata/image.ts';
import type { ErrorName } from '../../../protocol/errors.ts';
import type {
  ShareGroupHeartbeatRequest,
  ShareGroupHeartbeatResponse,
} from '../../../protocol/messages/76-share-group-heartbeat.ts';
import type { CoordinatorTimer } from '../../coordinator-timer.ts';
import { answer, type CoordinatorDecision, Draft } from '../../decision.ts';
import type { ClientContext } from '../client-context.ts';
import { metadataHash } from '../consumer/metadata-hash.ts';
import { JOINING, LEAVING } from '../epoch-member.ts';
import type { GroupConfig } from '../group-config.ts';
import type { Groups } from '../groups.ts';
import { cancelTimers } from '../member-timers.ts';
import type { GroupRecord } from '../records.ts';
import { heartbeatError } from './answers.ts';
import type { StatePartition } from './group-state-store.ts';
import type { ShareContext } from './share-context.ts';
import { type DescribedShareGroup, describeShareGroup, undescribedShareGroup } from './share-describe.ts';
import { ShareGroup, type ShareGroupRecord } from './share-group.ts';
import { renewSession, shareHeartbeat } from './share-heartbeat.ts';
import type { ShareMember } from './share-member.ts';
import { groupEpoch, memberTombstones } from './share-records.ts';
import {
  partitionsOf,
  plus,
  type StateTopic,
  statePartitionsRecord,
  topicIdsOf,
  withDeleting,
  withForgotten,
  withInitialized,
  withInitializing,
  withoutInitializing,
  withoutTopics,
} from './state-partitions.ts';

type ShareDecision<Answer> = CoordinatorDecision<GroupRecord, Answer>;

/** What the group asks the share coordinator to forget, or why it does not. */
export type Forgetting = { readonly partitions: readonly StatePartition[] } | { readonly error: ErrorName };

/** Where a group is to begin, in partitions that exist. */
export interface NewOffset extends StatePartition {
  readonly startOffset: number;
}

/** Groups that forget topics in one batch of the log: each writes all partitions that it has. */
const MAX_FORGETTING = 20;

/** What a shard does about share groups (KIP-932): the requests of their members, and their records. */
export class ShareKind {
  readonly #context: ShareContext;

  constructor(
    world: World,
    options: {
      readonly groups: Groups;
      readonly config: GroupConfig;
      readonly timer: CoordinatorTimer<GroupRecord>;
      readonly image: () => ClusterImage;
      readonly initialize: ShareContext['initialize'];
    },
  ) {
    const { groups, config, timer, image, initialize } = options;
    this.#context = {
      world,
      groups,
      config,
      timer,
      image,
      initialize,
      sessionEnded: (groupId, memberId) => this.#sessionEnded(groupId, memberId),
    };
  }

  replay(record: ShareGroupRecord): void {
    const { groups } = this.#context;
    const { groupId } = record.key;
    if (record.value !== null) groups.replayedShare(groupId).replay(record);
    else if (record.type === 'ShareGroupMetadata') {
      if (groups.share(groupId)) groups.delete(groupId);
    } else groups.share(groupId)?.replay(record);
  }

  onLoaded(group: ShareGroup): void {
    for (const memberId of group.members.keys()) renewSession(this.#context, group.groupId, memberId);
  }

  /** Something of these topics is another. */
  onImage(changed: ReadonlySet<string>): void {
    for (const group of this.#context.groups.all()) {
      if (group.type !== 'share') continue;
      for (const name of changed) if (group.isSubscribedTo(name)) group.requestRefresh();
    }
  }

  /** One ShareGroupHeartbeat whose fields fit together. */
  heartbeat(
    client: ClientContext,
    request: ShareGroupHeartbeatRequest,
  ): ShareDecision<ShareGroupHeartbeatResponse> {
    const { groupId, memberEpoch } = request;
    const known = this.#context.groups.find(groupId);
    if (known && known.type !== 'share')
      return answer(heartbeatError('GROUP_ID_NOT_FOUND', `Group ${groupId} is not a share group.`));
    if (!known && memberEpoch !== JOINING)
      return answer(
        heartbeatError(
          'GROUP_ID_NOT_FOUND',
          `${memberEpoch === LEAVING ? 'Group' : 'Share group'} ${groupId} not found.`,
        ),
      );
    const group = known ?? new ShareGroup(groupId);
    const draft = new Draft<GroupRecord>();
    if (memberEpoch === LEAVING) return draft.decide(this.#leave(group, request, draft));
    const { response, committed } = shareHeartbeat(this.#context, group, { client, request }, draft);
    if (response.errorCode !== 0) return answer(response);
    return { ...draft.decide(response), ...(committed ? { committed } : {}) };
  }

  describe(groupId: string): DescribedShareGroup {
    const group = this.#context.groups.find(groupId);
    if (!group) return undescribedShareGroup(groupId, 'GROUP_ID_NOT_FOUND', `Group ${groupId} not found.`);
    if (group.type !== 'share')
      return undescribedShareGroup(groupId, 'GROUP_ID_NOT_FOUND', `Group ${groupId} is not a share group.`);
    return describeShareGroup(group, this.#context.image().topics);
  }

  /**
   * The share coordinator keeps these partitions of the group by now. Those that it was told to forget
   * meanwhile, or whose topic is gone, are left out. Those that it could not take are asked for again with
   * the next heartbeat.
   */
  initialized(
    groupId: string,
    kept: readonly StatePartition[],
    failed: readonly StatePartition[] = [],
  ): ShareDecision<null> {
    const group = this.#context.groups.share(groupId);
    const awaited = (all: readonly StatePartition[]) =>
      all.filter(({ topicId, partition }) =>
        group?.statePartitions.initializing.get(topicId)?.partitions.has(partition),
      );
    const [known, unknown] = [awaited(kept), awaited(failed)];
    if (!group || known.length + unknown.length === 0) return answer(null);
    const state = withInitialized(group.statePartitions, this.#named(known));
    return {
      ...answer(null),
      records: [statePartitionsRecord(groupId, withoutInitializing(state, this.#named(unknown)))],
    };
  }

  /**
   * The partitions that an empty group, or a group that is not there, is given other offsets in; and in which
   * epoch.
   */
  alter(
    groupId: string,
    partitions: readonly StatePartition[],
  ): ShareDecision<{ readonly error: ErrorName } | { readonly stateEpoch: number }> {
    const known = this.#context.groups.find(groupId);
    if (known && known.type !== 'share') return answer({ error: 'GROUP_ID_NOT_FOUND' });
    if (known?.state === 'Stable') return answer({ error: 'NON_EMPTY_GROUP' });
    const group = known ?? new ShareGroup(groupId);
    if (partitions.length === 0) return answer({ stateEpoch: group.groupEpoch });
    // In an epoch of its own: whatever leaders of the partitions have in memory of the group counts no more.
    const stateEpoch = group.groupEpoch + 1;
    const state = withInitializing(group.statePartitions, this.#named(partitions));
    return {
      ...answer({ stateEpoch }),
      records: [
        groupEpoch(groupId, { epoch: stateEpoch, metadataHash: group.metadataHash }),
        statePartitionsRecord(groupId, state),
      ],
    };
  }

  /** The partitions whose state the share coordinator keeps for the group. */
  initializedPartitions(groupId: string): readonly StatePartition[] {
    const group = this.#context.groups.share(groupId);
    return group ? partitionsOf(group.statePartitions.initialized) : [];
  }

  /** Whether the group may be forgotten, in some topics or in all; the share coordinator is asked next. */
  forget(groupId: string, topicIds: ReadonlySet<Uuid> | 'all'): ShareDecision<Forgetting> {
    const known = this.#context.groups.find(groupId);
    if (known?.type !== 'share') return answer({ error: 'GROUP_ID_NOT_FOUND' });
    if (known.state !== 'Empty') return answer({ error: 'NON_EMPTY_GROUP' });
    const { initialized, initializing, deleting } = known.statePartitions;
    const { topics } = this.#context.image();
    const kept = new Map<Uuid, StateTopic>(plus(initialized, initializing));
    // What was to be forgotten before and was not, for whatever reason.
    for (const [topicId, name] of deleting)
      kept.set(topicId, { name, partitions: new Set(topics.byId(topicId)?.partitions.keys() ?? []) });
    const wanted = new Map([...kept].filter(([topicId]) => topicIds === 'all' || topicIds.has(topicId)));
    if (wanted.size === 0) return answer({ partitions: [] });
    const names = new Map([...wanted].map(([topicId, { name }]) => [topicId, name]));
    return {
      ...answer({ partitions: partitionsOf(wanted).filter(({ topicId }) => topics.byId(topicId)) }),
      records: [statePartitionsRecord(groupId, withDeleting(known.statePartitions, names))],
    };
  }

  /**
   * The share coordinator keeps nothing of the group in these topics any more. What it was asked to keep for
   * a member that joined meanwhile it may keep or not: it is asked again to keep it, or to forget it.
   */
  forgotten(groupId: string, topicIds: ReadonlySet<Uuid>): ShareDecision<null> {
    const group = this.#context.groups.share(groupId);
    if (!group || topicIds.size === 0) return answer(null);
    return {
      ...answer(null),
      records: [statePartitionsRecord(groupId, withForgotten(group.statePartitions, topicIds))],
    };
  }

  /** Whether the share coordinator may keep something of the group, in topics that exist. */
  keepsState({ statePartitions }: ShareGroup): boolean {
    const { topics } = this.#context.image();
    return topicIdsOf(statePartitions).some((topicId) => topics.byId(topicId) !== undefined);
  }

  /**
   * Has all groups forget topics that are gone, also those that went while nobody coordinated them. The share
   * coordinator finds out by itself.
   */
  forgetTopics(): void {
    this.#context.timer.schedule('topics of share groups', 0, () => {
      const { topics } = this.#context.image();
      const records: GroupRecord[] = [];
      for (const group of this.#context.groups.all()) {
        if (group.type !== 'share' || records.length === MAX_FORGETTING) continue;
        const { groupId, statePartitions } = group;
        const gone = new Set(topicIdsOf(statePartitions).filter((topicId) => !topics.byId(topicId)));
        if (gone.size > 0) records.push(statePartitionsRecord(groupId, withoutTopics(statePartitions, gone)));
      }
      const taken = () => {
        if (records.length === MAX_FORGETTING) this.forgetTopics();
      };
      return { ...answer(undefined), records, taken };
    });
  }

  #named(partitions: readonly StatePartition[]): Map<Uuid, StateTopic> {
    const { topics } = this.#context.image();
    const named = new Map<Uuid, { name: string; partitions: Set<number> }>();
    for (const { topicId, partition } of partitions) {
      const known = named.get(topicId);
      if (known) known.partitions.add(partition);
      else
        named.set(topicId, {
          name: topics.byId(topicId)?.name ?? '<UNKNOWN>',
          partitions: new Set([partition]),
        });
    }
    return named;
  }

  #leave(
    group: ShareGroup,
    { memberId, memberEpoch }: ShareGroupHeartbeatRequest,
    draft: Draft<GroupRecord>,
  ): ShareGroupHeartbeatResponse {
    const member = group.members.get(memberId);
    if (!member)
      return heartbeatError(
        'UNKNOWN_MEMBER_ID',
        `Member ${memberId} is not a member of group ${group.groupId}.`,
      );
    this.#context.world.log.info('member leaves share group', { group: group.groupId, member: memberId });
    this.#remove(group, member, draft);
    return { ...heartbeatError('NONE', null), memberId, memberEpoch };
  }

  #sessionEnded(groupId: string, memberId: string): ShareDecision<void> {
    const draft = new Draft<GroupRecord>();
    const group = this.#context.groups.share(groupId);
    const member = group?.members.get(memberId);
    if (group && member) {
      this.#context.world.log.info('member is removed from share group, its session ended', {
        group: groupId,
        member: memberId,
      });
      this.#remove(group, member, draft);
    }
    return draft.decide(undefined);
  }

  /** The next heartbeat of another member makes an assignment without it. */
  #remove(group: ShareGroup, { memberId }: ShareMember, draft: Draft<GroupRecord>): void {
    const { groupId } = group;
    for (const record of memberTombstones(groupId, memberId)) draft.append(record);
    const staying = [...group.members.values()].filter((one) => one.memberId !== memberId);
    const hash = metadataHash(staying, this.#context.image(), () => []);
    draft.append(groupEpoch(groupId, { epoch: group.groupEpoch + 1, metadataHash: hash }));
    draft.whenTaken(() => cancelTimers(this.#context, groupId, memberId));
  }
}
