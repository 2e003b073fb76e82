import type { GuardedClock } from '../../base/guarded-clock.ts';
import type { World } from '../../base/world.ts';
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
import type { CoordinatorLog, TransactionMarker } from '../coordinator-log.ts';
import { answer } from '../decision.ts';
import { partitionFor } from '../partition-for.ts';
import { CoordinatorRuntime } from '../runtime.ts';
import { joinError, syncError } from './classic/answers.ts';
import type { ClientContext } from './client-context.ts';
import { type DescribedGroup, undescribed } from './describe.ts';
import { DEFAULT_GROUP_CONFIG, type GroupConfig } from './group-config.ts';
import { GroupShard } from './group-shard.ts';
import { commitError } from './offset-commit.ts';
import { type FetchedGroup, type FetchGroup, fetchError } from './offset-fetch.ts';
import { decodeGroupRecord, encodeGroupRecord, type GroupRecord } from './records.ts';

/**
 * The group coordinator of this broker: one method per request. Each finds the shard of its group and resolves with
 * the response, errors included; none rejects for what a client sent.
 */
export class GroupCoordinator {
  readonly #config: GroupConfig;
  readonly #partitionCount: () => number;
  readonly #runtime: CoordinatorRuntime<GroupShard, GroupRecord>;
  #active = true;

  /** `partitionCount`: of `__consumer_offsets`; 0 while that topic does not exist. */
  constructor(
    world: World,
    options: {
      readonly partitionCount: () => number;
      /** By which offsets and empty groups expire. */
      readonly guardedClock: GuardedClock;
      readonly config?: Partial<GroupConfig>;
    },
  ) {
    const config = { ...DEFAULT_GROUP_CONFIG, ...options.config };
    const { guardedClock } = options;
    this.#config = config;
    this.#partitionCount = options.partitionCount;
    this.#runtime = new CoordinatorRuntime<GroupShard, GroupRecord>(
      world,
      {
        name: 'group',
        createShard: (_partition, timer) => new GroupShard(world, { config, guardedClock }, timer),
        encode: encodeGroupRecord,
        decode: (key, value) => decodeGroupRecord({ key, value }),
      },
      { commitTimeoutMs: config.offsetCommitTimeoutMs },
    );
  }

  /** This broker leads the partition of `__consumer_offsets` in this epoch; `log` is its log. */
  onElection(partition: number, leaderEpoch: number, log: CoordinatorLog): void {
    if (this.#active) this.#runtime.onElection(partition, leaderEpoch, log);
  }

  /** It leads it no longer, as of this epoch. */
  onResignation(partition: number, leaderEpoch?: number): void {
    this.#runtime.onResignation(partition, leaderEpoch);
  }

  /** Whether requests for this partition's groups are decided here now. */
  isActive(partition: number): boolean {
    return this.#runtime.isActive(partition);
  }

  /** The partition of `__consumer_offsets` whose leader coordinates the group. */
  partitionFor(groupId: string): number {
    return partitionFor(groupId, Math.max(1, this.#partitionCount()));
  }

  /** Answers everything that waits; further requests get COORDINATOR_NOT_AVAILABLE. */
  stop(): void {
    this.#active = false;
    this.#runtime.stop();
  }

  async joinGroup(client: ClientContext, request: JoinGroupRequest): Promise<JoinGroupResponse> {
    const { groupId, memberId, sessionTimeoutMs } = request;
    const refusal = this.#refuses(groupId);
    if (refusal) return joinError(memberId, refusal);
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#config;
    if (sessionTimeoutMs < minSessionTimeoutMs || sessionTimeoutMs > maxSessionTimeoutMs) {
      return joinError(memberId, 'INVALID_SESSION_TIMEOUT');
    }
    const partition = this.partitionFor(groupId);
    // Two commands, decided one right after the other: the first makes the group known, the second sees it.
    const created = this.#runtime.run<ErrorName | null>(
      partition,
      (shard) => shard.createGroup(groupId, memberId),
      (error) => error,
    );
    const joined = this.#runtime.run<JoinGroupResponse>(
      partition,
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
    return this.#runtime.run<SyncGroupResponse>(
      this.partitionFor(request.groupId),
      (shard, waiter) => shard.sync(request, waiter),
      (error) => syncError(clientError(error)),
    );
  }

  async heartbeat(request: HeartbeatRequest): Promise<HeartbeatResponse> {
    const error =
      this.#refuses(request.groupId) ??
      (await this.#runtime.run<ErrorName | null>(
        this.partitionFor(request.groupId),
        (shard) => shard.heartbeat(request),
        // Sessions begin anew once the group is loaded: nothing is lost by calling this good.
        (failure) => (failure === 'COORDINATOR_LOAD_IN_PROGRESS' ? null : clientError(failure)),
      ));
    return { errorCode: errorCode(error ?? 'NONE') };
  }

  /** `members` as versions 3 and later have them. */
  async leaveGroup(groupId: string, members: LeaveGroupRequest['members']): Promise<LeaveGroupResponse> {
    const failed = (error: ErrorName) => ({ errorCode: errorCode(error), members: [] });
    const refusal = this.#refuses(groupId);
    if (refusal) return failed(refusal);
    return this.#runtime.run<LeaveGroupResponse>(
      this.partitionFor(groupId),
      (shard) => shard.leave(groupId, members),
      (error) => failed(clientError(error)),
    );
  }

  /** `topics` have names in every version; their partitions exist and the caller may read them. */
  async commitOffsets(client: ClientContext, request: OffsetCommitRequest): Promise<OffsetCommitResponse> {
    if (!this.#active) return commitError(request.topics, 'COORDINATOR_NOT_AVAILABLE');
    return this.#runtime.run<OffsetCommitResponse>(
      this.partitionFor(request.groupId),
      (shard) => shard.commit(client, request),
      (error) => commitError(request.topics, clientError(error)),
    );
  }

  /** The same for TxnOffsetCommit; the partition of `__consumer_offsets` is part of the transaction already. */
  async commitOffsetsInTransaction(request: TxnOffsetCommitRequest): Promise<TxnOffsetCommitResponse> {
    const refusal = this.#refuses(request.groupId);
    if (refusal) return commitError(request.topics, refusal);
    return this.#runtime.run<TxnOffsetCommitResponse>(
      this.partitionFor(request.groupId),
      (shard) => shard.commitInTransaction(request),
      (error) => commitError(request.topics, clientError(error)),
    );
  }

  /** One group of an OffsetFetch; null `topics` asks for all it has. Topics have names in every version. */
  async fetchOffsets(request: FetchGroup, requireStable: boolean): Promise<FetchedGroup> {
    const { groupId } = request;
    if (!this.#active) return fetchError(groupId, 'COORDINATOR_NOT_AVAILABLE');
    return this.#runtime.run<FetchedGroup>(
      this.partitionFor(groupId),
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
    return this.#runtime.run<OffsetDeleteResponse>(
      this.partitionFor(request.groupId),
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
        if (!this.#active) return undescribed(groupId, 'COORDINATOR_NOT_AVAILABLE');
        return this.#runtime.run<DescribedGroup>(
          this.partitionFor(groupId),
          (shard) => answer(shard.describe(groupId, client.apiVersion)),
          (error) => undescribed(groupId, clientError(error)),
        );
      }),
    );
  }

  /** The groups this broker coordinates. One shard that is loading makes it an error: the list would not be whole. */
  async listGroups(
    filter: Pick<ListGroupsRequest, 'statesFilter' | 'typesFilter'>,
  ): Promise<ListGroupsResponse> {
    if (!this.#active) return { errorCode: errorCode('COORDINATOR_NOT_AVAILABLE'), groups: [] };
    const lists = await Promise.all(
      this.#runtime.partitions().map((partition) =>
        this.#runtime.run<ListGroupsResponse>(
          partition,
          (shard) => answer({ errorCode: 0, groups: shard.list(filter) }),
          (error) => ({
            errorCode: error === 'NOT_COORDINATOR' ? 0 : errorCode(clientError(error)),
            groups: [],
          }),
        ),
      ),
    );
    const failed = lists.find((list) => list.errorCode !== 0);
    return failed ?? { errorCode: 0, groups: lists.flatMap((list) => list.groups) };
  }

  /** Topics were deleted: no group needs its offsets in them. Resolves when no shard led here has any. */
  async onTopicsDeleted(topics: readonly string[]): Promise<void> {
    const gone = new Set(topics);
    await Promise.all(
      this.#runtime.partitions().map(async (partition) => {
        let more = true;
        while (more) {
          more = await this.#runtime.run<boolean>(
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
    return this.#runtime.completeTransaction(partition, marker);
  }

  async #deleteGroup(groupId: string): Promise<ErrorName | null> {
    if (!this.#active) return 'COORDINATOR_NOT_AVAILABLE';
    for (;;) {
      const result = await this.#runtime.run<ErrorName | 'MORE' | null>(
        this.partitionFor(groupId),
        (shard) => shard.deleteGroup(groupId),
        clientError,
      );
      if (result !== 'MORE') return result;
    }
  }

  #refuses(groupId: string): ErrorName | null {
    if (!this.#active) return 'COORDINATOR_NOT_AVAILABLE';
    return groupId === '' ? 'INVALID_GROUP_ID' : null;
  }
}

/** Not committed in time looks to a client like a coordinator that is not there: it asks again. */
function clientError(error: ErrorName): ErrorName {
  return error === 'REQUEST_TIMED_OUT' ? 'COORDINATOR_NOT_AVAILABLE' : error;
}
