import type { BrokerId } from '../base/brand.ts';
import type { Clock } from '../base/clock.ts';
import type { Partition } from './partition.ts';

/**
 * A follower that has not come in this time is not waited for any more: its broker is away, or has no room
 * for the replica.
 */
const PATIENCE_MS = 10_000;

/**
 * Followers that have not fetched yet what this broker began to lead, while acks=all waits for them. Their
 * broker's fetch may be waiting here for other partitions: it is answered at once, and its next ones soon,
 * until one names what is awaited.
 */
export class AwaitedFollowers {
  readonly #clock: Clock;
  /** The partitions for which each follower is awaited, with the monotonic time until which it is. */
  readonly #byFollower = new Map<BrokerId, Map<Partition, number>>();
  readonly #waiting = new Map<BrokerId, Set<() => void>>();
  #hurried = new Set<BrokerId>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The partition's new leader epoch begins here; `hurry` follows. */
  began(partition: Partition): void {
    const until = this.#clock.monotonic() + PATIENCE_MS;
    for (const id of partition.replicas) {
      if (!partition.follower(id)) continue;
      const partitions = this.#byFollower.get(id);
      if (partitions) partitions.set(partition, until);
      else this.#byFollower.set(id, new Map([[partition, until]]));
      this.#hurried.add(id);
    }
  }

  ended(partition: Partition): void {
    for (const partitions of this.#byFollower.values()) partitions.delete(partition);
  }

  /** Answers what waits of the followers that `began` was told of since the last time. */
  hurry(): void {
    const ids = this.#hurried;
    if (ids.size === 0) return;
    this.#hurried = new Set();
    for (const id of ids) for (const answer of [...(this.#waiting.get(id) ?? [])]) answer();
  }

  /**
   * Whether a fetch of this broker must not be kept for long. Forgets partitions that it has fetched, or need
   * not fetch any more.
   */
  isAwaited(id: BrokerId): boolean {
    const partitions = this.#byFollower.get(id);
    if (!partitions) return false;
    const now = this.#clock.monotonic();
    for (const [partition, until] of partitions) {
      if (partition.isLeader && partition.follower(id)?.endOffset === -1 && now < until) return true;
      partitions.delete(partition);
    }
    this.#byFollower.delete(id);
    return false;
  }

  /** A fetch of this broker waits here, and `answer` answers it. Call the result when it waits no more. */
  waits(id: BrokerId, answer: () => void): () => void {
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting.add(answer));
    return () => {
      waiting.delete(answer);
      if (waiting.size === 0 && this.#waiting.get(id) === waiting) this.#waiting.delete(id);
    };
  }
}
