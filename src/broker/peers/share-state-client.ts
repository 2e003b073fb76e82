import type { Uuid } from '../../base/brand.ts';
import { sleep } from '../../base/clock.ts';
import { crashOnProgrammerError } from '../../base/programmer-error.ts';
import type { World } from '../../base/world.ts';
import type { KafkaConnection } from '../../client/connection.ts';
import type { PeerConnections } from '../../client/peers/peer-connections.ts';
import type {
  GroupStateStore,
  StatePartition,
  StateSummary,
} from '../../coordinator/group/share/group-state-store.ts';
import { partitionFor } from '../../coordinator/partition-for.ts';
import type { ShareCoordinator } from '../../coordinator/share/coordinator.ts';
import { coordinatorKey, type ShareKey } from '../../coordinator/share/share-key.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { SHARE_GROUP_STATE } from '../../metadata/internal-topics.ts';
import { type ErrorName, errorName } from '../../protocol/errors.ts';
import { initializeShareGroupState } from '../../protocol/messages/83-initialize-share-group-state.ts';
import { readShareGroupState } from '../../protocol/messages/84-read-share-group-state.ts';
import { writeShareGroupState } from '../../protocol/messages/85-write-share-group-state.ts';
import { deleteShareGroupState } from '../../protocol/messages/86-delete-share-group-state.ts';
import { readShareGroupStateSummary } from '../../protocol/messages/87-read-share-group-state-summary.ts';
import type { Refusal } from '../../protocol/refusal.ts';
import type { KeptState, StateStore, StateToKeep } from '../sharing/state-store.ts';

/** How long one request may take; a share coordinator gives up its own waiting before that. */
const REQUEST_TIMEOUT_MS = 10_000;
/**
 * How long a coordinator that moves is looked for: longer than it takes to notice that its broker has died.
 */
const GIVE_UP_AFTER_MS = 15_000;
const FIRST_BACKOFF_MS = 20;
const LAST_BACKOFF_MS = 1000;

const RETRIABLE: readonly ErrorName[] = [
  'NOT_COORDINATOR',
  'COORDINATOR_NOT_AVAILABLE',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'NETWORK_EXCEPTION',
  'REQUEST_TIMED_OUT',
];

/** Whoever wished it coordinates the group no more: the next coordinator may have wished otherwise since. */
const NOT_WANTED: Refusal = { error: 'NOT_COORDINATOR', message: null };

interface ShareStateClientOptions {
  readonly brokerId: number;
  readonly image: () => ClusterImage;
  readonly coordinator: ShareCoordinator;
  readonly connections: PeerConnections;
  /** Makes `__share_group_state` when nobody has; resolves with why it is not there. */
  readonly ensureTopic: () => Promise<ErrorName | null>;
}

/** The answer to a request about one partition. */
interface Answer<Result> {
  readonly results: readonly { readonly partitions: readonly Result[] }[];
}

interface PartitionResult {
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
}

/**
 * Asks the share coordinator of a share partition, on this broker or on another. While it moves or is being
 * loaded it is asked again for a while; every request may be repeated without harm by whoever still has the
 * right to ask.
 */
export class ShareStateClient implements StateStore, GroupStateStore {
  readonly #world: World;
  readonly #options: ShareStateClientOptions;
  #isClosed = false;

  constructor(world: World, options: ShareStateClientOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Nothing is asked again. */
  close(): void {
    this.#isClosed = true;
  }

  async read(key: ShareKey, leaderEpoch: number): Promise<KeptState | Refusal> {
    const request = about(key, { leaderEpoch });
    const result = await this.#ask<PartitionResult & KeptState>(key, {
      here: (coordinator) => coordinator.read(request),
      there: (connection) => connection.send(readShareGroupState, request, { timeoutMs: REQUEST_TIMEOUT_MS }),
    });
    return 'error' in result ? asLeaderIsTold(result) : result;
  }

  async write(key: ShareKey, state: StateToKeep): Promise<Refusal | null> {
    const request = about(key, { ...state, stateBatches: [...state.stateBatches] });
    const result = await this.#ask(key, {
      here: (coordinator) => coordinator.write(request),
      there: (connection) =>
        connection.send(writeShareGroupState, request, { timeoutMs: REQUEST_TIMEOUT_MS }),
    });
    return 'error' in result ? asLeaderIsTold(result) : null;
  }

  async initialize(
    groupId: string,
    { topicId, partition }: StatePartition,
    state: { readonly stateEpoch: number; readonly startOffset: number },
    isWanted: () => boolean,
  ): Promise<Refusal | null> {
    const key = { groupId, topicId, partition };
    const request = about(key, state);
    const result = await this.#ask(key, {
      here: (coordinator) => coordinator.initialize(request),
      there: (connection) =>
        connection.send(initializeShareGroupState, request, { timeoutMs: REQUEST_TIMEOUT_MS }),
      isWanted,
    });
    return 'error' in result ? result : null;
  }

  async delete(
    groupId: string,
    { topicId, partition }: StatePartition,
    isWanted: () => boolean,
  ): Promise<Refusal | null> {
    const key = { groupId, topicId, partition };
    const request = about(key, {});
    const result = await this.#ask(key, {
      here: (coordinator) => coordinator.delete(request),
      there: (connection) =>
        connection.send(deleteShareGroupState, request, { timeoutMs: REQUEST_TIMEOUT_MS }),
      isWanted,
    });
    return 'error' in result ? result : null;
  }

  async summary(groupId: string, { topicId, partition }: StatePartition): Promise<StateSummary | Refusal> {
    const key = { groupId, topicId, partition };
    const request = about(key, { leaderEpoch: -1 });
    const result = await this.#ask<PartitionResult & Partial<StateSummary>>(key, {
      here: (coordinator) => coordinator.summary(request),
      there: (connection) =>
        connection.send(readShareGroupStateSummary, request, { timeoutMs: REQUEST_TIMEOUT_MS }),
    });
    if ('error' in result) return result;
    const { startOffset = -1, leaderEpoch = 0, deliveryCompleteCount = -1 } = result;
    return { startOffset, leaderEpoch, deliveryCompleteCount };
  }

  /** Asks until the coordinator says something that is not of passing nature. */
  async #ask<Result extends PartitionResult>(key: ShareKey, how: Asked<Result>): Promise<Result | Refusal> {
    const { clock } = this.#world;
    const since = clock.monotonic();
    for (let backoffMs = FIRST_BACKOFF_MS; ; backoffMs = Math.min(2 * backoffMs, LAST_BACKOFF_MS)) {
      const result = await this.#askOnce(key, how);
      if (result === NOT_WANTED || !('error' in result) || !RETRIABLE.includes(result.error)) return result;
      if (this.#isClosed || clock.monotonic() - since >= GIVE_UP_AFTER_MS) return result;
      await sleep(clock, backoffMs);
    }
  }

  async #askOnce<Result extends PartitionResult>(
    key: ShareKey,
    { here, there, isWanted }: Asked<Result>,
  ): Promise<Result | Refusal> {
    const { brokerId, coordinator, connections } = this.#options;
    const leader = await this.#leaderFor(key);
    if (leader === -1) return { error: 'COORDINATOR_NOT_AVAILABLE', message: null };
    try {
      const connection = leader === brokerId ? null : await connections.to(leader);
      if (isWanted?.() === false) return NOT_WANTED;
      const { results } = connection ? await there(connection) : await here(coordinator);
      const result = results[0]?.partitions[0];
      if (!result) return { error: 'UNKNOWN_SERVER_ERROR', message: null };
      const { errorCode, errorMessage } = result;
      return errorCode === 0 ? result : { error: errorName(errorCode), message: errorMessage ?? null };
    } catch (error) {
      crashOnProgrammerError(this.#world, error);
      return { error: 'NETWORK_EXCEPTION', message: null };
    }
  }

  /** The broker that coordinates the share partition; -1 when there is none now. */
  async #leaderFor(key: ShareKey): Promise<number> {
    const { image, ensureTopic } = this.#options;
    if (!image().topics.byName(SHARE_GROUP_STATE) && (await ensureTopic())) return -1;
    const partitions = image().topics.byName(SHARE_GROUP_STATE)?.partitions ?? [];
    return partitions[partitionFor(coordinatorKey(key), Math.max(1, partitions.length))]?.leader ?? -1;
  }
}

interface Asked<Result> {
  readonly here: (coordinator: ShareCoordinator) => Promise<Answer<Result>>;
  readonly there: (connection: KafkaConnection) => Promise<Answer<Result>>;
  /** Whether it is still to be asked; looked at before each attempt. Without it, it always is. */
  readonly isWanted?: () => boolean;
}

/** A request about one partition. */
function about<Fields extends object>(
  { groupId, topicId, partition }: ShareKey,
  fields: Fields,
): { groupId: string; topics: { topicId: Uuid; partitions: (Fields & { partition: number })[] }[] } {
  return { groupId, topics: [{ topicId, partitions: [{ partition, ...fields }] }] };
}

/** As Kafka's leaders pass on why the share coordinator did not do it. */
function asLeaderIsTold({ error, message }: Refusal): Refusal {
  switch (error) {
    case 'FENCED_LEADER_EPOCH':
    case 'FENCED_STATE_EPOCH':
      return { error: 'NOT_LEADER_OR_FOLLOWER', message };
    case 'GROUP_ID_NOT_FOUND':
    case 'UNKNOWN_TOPIC_OR_PARTITION':
      return { error, message };
    default:
      return {
        error: RETRIABLE.includes(error) ? 'COORDINATOR_NOT_AVAILABLE' : 'UNKNOWN_SERVER_ERROR',
        message,
      };
  }
}
