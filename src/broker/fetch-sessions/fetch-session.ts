import type { BrokerId, Offset, Uuid } from '../../base/brand.ts';
import type { AclsImage } from '../../metadata/acls.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { Partition } from '../../replication/partition.ts';
import type { PartitionWatcher, PartitionWatchers } from '../../replication/partition-watchers.ts';
import type { ReadRequest } from '../../replication/replica-reader.ts';

/** One partition that a client or follower wants to read. */
export interface FetchPartition {
  /** The topic's name; empty from Fetch v13 on, which has ids. */
  readonly topic: string;
  readonly topicId: Uuid;
  readonly partition: number;
  readonly currentLeaderEpoch: number;
  readonly fetchOffset: Offset;
  readonly lastFetchedEpoch: number;
  readonly logStartOffset: Offset;
  readonly partitionMaxBytes: number;
}

/** How a request of a session reads. */
export interface FetchWay {
  readonly upTo: ReadRequest['upTo'];
  readonly brokerEpoch: number;
  /** Who asks. */
  readonly principal: string;
  /** What the reader's rights follow from: another object once they may have changed; null for followers. */
  readonly acls: AclsImage | null;
}

export type PartitionName = Pick<FetchPartition, 'topic' | 'topicId' | 'partition'>;

/** What a session compares to tell whether an answer says anything new of a partition. */
export interface FetchState {
  readonly errorCode: number;
  readonly highWatermark: Offset;
  readonly logStartOffset: Offset;
  readonly hasRecords: boolean;
  /** A diverging epoch or a preferred replica is always told. */
  readonly hasHint: boolean;
}

/** A partition of a session. It rests while there is nothing to say of it, until its replica here moves. */
export class FetchedPartition implements PartitionWatcher {
  wanted: FetchPartition;
  /** The replica as it was found last. */
  replica: Partition | { readonly error: ErrorName } | null = null;
  /** The high watermark and log start that were told last; -1 before that. */
  toldHighWatermark: Offset = -1;
  toldLogStartOffset: Offset;
  /** Whether the next answer names the partition even without news. */
  isOwed = false;
  /** The session reads it no more, or has ended, while an answer was on its way. */
  isForgotten = false;
  /** Whose events wake it. */
  watched: Partition | null = null;
  readonly #session: FetchSession;

  constructor(session: FetchSession, wanted: FetchPartition) {
    this.#session = session;
    this.wanted = wanted;
    this.toldLogStartOffset = wanted.logStartOffset;
  }

  moved(): void {
    this.#session.wake(this);
  }
}

/**
 * What a client or follower reads (KIP-227), each request naming only changes. A request costs what it names
 * and what has moved since the last: partitions that have nothing to say rest, and are woken by their replica
 * here.
 */
export class FetchSession {
  /** 0 for the session of a single request, which ends with it. */
  readonly id: number;
  readonly usesTopicIds: boolean;
  /** The follower that reads; null for clients. */
  readonly replicaId: BrokerId | null;
  /** Monotonic time of the last request. */
  usedAt: number;
  epoch = 1;
  #way: FetchWay | null = null;
  readonly #watchers: PartitionWatchers;
  readonly #all = new Map<string, FetchedPartition>();
  /** In the order in which they get their share of an answer. */
  readonly #awake = new Set<FetchedPartition>();
  readonly #waiting = new Set<(woken: FetchedPartition) => void>();

  constructor(options: {
    readonly id: number;
    readonly usesTopicIds: boolean;
    readonly replicaId: BrokerId | null;
    readonly now: number;
    readonly watchers: PartitionWatchers;
  }) {
    this.id = options.id;
    this.usesTopicIds = options.usesTopicIds;
    this.replicaId = options.replicaId;
    this.usedAt = options.now;
    this.#watchers = options.watchers;
  }

  get size(): number {
    return this.#all.size;
  }

  /** How the request that begins now reads; what rests was judged by the way of those before. */
  reads(way: FetchWay): void {
    const before = this.#way;
    this.#way = way;
    if (before && !isSameWay(before, way)) this.wakeAll();
  }

  /** What may have something to say, in the order in which they get their share of the answer. */
  get awake(): ReadonlySet<FetchedPartition> {
    return this.#awake;
  }

  put(wanted: FetchPartition): void {
    const key = this.#key(wanted);
    const known = this.#all.get(key);
    if (!known) {
      const added = new FetchedPartition(this, wanted);
      this.#all.set(key, added);
      this.#awake.add(added);
      return;
    }
    known.wanted = wanted;
    // A follower that names it may not have taken the last answer: it is told again how far the log is
    // committed.
    known.isOwed = this.replicaId !== null;
    this.wake(known);
  }

  forget(name: PartitionName): void {
    const key = this.#key(name);
    const known = this.#all.get(key);
    if (!known) return;
    this.wake(known);
    known.isForgotten = true;
    this.#watch(known, null);
    this.#awake.delete(known);
    this.#all.delete(key);
  }

  wakeAll(): void {
    for (const one of this.#all.values()) this.wake(one);
  }

  /** Called when the replica has moved. */
  wake(one: FetchedPartition): void {
    if (!this.#awake.has(one)) {
      this.#awake.add(one);
      if (this.replicaId !== null) one.watched?.followerMoves(this.replicaId, this);
    }
    for (const waiting of [...this.#waiting]) waiting(one);
  }

  /** There is nothing to say of it until its replica moves. */
  rest(one: FetchedPartition, replica: Partition): void {
    // Forgotten while it was read, by a request over another connection.
    if (!this.#awake.has(one)) return;
    if (one.isForgotten) return;
    this.#watch(one, replica);
    this.#awake.delete(one);
    if (this.replicaId !== null) replica.followerRests(this.replicaId, this);
  }

  /** Partitions that were served go to the end of the order, so that all get their share under a limit. */
  served(one: FetchedPartition): void {
    if (one.isForgotten) return;
    this.#awake.delete(one);
    this.#awake.add(one);
  }

  /** Tells of each partition that moves, until the result is called. */
  onMoved(waiting: (woken: FetchedPartition) => void): () => void {
    for (const one of this.#awake) this.#watch(one, one.replica instanceof Partition ? one.replica : null);
    this.#waiting.add(waiting);
    return () => this.#waiting.delete(waiting);
  }

  isNews(one: FetchedPartition, state: FetchState): boolean {
    return (
      one.isOwed ||
      state.hasRecords ||
      state.hasHint ||
      state.errorCode !== 0 ||
      state.highWatermark !== one.toldHighWatermark ||
      state.logStartOffset !== one.toldLogStartOffset
    );
  }

  told(one: FetchedPartition, state: FetchState): void {
    one.isOwed = false;
    // After an error the next good outcome is news, whatever it is.
    one.toldHighWatermark = state.errorCode === 0 ? state.highWatermark : -1;
    one.toldLogStartOffset = state.logStartOffset;
  }

  /** Stops listening to its replica. */
  end(): void {
    this.#waiting.clear();
    for (const one of this.#all.values()) {
      this.wake(one);
      one.isForgotten = true;
      this.#watch(one, null);
    }
  }

  #watch(one: FetchedPartition, replica: Partition | null): void {
    if (one.watched === replica) return;
    if (one.watched) this.#watchers.delete(one.watched, one);
    if (replica) this.#watchers.add(replica, one);
    one.watched = replica;
  }

  #key({ topic, topicId, partition }: PartitionName): string {
    return `${this.usesTopicIds ? topicId : topic}/${partition}`;
  }
}

function isSameWay(one: FetchWay, other: FetchWay): boolean {
  if (one.upTo !== other.upTo || one.brokerEpoch !== other.brokerEpoch) return false;
  return one.principal === other.principal && one.acls === other.acls;
}
