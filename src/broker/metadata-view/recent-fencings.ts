import type { BrokerId } from '../../base/brand.ts';
import type { Clock } from '../../base/clock.ts';
import type { ImageDelta } from '../../metadata/delta.ts';

/** Apache Kafka's default for broker.session.timeout.ms: so long its clients hear of a dead broker. */
const RECENT_MS = 9_000;

/**
 * The brokers that were fenced within the last nine seconds without having said that they stop, as far as
 * this broker knows. Metadata goes on telling clients of them: a broker that died is fenced at once here, and
 * not after its session as in Apache Kafka, and most often it is back within seconds. librdkafka gives up a
 * broker that Metadata leaves out, and since 2.10 may send it a group's requests for ever after that (its
 * issues 5456 and 5511).
 */
export class RecentFencings {
  readonly #clock: Clock;
  /** When each was fenced, in monotonic milliseconds. */
  readonly #fencedAt = new Map<BrokerId, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(id: BrokerId): boolean {
    const fencedAt = this.#fencedAt.get(id);
    return fencedAt !== undefined && this.#clock.monotonic() - fencedAt < RECENT_MS;
  }

  onImage(delta: ImageDelta): void {
    if (!delta.brokers) return;
    const after = delta.brokers.apply();
    for (const id of delta.brokers.changed) {
      const before = delta.brokers.before.byId(id);
      const now = after.byId(id);
      if (!now?.fenced || now.inControlledShutdown) this.#fencedAt.delete(id);
      else if (before && !before.fenced && !before.inControlledShutdown)
        this.#fencedAt.set(id, this.#clock.monotonic());
    }
  }
}
