import type { Clock } from '../base/clock.ts';
import type { Partition } from './partition.ts';

/** Which replicas of a topic on this broker are throttled: partition numbers, or all. */
export type ThrottledPartitions = ReadonlySet<number> | 'all';

export interface ThrottleOptions {
  /**
   * leader. or follower.replication.throttled.rate, in bytes a second; asked each time, so that a change
   * counts at once.
   */
  readonly rate: () => number;
  /** leader. or follower.replication.throttled.replicas of a topic. */
  readonly throttled: (topic: string) => ThrottledPartitions;
  /** replication.quota.window.num and replication.quota.window.size.seconds */
  readonly windows: () => { readonly count: number; readonly lengthMs: number };
}

interface Window {
  readonly startedAt: number;
  bytes: number;
}

/**
 * One side of KIP-73: bytes of throttled replicas are counted, and while their rate over the last windows is
 * above the quota, those of them that are not in sync are held back. What is in sync is never held back,
 * since producers wait for it, but it counts. A limit on the mean rate: one answer may be larger than a
 * second allows, and is waited for afterwards.
 */
export class ReplicationThrottle {
  readonly #clock: Clock;
  readonly #options: ThrottleOptions;
  /** Oldest first. */
  #windows: Window[] = [];

  constructor(clock: Clock, options: ThrottleOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** Whether a replica that is not in sync must wait now. */
  holdsBack(partition: Partition): boolean {
    return this.#isThrottled(partition) && this.#rate() > this.#options.rate();
  }

  /** So many bytes of the partition were sent, or arrived. */
  count(partition: Partition, bytes: number): void {
    if (bytes === 0 || !this.#isThrottled(partition)) return;
    const now = this.#clock.monotonic();
    const { lengthMs } = this.#options.windows();
    const last = this.#windows.at(-1);
    if (last && now < last.startedAt + lengthMs) last.bytes += bytes;
    else this.#windows.push({ startedAt: now, bytes });
  }

  #isThrottled(partition: Partition): boolean {
    const throttled = this.#options.throttled(partition.topic);
    return throttled === 'all' || throttled.has(partition.index);
  }

  /** Bytes a second since the first window that still counts began, which is a whole window ago at least. */
  #rate(): number {
    const now = this.#clock.monotonic();
    const { count, lengthMs } = this.#options.windows();
    this.#windows = this.#windows.filter(({ startedAt }) => startedAt > now - count * lengthMs);
    const first = this.#windows[0];
    if (!first) return 0;
    const bytes = this.#windows.reduce((sum, window) => sum + window.bytes, 0);
    return (bytes / Math.max(now - first.startedAt, lengthMs)) * 1000;
  }
}

/** The replicas on one broker out of a list of `partition:broker`, or all of them when it says `*`. */
export function throttledPartitions(list: readonly string[], brokerId: number): ThrottledPartitions {
  if (list.length === 1 && list[0]?.trim() === '*') return 'all';
  const here = new Set<number>();
  for (const replica of list) {
    const [partition, broker] = replica.split(':');
    if (Number(broker) === brokerId) here.add(Number(partition));
  }
  return here;
}
