import type { Clock } from '../base/clock.ts';
import type { ClusterImage } from '../metadata/image.ts';
import { type QuotaLimit, QuotaLimits, quotaClient } from '../metadata/quota-limits.ts';
import type { RequestInfo } from '../server/handler.ts';

type Asker = Pick<RequestInfo, 'principal' | 'clientId' | 'isPeer' | 'apiVersion'>;

interface Bucket {
  /** Negative after one request that was larger than what was left. */
  tokens: number;
  filledAt: number;
}

/**
 * Owners that are known; the one that was silent for longest is forgotten for another, and begins with a full
 * bucket.
 */
const OWNERS_MAX = 10_000;

/**
 * controller_mutation_rate (KIP-599): partitions that a client makes or deletes in a second. A bucket of
 * tokens: it takes what is unused over all windows of controller.quota.window, and one request may take more
 * than is left.
 */
export class MutationQuotas {
  readonly #clock: Clock;
  readonly #limits: QuotaLimits;
  readonly #burstSeconds: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(
    clock: Clock,
    options: {
      readonly image: () => ClusterImage;
      /** controller.quota.window.num times controller.quota.window.size.seconds. */
      readonly burstSeconds: () => number;
    },
  ) {
    this.#clock = clock;
    this.#limits = new QuotaLimits('controller_mutation_rate', options.image);
    this.#burstSeconds = options.burstSeconds;
  }

  /** For one request. Before `strictSince` its clients know no error for it, and are only told to wait. */
  of(asker: Asker, strictSince: number): MutationQuota {
    const limit = asker.isPeer ? null : this.#limits.of(quotaClient(asker));
    return new MutationQuota({
      isStrict: asker.apiVersion >= strictSince,
      take: (partitions) => (limit ? this.#take(limit, partitions) : 0),
    });
  }

  /**
   * Takes so many tokens. Returns in how many milliseconds the bucket will be in debt no more; 0 when it is
   * not.
   */
  #take(limit: QuotaLimit, partitions: number): number {
    const bucket = this.#bucketOf(limit);
    bucket.tokens -= partitions;
    return bucket.tokens < 0 ? Math.round((-bucket.tokens / limit.bound) * 1000) : 0;
  }

  #bucketOf({ owner, bound }: QuotaLimit): Bucket {
    const now = this.#clock.monotonic();
    const burst = bound * this.#burstSeconds();
    const bucket = this.#buckets.get(owner) ?? { tokens: burst, filledAt: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) / 1000) * bound);
    bucket.filledAt = now;
    this.#buckets.delete(owner);
    const [silent] = this.#buckets.keys();
    if (this.#buckets.size >= OWNERS_MAX && silent !== undefined) this.#buckets.delete(silent);
    this.#buckets.set(owner, bucket);
    return bucket;
  }
}

/** What one request may still change. */
export class MutationQuota {
  /** How long the client has to wait, as its answer says. */
  throttleTimeMs = 0;
  readonly #isStrict: boolean;
  readonly #take: (partitions: number) => number;

  constructor(options: { readonly isStrict: boolean; readonly take: (partitions: number) => number }) {
    this.#isStrict = options.isStrict;
    this.#take = options.take;
  }

  /** Whether so many partitions may be made or deleted, which then count. */
  admits(partitions: number): boolean {
    const owedMs = this.#isStrict ? this.#take(0) : 0;
    this.throttleTimeMs = Math.max(this.throttleTimeMs, owedMs);
    if (owedMs > 0) return false;
    const waitMs = this.#take(partitions);
    if (!this.#isStrict) this.throttleTimeMs = Math.max(this.throttleTimeMs, waitMs);
    return true;
  }
}
