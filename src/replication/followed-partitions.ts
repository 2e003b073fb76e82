import { Backoff } from '../base/backoff.ts';
import type { Uuid } from '../base/brand.ts';
import type { ErrorName } from '../protocol/errors.ts';
import type { FetchLimits } from './fetch-limits.ts';
import type { PartitionId, Wanted } from './fetch-session-handler.ts';
import type { Partition } from './partition.ts';

/**
 * The leader of a partition is often known here a moment before it knows itself: the first pause of a
 * partition.
 */
const EPOCH_BACKOFF_MS = 20;

/** One partition that is followed, in one leader epoch. */
export interface Followed {
  readonly partition: Partition;
  readonly epoch: number;
  /** Monotonic time until which it is not fetched; 0 when it is not paused. */
  pausedUntil: number;
  /** Waits after errors of this partition alone, up to replica.fetch.backoff.ms. */
  readonly backoff: Backoff;
  /** The error that keeps it from going on, which was logged; null while it goes on. */
  trouble: ErrorName | null;
  /** It has all that was committed when its leader last answered; no throttle holds it back then. */
  isCaughtUp: boolean;
  /** What the leader was told last; null when it must be told, whether or not that has changed. */
  told: Wanted | null;
  /** Whether the leader's session reads it. */
  isRead: boolean;
}

/** What the next fetch says, and why it says no more. */
export interface FetchPlan {
  readonly named: readonly Wanted[];
  readonly forgotten: readonly PartitionId[];
  /** How many partitions the leader's session reads then. */
  readonly readCount: number;
  readonly isThrottled: boolean;
  /** Monotonic time at which the first pause of a partition ends; Infinity when none is paused. */
  readonly resumesAt: number;
}

/**
 * The partitions that one fetcher follows, and which of them its next fetch has to name: planning a fetch
 * costs what changed since the last, not what is followed.
 */
export class FollowedPartitions {
  readonly #all = new Map<Partition, Followed>();
  readonly #byKey = new Map<string, Followed>();
  /**
   * Partitions that the next fetch may have to name: they are new, changed by an answer, or held back until
   * later.
   */
  readonly #changed = new Set<Followed>();
  /** Partitions that the leader's session reads and that are not wanted any more. */
  readonly #forgotten = new Map<string, PartitionId>();
  readonly #partitionMaxBytes: number;
  readonly #backoffMs: () => number;

  constructor(limits: Pick<FetchLimits, 'partitionBytesMax' | 'backoffMs'>) {
    this.#partitionMaxBytes = limits.partitionBytesMax;
    this.#backoffMs = () => limits.backoffMs;
  }

  get size(): number {
    return this.#all.size;
  }

  add(partition: Partition): void {
    this.remove(partition);
    const followed: Followed = {
      partition,
      epoch: partition.leaderEpoch,
      pausedUntil: 0,
      backoff: new Backoff({ firstMs: EPOCH_BACKOFF_MS, lastMs: this.#backoffMs }),
      trouble: null,
      isCaughtUp: false,
      told: null,
      isRead: false,
    };
    this.#all.set(partition, followed);
    this.#byKey.set(keyOf(partition.topicId, partition.index), followed);
    this.#changed.add(followed);
  }

  remove(partition: Partition): void {
    const followed = this.#all.get(partition);
    if (!followed) return;
    this.#all.delete(partition);
    this.#changed.delete(followed);
    const key = keyOf(partition.topicId, partition.index);
    if (this.#byKey.get(key) === followed) this.#byKey.delete(key);
    this.#hold(followed);
  }

  clear(): void {
    this.#all.clear();
    this.#byKey.clear();
    this.#changed.clear();
    this.#forgotten.clear();
  }

  has(followed: Followed): boolean {
    return this.#all.get(followed.partition) === followed;
  }

  /**
   * The one that an answer speaks of, when it was asked for as it is now; its next fetch may say something
   * else.
   */
  answered(topicId: Uuid, index: number): (Followed & { readonly told: Wanted }) | undefined {
    const followed = this.#byKey.get(keyOf(topicId, index));
    if (!followed) return undefined;
    this.#changed.add(followed);
    return isTold(followed) ? followed : undefined;
  }

  /** An answer was not taken as it came: the leader takes it for known, and is asked again. */
  askAgain(followed: Followed): void {
    followed.told = null;
    if (this.has(followed)) this.#changed.add(followed);
  }

  /** `isFull`: the leader's session knows nothing of what was told before. */
  plan(options: {
    readonly isFull: boolean;
    readonly now: number;
    readonly isThrottled: (followed: Followed) => boolean;
  }): FetchPlan {
    if (options.isFull) this.#tellEverything();
    const named: Wanted[] = [];
    let isThrottled = false;
    let resumesAt = Number.POSITIVE_INFINITY;
    for (const followed of this.#changed) {
      const { partition } = followed;
      const waits = followed.pausedUntil > options.now;
      if (waits) resumesAt = Math.min(resumesAt, followed.pausedUntil);
      const throttled = !waits && options.isThrottled(followed);
      if (throttled) isThrottled = true;
      if (waits || throttled || !partition.isFollower || awaitsDevice(partition)) {
        this.#hold(followed);
        continue;
      }
      this.#changed.delete(followed);
      const wanted = this.#wantedOf(followed);
      if (followed.told && isSame(followed.told, wanted)) continue;
      followed.told = wanted;
      followed.isRead = true;
      this.#forgotten.delete(keyOf(partition.topicId, partition.index));
      named.push(wanted);
    }
    return {
      named,
      forgotten: [...this.#forgotten.values()],
      readCount: this.#all.size - this.#changed.size,
      isThrottled,
      resumesAt,
    };
  }

  /** What was planned goes out now: the leader forgets what it named, or everything is told anew. */
  sends(): void {
    this.#forgotten.clear();
  }

  #tellEverything(): void {
    this.#forgotten.clear();
    for (const followed of this.#all.values()) {
      followed.told = null;
      followed.isRead = false;
      this.#changed.add(followed);
    }
  }

  /** Keeps the leader from reading it for now. */
  #hold(followed: Followed): void {
    const { topicId, index } = followed.partition;
    if (followed.isRead) this.#forgotten.set(keyOf(topicId, index), { topicId, partition: index });
    followed.told = null;
    followed.isRead = false;
  }

  #wantedOf({ partition, epoch }: Followed): Wanted {
    const { topicId, index, log } = partition;
    return {
      topicId,
      partition: index,
      currentLeaderEpoch: epoch,
      fetchOffset: log.durableEndOffset,
      lastFetchedEpoch: log.latestEpoch,
      logStartOffset: log.logStartOffset,
      partitionMaxBytes: this.#partitionMaxBytes,
    };
  }
}

/**
 * What was appended is on its way to the device (flush.messages), and is not this replica's before it is
 * there.
 */
export function awaitsDevice({ log }: Partition): boolean {
  return log.endOffset !== log.durableEndOffset && !log.fault;
}

function isTold(followed: Followed): followed is Followed & { readonly told: Wanted } {
  return followed.told !== null;
}

function isSame(a: Wanted, b: Wanted): boolean {
  return (
    a.fetchOffset === b.fetchOffset &&
    a.currentLeaderEpoch === b.currentLeaderEpoch &&
    a.lastFetchedEpoch === b.lastFetchedEpoch &&
    a.logStartOffset === b.logStartOffset &&
    a.partitionMaxBytes === b.partitionMaxBytes
  );
}

function keyOf(topicId: Uuid, index: number): string {
  return `${topicId}/${index}`;
}
