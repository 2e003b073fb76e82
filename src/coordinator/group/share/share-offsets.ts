import type { Uuid } from '../../../base/brand.ts';
import type { Clock } from '../../../base/clock.ts';
import { inPortions } from '../../../base/portions.ts';
import type { ErrorName } from '../../../protocol/errors.ts';
import type { Refusal } from '../../../protocol/refusal.ts';
import { answer } from '../../decision.ts';
import { type CoordinatorRuntime, clientError } from '../../runtime.ts';
import type { GroupShard } from '../group-shard.ts';
import type { GroupRecord } from '../records.ts';
import type { StatePartition, StateSummary } from './group-state-store.ts';
import type { OrderedGroupState } from './ordered-group-state.ts';
import type { Forgetting, NewOffset } from './share-kind.ts';

/** What came of one partition. */
export interface PartitionOutcome extends StatePartition {
  readonly failure: Refusal | null;
}

/**
 * Where share groups are in their partitions, for those who administer them: the group coordinator knows
 * which partitions there are, the share coordinator what was done in them. Nothing rejects.
 */
export class ShareOffsets {
  readonly #clock: Clock;
  readonly #runtime: CoordinatorRuntime<GroupShard, GroupRecord>;
  readonly #store: OrderedGroupState;

  constructor(clock: Clock, runtime: CoordinatorRuntime<GroupShard, GroupRecord>, store: OrderedGroupState) {
    this.#clock = clock;
    this.#runtime = runtime;
    this.#store = store;
  }

  /** The partitions of a group of which there is anything to tell; none of a group that does not exist. */
  partitions(groupId: string): Promise<readonly StatePartition[] | { readonly error: ErrorName }> {
    return this.#runtime.runFor<readonly StatePartition[] | { readonly error: ErrorName }>(
      groupId,
      (shard) => answer(shard.share.initializedPartitions(groupId)),
      (error) => ({ error: clientError(error) }),
    );
  }

  summary(groupId: string, partition: StatePartition): Promise<StateSummary | Refusal> {
    return this.#store.summary(groupId, partition);
  }

  /** Moves an empty group; `partitions` exist. */
  async alter(
    groupId: string,
    partitions: readonly NewOffset[],
  ): Promise<readonly PartitionOutcome[] | { readonly error: ErrorName }> {
    const altered = await this.#runtime.runFor<
      { readonly stateEpoch: number } | { readonly error: ErrorName }
    >(
      groupId,
      (shard) => shard.share.alter(groupId, partitions),
      (error) => ({ error: clientError(error) }),
    );
    if ('error' in altered) return altered;
    const { stateEpoch } = altered;
    const outcomes = await inPortions(
      this.#clock,
      partitions,
      async ({ topicId, partition, startOffset }) => ({
        topicId,
        partition,
        failure: await this.#store.initialize(groupId, { topicId, partition }, { stateEpoch, startOffset }),
      }),
    );
    const kept = outcomes.filter(({ failure }) => failure === null);
    const error = await this.#runtime.runFor<ErrorName | null>(
      groupId,
      (shard) => shard.share.initialized(groupId, kept),
      clientError,
    );
    return error ? { error } : outcomes;
  }

  /**
   * An empty group forgets these topics. Resolves with those that it had something in, each with what came of
   * it.
   */
  async forget(
    groupId: string,
    topicIds: ReadonlySet<Uuid>,
  ): Promise<ReadonlyMap<Uuid, Refusal | null> | { readonly error: ErrorName }> {
    const forgetting = await this.#forgetting(groupId, topicIds);
    if ('error' in forgetting) return forgetting;
    const topics = await this.#delete(groupId, forgetting.partitions);
    const gone = new Set([...topics].filter(([, failure]) => failure === null).map(([topicId]) => topicId));
    const error = await this.#runtime.runFor<ErrorName | null>(
      groupId,
      (shard) => shard.share.forgotten(groupId, gone),
      clientError,
    );
    return error ? { error } : topics;
  }

  /**
   * Before a share group is deleted: what the share coordinator keeps of it is. Null also for groups of other
   * kinds. What a member that joined meanwhile had the share coordinator keep may have been deleted as well:
   * its next heartbeat asks again.
   */
  async forgetAll(groupId: string): Promise<ErrorName | null> {
    const forgetting = await this.#forgetting(groupId, 'all');
    if ('error' in forgetting)
      // Whatever else is wrong with the group is told by its deletion.
      return forgetting.error === 'GROUP_ID_NOT_FOUND' || forgetting.error === 'NON_EMPTY_GROUP'
        ? null
        : forgetting.error;
    const topics = await this.#delete(groupId, forgetting.partitions);
    for (const failure of topics.values()) if (failure) return failure.error;
    return this.#runtime.runFor<ErrorName | null>(
      groupId,
      (shard) => shard.share.forgotten(groupId, new Set(topics.keys())),
      clientError,
    );
  }

  #forgetting(groupId: string, topicIds: ReadonlySet<Uuid> | 'all'): Promise<Forgetting> {
    return this.#runtime.runFor<Forgetting>(
      groupId,
      (shard) => shard.share.forget(groupId, topicIds),
      (error) => ({ error: clientError(error) }),
    );
  }

  /** By topic, with the first thing that went wrong. */
  async #delete(groupId: string, partitions: readonly StatePartition[]): Promise<Map<Uuid, Refusal | null>> {
    const topics = new Map<Uuid, Refusal | null>();
    const outcomes = await inPortions(this.#clock, partitions, async (partition) => ({
      ...partition,
      failure: await this.#store.delete(groupId, partition),
    }));
    for (const { topicId, failure } of outcomes) topics.set(topicId, topics.get(topicId) ?? failure);
    return topics;
  }
}
