import type { GuardedClock } from '../../base/guarded-clock.ts';
import { supervise } from '../../base/programmer-error.ts';
import type { World } from '../../base/world.ts';
import type { ImageDelta } from '../../metadata/delta.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { CONSUMER_OFFSETS } from '../../metadata/internal-topics.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import type { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/messages/08-offset-commit.ts';
import type { JoinGroupRequest, JoinGroupResponse } from '../../protocol/messages/11-join-group.ts';
import type { HeartbeatRequest, HeartbeatResponse } from '../../protocol/messages/12-heartbeat.ts';
import type { LeaveGroupRequest, LeaveGroupResponse } from '../../protocol/messages/13-leave-group.ts';
import type { SyncGroupRequest, SyncGroupResponse } from '../../protocol/messages/14-sync-group.ts';
import type { ListGroupsRequest, ListGroupsResponse } from '../../protocol/messages/16-list-groups.ts';
import type {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from '../../protocol/messages/28-txn-offset-commit.ts';
import type { DeleteGroupsResponse } from '../../protocol/messages/42-delete-groups.ts';
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../../protocol/messages/47-offset-delete.ts';
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
import { answer } from '../decision.ts';
import { CoordinatorRuntime, clientError } from '../runtime.ts';
import { joinError, syncError } from './classic/answers.ts';
import type { ClientContext, MemberContext } from './client-context.ts';
import { heartbeatError } from './consumer/answers.ts';
import { type DescribedConsumerGroup, undescribedConsumerGroup } from './consumer/describe.ts';
import { checkHeartbeat } from './consumer/heartbeat-check.ts';
import { type DescribedGroup, undescribed } from './describe.ts';
import { DEFAULT_GROUP_CONFIG, type GroupConfig } from './group-config.ts';
import { type GroupOffset, GroupShard } from './group-shard.ts';
import { commitError } from './offset-commit.ts';
import { type FetchedGroup, type FetchGroup, fetchError } from './offset-fetch.ts';
import { Patterns } from './patterns.ts';
import { decodeGroupRecord, encodeGroupRecord, type GroupRecord } from './records.ts';
import type { GroupStateStore, StatePartition } from './share/group-state-store.ts';
import { type DescribedShareGroup, undescribedShareGroup } from './share/share-describe.ts';
import { checkShareHeartbeat } from './share/share-heartbeat-check.ts';
import { ShareOffsets } from './share/share-offsets.ts';
import { type HeartbeatResult, heartbeatError as streamsHeartbeatError } from './streams/answers.ts';
import { type DescribedStreamsGroup, undescribedStreamsGroup } from './streams/describe.ts';
import { checkHeartbeat as checkStreamsHeartbeat } from './streams/heartbeat-check.ts';

/**
 * The group coordinator of this broker: one method per request. Each finds the shard of its group and
 * resolves with the response, errors included; none rejects for what a client sent.
 */
export class GroupCoordinator {
  readonly #world: World;
  readonly #config: GroupConfig;
  readonly #patterns = new Patterns();
  /**
   * Its part that is the same for every coordinator: which partitions of `__consumer_offsets` are led here.
   */
  readonly runtime: CoordinatorRuntime<GroupShard, GroupRecord>;
  readonly #shareState: GroupStateStore;
  /** Where share groups are in their partitions, for those who administer them. */
  readonly shareOffsets: ShareOffsets;

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
    this.#world = world;
    this.#config = config;
    this.#shareState = options.shareState;
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
              initializeShare: (groupId, stateEpoch, partitions) =>
                supervise(world, this.#initializeShare(groupId, stateEpoch, partitions)),
            },
            timer,
          ),
        encode: encodeGroupRecord,
        decode: (key, value) => decodeGroupRecord({ key, value }),
      },
      { topic: CONSUMER_OFFSETS, commitTimeoutMs: config.offsetCommitTimeoutMs },
    );
    this.shareOffsets = new ShareOffsets(this.runtime, this.#shareState);
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
    const refusal = this.#refuses(groupId);
    if (refusal) return joinError(memberId, refusal);
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#config;
    if (sessionTimeoutMs < minSessionTimeoutMs || sessionTimeoutMs > maxSessionTimeoutMs) {
      return joinError(memberId, 'INVALID_SESSION_TIMEOUT');
    }
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
    const refusal = this.#refuses(request.groupId);
    if (refusal) return syncError(refusal);
    return this.runtime.runFor<SyncGroupResponse>(
      request.groupId,
      (shard, waiter) => shard.sync(request, waiter),
      (error) => syncError(clientError(error)),
    );
  }

  async heartbeat(request: HeartbeatRequest): Promise<HeartbeatResponse> {
    const error =
      this.#refuses(request.groupId) ??
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
    if (refusal) return heartbeatError(refusal.error, refusal.message);
    return this.runtime.runFor<ShareGroupHeartbeatResponse>(
      request.groupId,
      (shard) => shard.share.heartbeat(client, request),
      (error) => heartbeatError(clientError(error), null),
    );
  }

  describeShareGroups(groupIds: readonly string[]): Promise<DescribedShareGroup[]> {
    return this.#describe(groupIds, undescribedShareGroup, (shard, groupId) => shard.share.describe(groupId));
  }

  /** `members` as versions 3 and later have them. */
  async leaveGroup(groupId: string, members: LeaveGroupRequest['members']): Promise<LeaveGroupResponse> {
    const failed = (error: ErrorName) => ({ errorCode: errorCode(error), members: [] });
    const refusal = this.#refuses(groupId);
    if (refusal) return failed(refusal);
    return this.runtime.runFor<LeaveGroupResponse>(
      groupId,
      (shard) => shard.leave(groupId, members),
      (error) => failed(clientError(error)),
    );
  }

  /** `topics` have names in every version; their partitions exist and the caller may read them. */
  async commitOffsets(client: ClientContext, request: OffsetCommitRequest): Promise<OffsetCommitResponse> {
    return this.runtime.runFor<OffsetCommitResponse>(
      request.groupId,
      (shard) => shard.commit(client, request),
      (error) => commitError(request.topics, clientError(error)),
    );
  }

  /**
   * The same for TxnOffsetCommit; the partition of `__consumer_offsets` is part of the transaction already.
   */
  async commitOffsetsInTransaction(request: TxnOffsetCommitRequest): Promise<TxnOffsetCommitResponse> {
    const refusal = this.#refuses(request.groupId);
    if (refusal) return commitError(request.topics, refusal);
    return this.runtime.runFor<TxnOffsetCommitResponse>(
      request.groupId,
      (shard) => shard.commitInTransaction(request),
      (error) => commitError(request.topics, clientError(error)),
    );
  }

  /** One group of an OffsetFetch; null `topics` asks for all it has. Topics have names in every version. */
  async fetchOffsets(request: FetchGroup, requireStable: boolean): Promise<FetchedGroup> {
    const { groupId } = request;
    return this.runtime.runFor<FetchedGroup>(
      groupId,
      (shard) => shard.fetch(request, requireStable),
      // Consumers before 3.9 retry on NOT_COORDINATOR only, and it makes them look for another coordinator.
      (error) => fetchError(groupId, error === 'REQUEST_TIMED_OUT' ? 'NOT_COORDINATOR' : error),
    );
  }

  /** `topics` whose partitions exist and that the caller may read. */
  async deleteOffsets(request: OffsetDeleteRequest): Promise<OffsetDeleteResponse> {
    const failed = (error: ErrorName) => ({ errorCode: errorCode(error), throttleTimeMs: 0, topics: [] });
    const refusal = this.#refuses(request.groupId);
    if (refusal) return failed(refusal);
    return this.runtime.runFor<OffsetDeleteResponse>(
      request.groupId,
      (shard) => shard.deleteOffsets(request),
      (error) => failed(clientError(error)),
    );
  }

  async deleteGroups(groupIds: readonly string[]): Promise<DeleteGroupsResponse['results']> {
    return Promise.all(
      groupIds.map(async (groupId) => {
        const error = await this.#deleteGroup(groupId);
        return { groupId, errorCode: errorCode(error ?? 'NONE') };
      }),
    );
  }

  async describeGroups(client: ClientContext, groupIds: readonly string[]): Promise<DescribedGroup[]> {
    return Promise.all(
      groupIds.map((groupId) => {
        return this.runtime.runFor<DescribedGroup>(
          groupId,
          (shard) => answer(shard.describe(groupId, client.apiVersion)),
          (error) => undescribed(groupId, clientError(error)),
        );
      }),
    );
  }

  describeConsumerGroups(groupIds: readonly string[]): Promise<DescribedConsumerGroup[]> {
    return this.#describe(groupIds, undescribedConsumerGroup, (shard, groupId) =>
      shard.consumer.describe(groupId),
    );
  }

  describeStreamsGroups(groupIds: readonly string[]): Promise<DescribedStreamsGroup[]> {
    return this.#describe(groupIds, undescribedStreamsGroup, (shard, groupId) =>
      shard.streams.describe(groupId),
    );
  }

  /**
   * The groups this broker coordinates. One shard that is loading makes it an error: the list would not be
   * whole.
   */
  async listGroups(
    filter: Pick<ListGroupsRequest, 'statesFilter' | 'typesFilter'>,
  ): Promise<ListGroupsResponse> {
    const listed = await this.runtime.list((shard) => shard.list(filter));
    return 'error' in listed
      ? { errorCode: errorCode(listed.error), groups: [] }
      : { errorCode: 0, groups: listed };
  }

  /**
   * What the groups that are coordinated here have committed. An error while a part of them is being loaded.
   */
  committedOffsets(): Promise<GroupOffset[] | { readonly error: ErrorName }> {
    return this.runtime.list((shard) => shard.committedOffsets());
  }

  /** `undescribed`: the description that has nothing but this error. */
  #describe<Described>(
    groupIds: readonly string[],
    undescribed: (groupId: string, error: ErrorName) => Described,
    describe: (shard: GroupShard, groupId: string) => Described,
  ): Promise<Described[]> {
    return Promise.all(
      groupIds.map((groupId) =>
        groupId === ''
          ? undescribed(groupId, 'INVALID_GROUP_ID')
          : this.runtime.runFor<Described>(
              groupId,
              (shard) => answer(describe(shard, groupId)),
              (error) => undescribed(groupId, clientError(error)),
            ),
      ),
    );
  }

  /**
   * Has the share coordinator keep these partitions, and tells the group of those that it keeps, and of those
   * that it does not.
   */
  async #initializeShare(
    groupId: string,
    stateEpoch: number,
    partitions: readonly StatePartition[],
  ): Promise<void> {
    const kept: StatePartition[] = [];
    const failed: StatePartition[] = [];
    await Promise.all(
      partitions.map(async (partition) => {
        const state = { stateEpoch, startOffset: -1 };
        const failure = await this.#shareState.initialize(groupId, partition, state);
        if (failure)
          this.#world.log.warn('the share coordinator does not keep a partition of a share group', {
            group: groupId,
            ...partition,
            ...failure,
          });
        (failure ? failed : kept).push(partition);
      }),
    );
    // Where the group is coordinated elsewhere by now, its next coordinator asks again.
    await this.runtime.runFor<null>(
      groupId,
      (shard) => shard.share.initialized(groupId, kept, failed),
      () => null,
    );
  }

  /** Resolves when no shard led here has offsets in these topics. */
  async #forgetTopics(gone: ReadonlySet<string>): Promise<void> {
    await Promise.all(
      this.runtime.partitions().map(async (partition) => {
        let more = true;
        while (more) {
          more = await this.runtime.run<boolean>(
            partition,
            (shard) => shard.forgetTopics(gone),
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

  #refuses(groupId: string): ErrorName | null {
    if (this.runtime.stopped) return 'COORDINATOR_NOT_AVAILABLE';
    return groupId === '' ? 'INVALID_GROUP_ID' : null;
  }
}
