import type { Offset, Uuid } from '../base/brand.ts';
import type { Clock } from '../base/clock.ts';

export interface ObserverState {
  readonly replicaId: number;
  readonly replicaDirectoryId: Uuid;
  readonly logEndOffset: Offset;
  readonly lastFetchTimestamp: number;
  readonly lastCaughtUpTimestamp: number;
}

interface Observed extends ObserverState {
  readonly seenAt: number;
}

/** Kafka forgets an observer that has not fetched for five minutes. */
const SESSION_MS = 300_000;
/** Whoever fetches names itself, so the number of names is bounded. */
const OBSERVERS_MAX = 10_000;

/** Who fetches the metadata log, and how far each has come: what DescribeQuorum tells. */
export class Observers {
  readonly #clock: Clock;
  readonly #byKey = new Map<string, Observed>();
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  fetched(replica: {
    readonly replicaId: number;
    readonly directoryId: Uuid;
    readonly fetchOffset: Offset;
    readonly leaderEndOffset: Offset;
  }): void {
    const key = `${replica.replicaId}:${replica.directoryId}`;
    const known = this.#byKey.get(key);
    if (!known && this.#byKey.size >= OBSERVERS_MAX) return;
    const now = this.#clock.now();
    this.#byKey.set(key, {
      replicaId: replica.replicaId,
      replicaDirectoryId: replica.directoryId,
      logEndOffset: replica.fetchOffset,
      lastFetchTimestamp: now,
      lastCaughtUpTimestamp:
        replica.fetchOffset >= replica.leaderEndOffset ? now : (known?.lastCaughtUpTimestamp ?? -1),
      seenAt: this.#clock.monotonic(),
    });
    for (const check of [...this.#waiting]) check();
  }

  /** Resolves when each of these replicas has fetched up to the offset, or after the time. */
  reached(offset: Offset, replicaIds: readonly number[], timeoutMs: number): Promise<void> {
    const isReached = () =>
      replicaIds.every((id) =>
        [...this.#byKey.values()].some(
          ({ replicaId, logEndOffset }) => replicaId === id && logEndOffset >= offset,
        ),
      );
    if (isReached()) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(check);
        timer.cancel();
        resolve();
      };
      const check = () => {
        if (isReached()) done();
      };
      const timer = this.#clock.after(timeoutMs, done);
      this.#waiting.add(check);
    });
  }

  list(): ObserverState[] {
    const since = this.#clock.monotonic() - SESSION_MS;
    for (const [key, observer] of this.#byKey) if (observer.seenAt < since) this.#byKey.delete(key);
    return [...this.#byKey.values()]
      .map(({ seenAt: _, ...observer }) => observer)
      .sort((a, b) => a.replicaId - b.replicaId);
  }
}
