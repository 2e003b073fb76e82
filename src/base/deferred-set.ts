import type { Clock, Timer } from './clock.ts';

/**
 * Requests that wait for a condition or a deadline, under any number of keys (Kafka calls it a purgatory):
 * fetch long polls wait for data in any of their partitions, acks=all produces for the high watermark.
 * `check` re-evaluates the waiters of one key; a waiter whose `ready` returns true is removed and completed
 * exactly once.
 */
export class DeferredSet<Key> {
  readonly #byKey = new Map<Key, Set<Waiter<Key>>>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `complete` runs once: when `ready` says so at a check, or at the deadline. `ready` is not asked here. */
  add(waiter: {
    readonly keys: readonly Key[];
    readonly timeoutMs: number;
    ready(): boolean;
    complete(reason: 'ready' | 'timeout'): void;
  }): { cancel(): void } {
    const entry: Waiter<Key> = {
      ...waiter,
      ready: waiter.ready,
      complete: waiter.complete,
      timer: undefined,
    };
    for (const key of entry.keys) {
      const set = this.#byKey.get(key);
      if (set) set.add(entry);
      else this.#byKey.set(key, new Set([entry]));
    }
    entry.timer = this.#clock.after(entry.timeoutMs, () => {
      this.#remove(entry);
      entry.complete('timeout');
    });
    return { cancel: () => this.#remove(entry) };
  }

  check(key: Key): void {
    const set = this.#byKey.get(key);
    if (!set) return;
    for (const entry of [...set]) {
      if (!set.has(entry) || !entry.ready()) continue;
      this.#remove(entry);
      entry.complete('ready');
    }
  }

  size(): number {
    return new Set([...this.#byKey.values()].flatMap((set) => [...set])).size;
  }

  #remove(entry: Waiter<Key>): void {
    entry.timer?.cancel();
    for (const key of entry.keys) {
      const set = this.#byKey.get(key);
      set?.delete(entry);
      if (set?.size === 0) this.#byKey.delete(key);
    }
  }
}

interface Waiter<Key> {
  readonly keys: readonly Key[];
  readonly timeoutMs: number;
  ready(): boolean;
  complete(reason: 'ready' | 'timeout'): void;
  timer: Timer | undefined;
}
