import type { Clock } from '../../base/clock.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { QuotaLimits, quotaClient } from '../../metadata/quota-limits.ts';
import type { QuotaWindows } from '../../server/rates/mean-rate.ts';
import { MeanRates } from '../../server/rates/mean-rates.ts';
import type { RequestTimeQuota } from '../../server/request-time.ts';

/** `request_percentage` is of one thread's time. */
const MS_PER_PERCENT = 10;

/** request_percentage (KIP-124): of each second, so many hundredths for the requests of a client. */
export class RequestQuota implements RequestTimeQuota {
  readonly #clock: Clock;
  readonly #limits: QuotaLimits;
  readonly #windows: () => QuotaWindows;
  readonly #rates = new MeanRates();

  constructor(
    clock: Clock,
    options: { readonly image: () => ClusterImage; readonly windows: () => QuotaWindows },
  ) {
    this.#clock = clock;
    this.#limits = new QuotaLimits('request_percentage', options.image);
    this.#windows = options.windows;
  }

  get exists(): boolean {
    return this.#limits.exists;
  }

  now(): number {
    return this.#clock.monotonic();
  }

  /**
   * As in Kafka it is never longer than a window: a single request that took long does not close its client
   * out for a minute.
   */
  count(asker: { readonly principal: string; readonly clientId: string | null }, ms: number): number {
    const limit = this.#limits.of(quotaClient(asker));
    if (!limit) return 0;
    const rate = this.#rates.of(limit.owner);
    const now = this.now();
    const windows = this.#windows();
    rate.count(ms / MS_PER_PERCENT, now, windows);
    return Math.min(rate.waitMs(limit.bound, now, windows), windows.lengthMs);
  }
}
