import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import type { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/messages/08-offset-commit.ts';
import type {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from '../../protocol/messages/28-txn-offset-commit.ts';
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../../protocol/messages/47-offset-delete.ts';
import { type CoordinatorRuntime, clientError } from '../runtime.ts';
import type { ClientContext } from './client-context.ts';
import { refusesGroupId } from './group-id-check.ts';
import type { GroupShard } from './group-shard.ts';
import { commitError } from './offset-commit.ts';
import { type FetchedGroup, type FetchGroup, fetchError } from './offset-fetch.ts';
import type { GroupRecord } from './records.ts';
import type { GroupOffset } from './shard-offsets.ts';

/**
 * Requests for what groups have committed: one method per request. Each resolves with the response, errors
 * included; none rejects for what a client sent.
 */
export class OffsetRequests {
  readonly #runtime: CoordinatorRuntime<GroupShard, GroupRecord>;

  constructor(runtime: CoordinatorRuntime<GroupShard, GroupRecord>) {
    this.#runtime = runtime;
  }

  /** `topics` have names in every version; their partitions exist and the caller may read them. */
  async commit(client: ClientContext, request: OffsetCommitRequest): Promise<OffsetCommitResponse> {
    return this.#runtime.runFor<OffsetCommitResponse>(
      request.groupId,
      (shard) => shard.offsets.commit(client, request),
      (error) => commitError(request.topics, clientError(error)),
    );
  }

  /**
   * The same for TxnOffsetCommit; the partition of `__consumer_offsets` is part of the transaction already.
   */
  async commitInTransaction(request: TxnOffsetCommitRequest): Promise<TxnOffsetCommitResponse> {
    const refusal = refusesGroupId(this.#runtime, request.groupId);
    if (refusal) return commitError(request.topics, refusal);
    return this.#runtime.runFor<TxnOffsetCommitResponse>(
      request.groupId,
      (shard) => shard.offsets.commitInTransaction(request),
      (error) => commitError(request.topics, clientError(error)),
    );
  }

  /** One group of an OffsetFetch; null `topics` asks for all it has. Topics have names in every version. */
  async fetch(request: FetchGroup, requireStable: boolean): Promise<FetchedGroup> {
    const { groupId } = request;
    return this.#runtime.runFor<FetchedGroup>(
      groupId,
      (shard) => shard.offsets.fetch(request, requireStable),
      // Consumers before 3.9 retry on NOT_COORDINATOR only, and it makes them look for another coordinator.
      (error) => fetchError(groupId, error === 'REQUEST_TIMED_OUT' ? 'NOT_COORDINATOR' : error),
    );
  }

  /** `topics` whose partitions exist and that the caller may read. */
  async delete(request: OffsetDeleteRequest): Promise<OffsetDeleteResponse> {
    const failed = (error: ErrorName) => ({ errorCode: errorCode(error), throttleTimeMs: 0, topics: [] });
    const refusal = refusesGroupId(this.#runtime, request.groupId);
    if (refusal) return failed(refusal);
    return this.#runtime.runFor<OffsetDeleteResponse>(
      request.groupId,
      (shard) => shard.offsets.delete(request),
      (error) => failed(clientError(error)),
    );
  }

  /**
   * What the groups that are coordinated here have committed. An error while a part of them is being loaded.
   */
  committed(): Promise<GroupOffset[] | { readonly error: ErrorName }> {
    return this.#runtime.list((shard) => shard.offsets.all());
  }
}
