import type { Offset, Uuid } from '../base/brand.ts';
import { below, type Random } from '../base/random.ts';

/** One partition that a client or follower wants to read. */
export interface FetchPartition {
  /** Empty since Fetch v13, which has ids. */
  readonly topic: string;
  readonly topicId: Uuid;
  readonly partition: number;
  readonly currentLeaderEpoch: number;
  readonly fetchOffset: Offset;
  readonly lastFetchedEpoch: number;
  readonly logStartOffset: Offset;
  readonly partitionMaxBytes: number;
}

/** What a session compares to tell whether an answer says anything new of a partition. */
export interface FetchState {
  readonly errorCode: number;
  readonly highWatermark: Offset;
  readonly logStartOffset: Offset;
  readonly hasRecords: boolean;
  /** A diverging epoch or a preferred replica is always told. */
  readonly hasHint: boolean;
}

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
  | FetchSelection;

/** What one request reads, and what of the outcome it has to be told. */
export interface FetchSelection {
  /** 0 without a session. */
  readonly sessionId: number;
  /** In the order in which they get their share of the answer. */
  readonly partitions: readonly FetchPartition[];
  /** Whether the outcome for a partition belongs into the answer; remembers it if `commit`. */
  select(partition: FetchPartition, state: FetchState, commit: boolean): boolean;
  /** The high watermark that was told last, -1 before that; null without a session, which is told it every time. */
  toldHighWatermark(partition: FetchPartition): Offset | null;
}

/**
 * Fetch sessions (KIP-227): the broker remembers what a client reads, so that requests name only changes and answers
 * only news. A bounded number of them; a client that gets none names everything each time.
 */
export class FetchSessions {
  readonly #random: Random;
  readonly #now: () => number;
  readonly #slots: number;
  /** In the order of last use. */
  readonly #sessions = new Map<number, FetchSession>();

  /** `now` in milliseconds on a clock that only grows; `slots` is max.incremental.fetch.session.cache.slots. */
  constructor(random: Random, options: { readonly now: () => number; readonly slots: number }) {
    this.#random = random;
    this.#now = options.now;
    this.#slots = options.slots;
  }

  get size(): number {
    return this.#sessions.size;
  }

  open(request: {
    readonly sessionId: number;
    readonly sessionEpoch: number;
    readonly usesTopicIds: boolean;
    readonly isFollower: boolean;
    readonly partitions: readonly FetchPartition[];
    readonly forgotten: readonly {
      readonly topic: string;
      readonly topicId: Uuid;
      readonly partition: number;
    }[];
  }): FetchContext {
    const { sessionId, sessionEpoch, usesTopicIds, isFollower } = request;
    if (sessionEpoch === INITIAL_EPOCH || sessionEpoch === FINAL_EPOCH) {
      if (sessionId !== 0) this.#sessions.delete(sessionId);
      const session =
        sessionEpoch === FINAL_EPOCH || request.partitions.length === 0
          ? undefined
          : this.#create(usesTopicIds, isFollower, request.partitions);
      return {
        sessionId: session?.id ?? 0,
        partitions: request.partitions,
        select: (partition, state, commit) => {
          if (commit) session?.remember(partition, state);
          return true;
        },
        toldHighWatermark: (partition) => session?.toldHighWatermark(partition) ?? null,
      };
    }
    const session = this.#sessions.get(sessionId);
    if (!session) return { error: 'FETCH_SESSION_ID_NOT_FOUND' };
    if (session.epoch !== sessionEpoch) return { error: 'INVALID_FETCH_SESSION_EPOCH' };
    if (session.usesTopicIds !== usesTopicIds) return { error: 'FETCH_SESSION_TOPIC_ID_ERROR' };
    session.epoch = nextEpoch(sessionEpoch);
    session.usedAt = this.#now();
    this.#sessions.delete(sessionId);
    this.#sessions.set(sessionId, session);
    for (const partition of request.partitions) session.put(partition);
    for (const partition of request.forgotten) session.forget(partition);
    return {
      sessionId,
      partitions: session.partitions(),
      select: (partition, state, commit) => session.isNews(partition, state, commit),
      toldHighWatermark: (partition) => session.toldHighWatermark(partition),
    };
  }

  #create(
    usesTopicIds: boolean,
    isFollower: boolean,
    partitions: readonly FetchPartition[],
  ): FetchSession | undefined {
    if (this.#sessions.size >= this.#slots && !this.#evict(isFollower)) return undefined;
    let id = 0;
    while (id === 0 || this.#sessions.has(id)) id = 1 + below(this.#random, 0x7fff_fffe);
    const session = new FetchSession(id, usesTopicIds, isFollower, this.#now());
    for (const partition of partitions) session.put(partition);
    this.#sessions.set(id, session);
    return session;
  }

  /** Makes a place: that of the session unused for longest, or of a client for a follower. */
  #evict(forFollower: boolean): boolean {
    for (const session of this.#sessions.values()) {
      const isStale = this.#now() - session.usedAt > EVICTION_MS;
      if (!isStale && !(forFollower && !session.isFollower)) {
        if (forFollower) continue;
        return false;
      }
      this.#sessions.delete(session.id);
      return true;
    }
    return false;
  }
}

class FetchSession {
  readonly id: number;
  readonly usesTopicIds: boolean;
  readonly isFollower: boolean;
  usedAt: number;
  epoch = 1;
  readonly #partitions = new Map<string, Cached>();

  constructor(id: number, usesTopicIds: boolean, isFollower: boolean, now: number) {
    this.id = id;
    this.usesTopicIds = usesTopicIds;
    this.isFollower = isFollower;
    this.usedAt = now;
  }

  partitions(): FetchPartition[] {
    return [...this.#partitions.values()].map(({ wanted }) => wanted);
  }

  put(wanted: FetchPartition): void {
    const key = this.#key(wanted);
    const known = this.#partitions.get(key);
    if (known) known.wanted = wanted;
    else this.#partitions.set(key, { wanted, highWatermark: -1, logStartOffset: wanted.logStartOffset });
  }

  forget(partition: { readonly topic: string; readonly topicId: Uuid; readonly partition: number }): void {
    this.#partitions.delete(this.#key(partition));
  }

  remember(partition: FetchPartition, state: FetchState): void {
    const cached = this.#partitions.get(this.#key(partition));
    if (cached) update(cached, state);
  }

  toldHighWatermark(partition: FetchPartition): Offset | null {
    return this.#partitions.get(this.#key(partition))?.highWatermark ?? null;
  }

  isNews(partition: FetchPartition, state: FetchState, commit: boolean): boolean {
    const key = this.#key(partition);
    const cached = this.#partitions.get(key);
    if (!cached) return true;
    const isNews =
      state.hasRecords ||
      state.hasHint ||
      state.errorCode !== 0 ||
      state.highWatermark !== cached.highWatermark ||
      state.logStartOffset !== cached.logStartOffset;
    if (!commit || !isNews) return isNews;
    update(cached, state);
    // Who was served goes to the end of the order, so that all get their share under a limit.
    if (state.hasRecords) {
      this.#partitions.delete(key);
      this.#partitions.set(key, cached);
    }
    return true;
  }

  #key(partition: { readonly topic: string; readonly topicId: Uuid; readonly partition: number }): string {
    return `${this.usesTopicIds ? partition.topicId : partition.topic}/${partition.partition}`;
  }
}

interface Cached {
  wanted: FetchPartition;
  highWatermark: Offset;
  logStartOffset: Offset;
}

function update(cached: Cached, state: FetchState): void {
  // After an error the next good outcome is news, whatever it is.
  cached.highWatermark = state.errorCode === 0 ? state.highWatermark : -1;
  cached.logStartOffset = state.logStartOffset;
}

function nextEpoch(epoch: number): number {
  return epoch === EPOCH_MAX ? 1 : epoch + 1;
}
