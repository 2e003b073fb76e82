import type { Clock } from '../../base/clock.ts';
import type { ImageDelta } from '../../metadata/delta.ts';

/** Longer than a client takes to ask about a topic that it has deleted. */
const RECENT_MS = 10_000;

/** The names of topics that were deleted within the last ten seconds, as far as this broker knows. */
export class RecentDeletions {
  readonly #clock: Clock;
  /** When each was deleted, in monotonic milliseconds; the oldest come first. */
  readonly #deletedAt = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(name: string): boolean {
    const deletedAt = this.#deletedAt.get(name);
    return deletedAt !== undefined && this.#clock.monotonic() - deletedAt < RECENT_MS;
  }

  onImage(delta: ImageDelta): void {
    if (!delta.topics || delta.topics.deleted.size === 0) return;
    const now = this.#clock.monotonic();
    for (const [name, deletedAt] of this.#deletedAt) {
      if (now - deletedAt < RECENT_MS) break;
      this.#deletedAt.delete(name);
    }
    for (const { name } of delta.topics.deleted.values()) {
      this.#deletedAt.delete(name);
      this.#deletedAt.set(name, now);
    }
  }
}
