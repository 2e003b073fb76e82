import type { GuardedClock } from '../../base/guarded-clock.ts';
import { inPortions } from '../../base/portions.ts';
import { supervise } from '../../base/programmer-error.ts';
import type { World } from '../../base/world.ts';
import type { ImageDelta } from '../../metadata/delta.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { CONSUMER_OFFSETS } from '../../metadata/internal-topics.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import type { JoinGroupRequest, JoinGroupResponse } from '../../protocol/messages/11-join-group.ts';
import type { HeartbeatRequest, HeartbeatResponse } from '../../protocol/messages/12-heartbeat.ts';
import type { LeaveGroupRequest, LeaveGroupResponse } from '../../protocol/messages/13-leave-group.ts';
import type { SyncGroupRequest, SyncGroupResponse } from '../../protocol/messages/14-sync-group.ts';
import type { DeleteGroupsResponse } from '../../protocol/messages/42-delete-groups.ts';
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../protocol/messages/68-consumer-group-heartbeat.ts';
import type {
  ShareGroupHeartbeatRequest,
  ShareGroupHeartbeatResponse,
} from '../../protocol/messages/76-share-group-heartbeat.ts';
import type { StreamsGroupHeartbeatRequest } from '../../protocol/messages/88-streams-group-heartbeat.ts';
import type { TransactionMarker } from '../coordinator-log.ts';
import { CoordinatorRuntime, clientError } from '../runtime.ts';
import { joinError, syncError } from './classic/answers.ts';
import { isModest } from './classic/joining.ts';
import type { ClientContext, MemberContext } from './client-context.ts';
import { heartbeatError } from './consumer/answers.ts';
import { checkHeartbeat } from './consumer/heartbeat-check.ts';
import { DEFAULT_GROUP_CONFIG, type GroupConfig } from './group-config.ts';
import { GroupDescriptions } from './group-descriptions.ts';
import { refusesGroupId } from './group-id-check.ts';
import { GroupShard } from './group-shard.ts';
import { OffsetRequests } from './offset-requests.ts';
import { Patterns } from './patterns.ts';
import { decodeGroupRecord, encodeGroupRecord, type GroupRecord } from './records.ts';
import { heartbeatError as shareHeartbeatError } from './share/answers.ts';
import type { GroupStateStore } from './share/group-state-store.ts';
import { initializeState } from './share/initialize-state.ts';
import { OrderedGroupState } from './share/ordered-group-state.ts';
import { checkShareHeartbeat } from './share/share-heartbeat-check.ts';
import { ShareOffsets } from './share/share-offsets.ts';
import { type HeartbeatResult, heartbeatError as streamsHeartbeatError } from './streams/answers.ts';
import { checkHeartbeat as checkStreamsHeartbeat } from './streams/heartbeat-check.ts';

/**
 * The group coordinator of this broker: one method for each request of a member. Each finds the shard of its
 * group and resolves with the response, errors included; none rejects for what a client sent.
 */
export class GroupCoordinator {
  readonly #world: World;
  readonly #config: GroupConfig;
  readonly #patterns = new Patterns();
  /**
   * Its part that is the same for every coordinator: which partitions of `__consumer_offsets` are led here.
   */
  readonly runtime: CoordinatorRuntime<GroupShard, GroupRecord>;
  /** Where share groups are in their partitions, for those who administer them. */
  readonly shareOffsets: ShareOffsets;
  /** What groups have committed. */
  readonly offsets: OffsetRequests;
  readonly descriptions: GroupDescriptions;

  constructor(
    world: World,
    options: {
      /** By which offsets and empty groups expire. */
      readonly guardedClock: GuardedClock;
      readonly config?: Partial<GroupConfig>;
      /** Keeps where share groups are in their partitions. */
      readonly shareState: GroupStateStore;
    },
  ) {
    const config = { ...DEFAULT_GROUP_CONFIG, ...options.config };
    const { guardedClock } = options;
    const shareState = new OrderedGroupState(options.shareState, (groupId) =>
      this.runtime.leaderEpoch(this.runtime.partitionFor(groupId)),
    );
    this.#world = world;
    this.#config = config;
    this.runtime = new CoordinatorRuntime<GroupShard, GroupRecord>(
      world,
      {
        name: 'group',
        createShard: (_partition, timer, image) =>
          new GroupShard(
            world,
            {
              config,
              guardedClock,
              image,
              patterns: this.#patterns,
              initializeShare: (groupId, stateEpoch, partitions) => {
                const wish = { groupId, stateEpoch, partitions };
                supervise(world, initializeState(world, this.runtime, shareState, wish));
              },
            },
            timer,
          ),
        encode: encodeGroupRecord,
        decode: (key, value) => decodeGroupRecord({ key, value }),
      },
      { topic: CONSUMER_OFFSETS, commitTimeoutMs: config.offsetCommitTimeoutMs },
    );
    this.shareOffsets = new ShareOffsets(world.clock, this.runtime, shareState);
    this.offsets = new OffsetRequests(this.runtime);
    this.descriptions = new GroupDescriptions(world.clock, this.runtime);
  }

  /** What the cluster knows now. The offsets that groups committed in topics which are gone are forgotten. */
  onImage(image: ClusterImage, delta: ImageDelta): void {
    this.runtime.onImage(image, delta);
    const deleted = [...(delta.topics?.deleted.values() ?? [])].map(({ name }) => name);
    if (deleted.length === 0) return;
    supervise(this.#world, this.#forgetTopics(new Set(deleted)));
  }

  async joinGroup(client: ClientContext, request: JoinGroupRequest): Promise<JoinGroupResponse> {
    const { groupId, memberId, sessionTimeoutMs } = request;
    const refusal = refusesGroupId(this.runtime, groupId);
    if (refusal) return joinError(memberId, refusal);
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#config;
    if (sessionTimeoutMs < minSessionTimeoutMs || sessionTimeoutMs > maxSessionTimeoutMs) {
      return joinError(memberId, 'INVALID_SESSION_TIMEOUT');
    }
    if (!isModest(request.protocols)) return joinError(memberId, 'INVALID_REQUEST');
    // Two commands, decided one right after the other: the first makes the group known, the second sees it.
    const created = this.runtime.runFor<ErrorName | null>(
      groupId,
      (shard) => shard.classic.create(groupId, memberId),
      (error) => error,
    );
    const joined = this.runtime.runFor<JoinGroupResponse>(
      groupId,
      (shard, waiter) => shard.join(client, request, waiter),
      (error) => joinError(memberId, clientError(error)),
    );
    const failure = await created;
    // The join was decided on a group that the log may not have.
    return failure ? joinError(memberId, clientError(failure)) : joined;
  }

  async syncGroup(request: SyncGroupRequest): Promise<SyncGroupResponse> {
    const refusal = refusesGroupId(this.runtime, request.groupId);
    if (refusal) return syncError(refusal);
    return this.runtime.runFor<SyncGroupResponse>(
      request.groupId,
      (shard, waiter) => shard.sync(request, waiter),
      (error) => syncError(clientError(error)),
    );
  }

  async heartbeat(request: HeartbeatRequest): Promise<HeartbeatResponse> {
    const error =
      refusesGroupId(this.runtime, request.groupId) ??
      (await this.runtime.runFor<ErrorName | null>(
        request.groupId,
        (shard) => shard.heartbeat(request),
        // Sessions begin anew once the group is loaded: nothing is lost by calling this good.
        (failure) => (failure === 'COORDINATOR_LOAD_IN_PROGRESS' ? null : clientError(failure)),
      ));
    return { errorCode: errorCode(error ?? 'NONE') };
  }

  /** A heartbeat of a member of a consumer group (KIP-848): it joins, works and leaves with it. */
  async consumerHeartbeat(
    client: MemberContext,
    request: ConsumerGroupHeartbeatRequest,
  ): Promise<ConsumerGroupHeartbeatResponse> {
    const refusal = checkHeartbeat(request, {
      apiVersion: client.apiVersion,
      assignorNames: this.#config.consumer.assignors,
    });
    if (refusal) return heartbeatError(refusal.error, refusal.message);
    const { subscribedTopicRegex: expression } = request;
    // A known one waits for nothing, so that the requests of a connection are decided in their order.
    const fault =
      !expression || this.#patterns.find(expression) ? null : await this.#patterns.compile(expression);
    if (fault)
      return heartbeatError(
        'INVALID_REGULAR_EXPRESSION',
        `SubscribedTopicRegex \`${expression}\` is not a valid regular expression: ${fault}.`,
      );
    return this.runtime.runFor<ConsumerGroupHeartbeatResponse>(
      request.groupId,
      (shard) => shard.consumer.heartbeat(client, request),
      (error) => heartbeatError(clientError(error), null),
    );
  }

  /** A heartbeat of a member of a streams group (KIP-1071). The caller makes the topics that are missing. */
  async streamsHeartbeat(
    client: ClientContext,
    request: StreamsGroupHeartbeatRequest,
  ): Promise<HeartbeatResult> {
    const failed = (error: ErrorName, message: string | null): HeartbeatResult => ({
      response: streamsHeartbeatError(error, message),
      missing: [],
    });
    const refusal = checkStreamsHeartbeat(request);
    if (refusal) return failed(refusal.error, refusal.message);
    return this.runtime.runFor<HeartbeatResult>(
      request.groupId,
      (shard) => shard.streams.heartbeat(client, request),
      (error) => failed(clientError(error), null),
    );
  }

  /** A heartbeat of a member of a share group (KIP-932): it joins, works and leaves with it. */
  async shareHeartbeat(
    client: ClientContext,
    request: ShareGroupHeartbeatRequest,
  ): Promise<ShareGroupHeartbeatResponse> {
    const refusal = checkShareHeartbeat(request);
    if (refusal) return shareHeartbeatError(refusal.error, refusal.message);
    return this.runtime.runFor<ShareGroupHeartbeatResponse>(
      request.groupId,
      (shard) => shard.share.heartbeat(client, request),
      (error) => shareHeartbeatError(clientError(error), null),
    );
  }

  /** `members` as versions 3 and later have them. */
  async leaveGroup(groupId: string, members: LeaveGroupRequest['members']): Promise<LeaveGroupResponse> {
    const failed = (error: ErrorName) => ({ errorCode: errorCode(error), members: [] });
    const refusal = refusesGroupId(this.runtime, groupId);
    if (refusal) return failed(refusal);
    return this.runtime.runFor<LeaveGroupResponse>(
      groupId,
      (shard) => shard.leave(groupId, members),
      (error) => failed(clientError(error)),
    );
  }

  async deleteGroups(groupIds: readonly string[]): Promise<DeleteGroupsResponse['results']> {
    return inPortions(this.#world.clock, groupIds, async (groupId) => {
      const error = await this.#deleteGroup(groupId);
      return { groupId, errorCode: errorCode(error ?? 'NONE') };
    });
  }

  /** Resolves when no shard led here has offsets in these topics. */
  async #forgetTopics(gone: ReadonlySet<string>): Promise<void> {
    await Promise.all(
      this.runtime.partitions().map(async (partition) => {
        let more = true;
        while (more) {
          more = await this.runtime.run<boolean>(
            partition,
            (shard) => shard.offsets.forgetTopics(gone),
            // Whoever leads it next has the offsets still; they expire.
            () => false,
          );
        }
      }),
    );
  }

  /** A transaction ended in a partition of `__consumer_offsets`: its offsets count now, or never. */
  completeTransaction(partition: number, marker: TransactionMarker): Promise<ErrorName | null> {
    return this.runtime.completeTransaction(partition, marker);
  }

  async #deleteGroup(groupId: string): Promise<ErrorName | null> {
    const failure = await this.shareOffsets.forgetAll(groupId);
    if (failure) return failure;
    for (;;) {
      const result = await this.runtime.runFor<ErrorName | 'MORE' | null>(
        groupId,
        (shard) => shard.deleteGroup(groupId),
        clientError,
      );
      if (result !== 'MORE') return result;
    }
  }
}
