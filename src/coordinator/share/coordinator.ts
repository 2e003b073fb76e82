import type { Uuid } from '../../base/brand.ts';
import type { Clock } from '../../base/clock.ts';
import { inPortions } from '../../base/portions.ts';
import type { World } from '../../base/world.ts';
import { SHARE_GROUP_STATE } from '../../metadata/internal-topics.ts';
import { type ErrorName, errorCode, errorMessage } from '../../protocol/errors.ts';
import type {
  InitializeShareGroupStateRequest,
  InitializeShareGroupStateResponse,
} from '../../protocol/messages/83-initialize-share-group-state.ts';
import type {
  ReadShareGroupStateRequest,
  ReadShareGroupStateResponse,
} from '../../protocol/messages/84-read-share-group-state.ts';
import type {
  WriteShareGroupStateRequest,
  WriteShareGroupStateResponse,
} from '../../protocol/messages/85-write-share-group-state.ts';
import type {
  DeleteShareGroupStateRequest,
  DeleteShareGroupStateResponse,
} from '../../protocol/messages/86-delete-share-group-state.ts';
import type {
  ReadShareGroupStateSummaryRequest,
  ReadShareGroupStateSummaryResponse,
} from '../../protocol/messages/87-read-share-group-state-summary.ts';
import type { CoordinatorDecision } from '../decision.ts';
import { CoordinatorRuntime, clientError } from '../runtime.ts';
import { decodeShareStateRecord, encodeShareStateRecord, type ShareStateRecord } from './records.ts';
import { DEFAULT_SHARE_COORDINATOR_CONFIG, type ShareCoordinatorConfig } from './share-coordinator-config.ts';
import { coordinatorKey, type ShareKey } from './share-key.ts';
import { ShareShard, UNINITIALIZED } from './share-shard.ts';

type Failure = { readonly error: ErrorName; readonly message?: string };

/**
 * The share coordinator of this broker (KIP-932): keeps what share groups did in partitions, for their
 * leaders. One method per request, which may name many partitions; each is answered for itself, and none
 * rejects.
 */
export class ShareCoordinator {
  /**
   * Its part that is the same for every coordinator: which partitions of `__share_group_state` are led here.
   */
  readonly runtime: CoordinatorRuntime<ShareShard, ShareStateRecord>;
  readonly #clock: Clock;

  constructor(
    world: World,
    options: {
      readonly config?: Partial<ShareCoordinatorConfig>;
      /** Nothing before this offset of that partition of `__share_group_state` is needed any more. */
      readonly pruned: (partition: number, before: number) => void;
    },
  ) {
    const config = { ...DEFAULT_SHARE_COORDINATOR_CONFIG, ...options.config };
    this.#clock = world.clock;
    this.runtime = new CoordinatorRuntime<ShareShard, ShareStateRecord>(
      world,
      {
        name: 'share',
        createShard: (partition, timer, image) =>
          new ShareShard(world.clock, {
            config,
            timer,
            image,
            pruned: (before) => options.pruned(partition, before),
          }),
        encode: encodeShareStateRecord,
        decode: decodeShareStateRecord,
      },
      { topic: SHARE_GROUP_STATE, commitTimeoutMs: config.writeTimeoutMs },
    );
  }

  async initialize({
    groupId,
    topics,
  }: InitializeShareGroupStateRequest): Promise<InitializeShareGroupStateResponse> {
    return {
      results: await eachPartition(
        this.#clock,
        topics,
        async (topicId, { partition, stateEpoch, startOffset }) => {
          const key = { groupId, topicId, partition };
          const failure = await this.#run<null>(key, (shard) =>
            shard.initialize(key, { stateEpoch, startOffset }),
          );
          return { partition, ...told(failure) };
        },
      ),
    };
  }

  async read({ groupId, topics }: ReadShareGroupStateRequest): Promise<ReadShareGroupStateResponse> {
    return {
      results: await eachPartition(this.#clock, topics, async (topicId, { partition, leaderEpoch }) => {
        const key = { groupId, topicId, partition };
        const state = await this.#run(key, (shard) => shard.read(key, leaderEpoch));
        if ('error' in state)
          return { partition, ...told(state), stateEpoch: 0, startOffset: 0, stateBatches: [] };
        const { stateEpoch, startOffset, stateBatches } = state;
        return { partition, ...told(null), stateEpoch, startOffset, stateBatches: [...stateBatches] };
      }),
    };
  }

  async write({ groupId, topics }: WriteShareGroupStateRequest): Promise<WriteShareGroupStateResponse> {
    return {
      results: await eachPartition(this.#clock, topics, async (topicId, { partition, ...write }) => {
        const key = { groupId, topicId, partition };
        return { partition, ...told(await this.#run<null>(key, (shard) => shard.write(key, write))) };
      }),
    };
  }

  async delete({ groupId, topics }: DeleteShareGroupStateRequest): Promise<DeleteShareGroupStateResponse> {
    return {
      results: await eachPartition(this.#clock, topics, async (topicId, { partition }) => {
        const key = { groupId, topicId, partition };
        return { partition, ...told(await this.#run<null>(key, (shard) => shard.delete(key))) };
      }),
    };
  }

  async summary({
    groupId,
    topics,
  }: ReadShareGroupStateSummaryRequest): Promise<ReadShareGroupStateSummaryResponse> {
    return {
      results: await eachPartition(this.#clock, topics, async (topicId, { partition }) => {
        const key = { groupId, topicId, partition };
        const state = await this.#run(key, (shard) => shard.summary(key));
        if ('error' in state) return { partition, ...told(state), ...UNINITIALIZED };
        const { stateEpoch, leaderEpoch, startOffset, deliveryCompleteCount } = state;
        return {
          partition,
          ...told(null),
          stateEpoch,
          leaderEpoch,
          startOffset,
          deliveryCompleteCount,
        };
      }),
    };
  }

  #run<Answer>(
    key: ShareKey,
    decide: (shard: ShareShard) => CoordinatorDecision<ShareStateRecord, Answer | Failure>,
  ): Promise<Answer | Failure> {
    if (key.partition < 0)
      return Promise.resolve({
        error: 'INVALID_REQUEST',
        message: 'The partition id cannot be a negative number.',
      });
    return this.runtime.runFor<Answer | Failure>(coordinatorKey(key), decide, (error) => ({
      error: clientError(error),
    }));
  }
}

function told(failure: Failure | null): { errorCode: number; errorMessage: string | null } {
  if (failure === null) return { errorCode: 0, errorMessage: null };
  return {
    errorCode: errorCode(failure.error),
    errorMessage: failure.message ?? errorMessage(failure.error),
  };
}

/** Every partition of a request answered, in the order of the request. */
async function eachPartition<Partition, Result>(
  clock: Clock,
  topics: readonly { readonly topicId: Uuid; readonly partitions: readonly Partition[] }[],
  answerOf: (topicId: Uuid, partition: Partition) => Promise<Result>,
): Promise<{ topicId: Uuid; partitions: Result[] }[]> {
  const all = topics.flatMap(({ topicId, partitions }) =>
    partitions.map((partition) => ({ topicId, partition })),
  );
  const results = await inPortions(clock, all, ({ topicId, partition }) => answerOf(topicId, partition));
  let next = 0;
  return topics.map(({ topicId, partitions }) => {
    const first = next;
    next += partitions.length;
    return { topicId, partitions: results.slice(first, next) };
  });
}
