import type { BrokerId } from '../../base/brand.ts';
import { below, type Random } from '../../base/random.ts';
import type { PartitionWatchers } from '../../replication/partition-watchers.ts';
import { type FetchPartition, FetchSession, type PartitionName } from './fetch-session.ts';

/** A session that was used within this time is not evicted for another of its kind (KIP-227). */
const EVICTION_MS = 120_000;
const INITIAL_EPOCH = 0;
const FINAL_EPOCH = -1;
const EPOCH_MAX = 0x7fff_ffff;

export type FetchContext =
  | {
      readonly error:
        | 'FETCH_SESSION_ID_NOT_FOUND'
        | 'INVALID_FETCH_SESSION_EPOCH'
        | 'FETCH_SESSION_TOPIC_ID_ERROR';
    }
  | {
      readonly session: FetchSession;
      /** Every partition's outcome is told, not only what is news. */
      readonly isFull: boolean;
    };

/**
 * Fetch sessions (KIP-227): the broker remembers what a client reads, so that requests name only changes and
 * answers only news. A bounded number of them; a client that gets none names everything each time.
 */
export class FetchSessions {
  readonly #random: Random;
  readonly #now: () => number;
  readonly #slots: number;
  readonly #watchers: PartitionWatchers;
  /** In the order of last use. */
  readonly #sessions = new Map<number, FetchSession>();

  /**
   * `now` in milliseconds on a clock that only grows; `slots` is max.incremental.fetch.session.cache.slots.
   */
  constructor(
    random: Random,
    options: {
      readonly now: () => number;
      readonly slots: number;
      readonly watchers: PartitionWatchers;
    },
  ) {
    this.#random = random;
    this.#now = options.now;
    this.#slots = options.slots;
    this.#watchers = options.watchers;
  }

  get size(): number {
    return this.#sessions.size;
  }

  open(request: {
    readonly sessionId: number;
    readonly sessionEpoch: number;
    readonly usesTopicIds: boolean;
    /** Null for clients. */
    readonly replicaId: BrokerId | null;
    readonly partitions: readonly FetchPartition[];
    readonly forgotten: readonly PartitionName[];
  }): FetchContext {
    const { sessionId, sessionEpoch, usesTopicIds, replicaId } = request;
    const known = this.#sessions.get(sessionId);
    const own = known?.replicaId === replicaId ? known : undefined;
    if (sessionEpoch === INITIAL_EPOCH || sessionEpoch === FINAL_EPOCH) {
      if (own) this.#end(own);
      const isKept = sessionEpoch === INITIAL_EPOCH && request.partitions.length > 0;
      const session = this.#create(isKept ? this.#newId(replicaId !== null) : 0, usesTopicIds, replicaId);
      for (const partition of request.partitions) session.put(partition);
      return { session, isFull: true };
    }
    if (!own) return { error: 'FETCH_SESSION_ID_NOT_FOUND' };
    if (own.epoch !== sessionEpoch) return { error: 'INVALID_FETCH_SESSION_EPOCH' };
    if (own.usesTopicIds !== usesTopicIds) return { error: 'FETCH_SESSION_TOPIC_ID_ERROR' };
    own.epoch = nextEpoch(sessionEpoch);
    own.usedAt = this.#now();
    this.#sessions.delete(sessionId);
    this.#sessions.set(sessionId, own);
    for (const partition of request.partitions) own.put(partition);
    for (const partition of request.forgotten) own.forget(partition);
    return { session: own, isFull: false };
  }

  /** Ends the session, as its client can. */
  close(session: FetchSession): void {
    this.#end(session);
  }

  #create(id: number, usesTopicIds: boolean, replicaId: BrokerId | null): FetchSession {
    const session = new FetchSession({
      id,
      usesTopicIds,
      replicaId,
      now: this.#now(),
      watchers: this.#watchers,
    });
    if (id !== 0) this.#sessions.set(id, session);
    return session;
  }

  /** 0 when there is no place for another. */
  #newId(isFollower: boolean): number {
    if (this.#sessions.size >= this.#slots && !this.#evict(isFollower)) return 0;
    let id = 0;
    while (id === 0 || this.#sessions.has(id)) id = 1 + below(this.#random, 0x7fff_fffe);
    return id;
  }

  /** Makes a place: that of the session unused for longest, or of a client for a follower. */
  #evict(forFollower: boolean): boolean {
    for (const session of this.#sessions.values()) {
      const isStale = this.#now() - session.usedAt > EVICTION_MS;
      if (!isStale && !(forFollower && session.replicaId === null)) {
        if (forFollower) continue;
        return false;
      }
      this.#end(session);
      return true;
    }
    return false;
  }

  #end(session: FetchSession): void {
    this.#sessions.delete(session.id);
    session.end();
  }
}

function nextEpoch(epoch: number): number {
  return epoch === EPOCH_MAX ? 1 : epoch + 1;
}
