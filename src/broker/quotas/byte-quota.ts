import type { Clock } from '../../base/clock.ts';
import type { QuotaClient, QuotaLimits } from '../../metadata/quota-limits.ts';
import type { QuotaWindows } from '../../server/rates/mean-rate.ts';
import { MeanRates } from '../../server/rates/mean-rates.ts';

/** A quota of bytes a second (KIP-13). */
export class ByteQuota {
  readonly #clock: Clock;
  readonly #limits: QuotaLimits;
  readonly #windows: () => QuotaWindows;
  readonly #rates = new MeanRates();

  constructor(clock: Clock, options: { readonly limits: QuotaLimits; readonly windows: () => QuotaWindows }) {
    this.#clock = clock;
    this.#limits = options.limits;
    this.#windows = options.windows;
  }

  /**
   * Counts bytes of a client. Returns for how many milliseconds it then has to be silent to be within its
   * quota.
   */
  count(client: QuotaClient, bytes: number): number {
    const limit = this.#limits.of(client);
    if (!limit) return 0;
    const rate = this.#rates.of(limit.owner);
    const now = this.#clock.monotonic();
    const windows = this.#windows();
    rate.count(bytes, now, windows);
    return rate.waitMs(limit.bound, now, windows);
  }

  /**
   * How many bytes the client may have now. With none, how many milliseconds it has to wait. Null when
   * nothing bounds it.
   */
  room(client: QuotaClient): { readonly bytes: number; readonly waitMs: number } | null {
    const limit = this.#limits.of(client);
    if (!limit) return null;
    const rate = this.#rates.of(limit.owner);
    const now = this.#clock.monotonic();
    const windows = this.#windows();
    const bytes = Math.floor(rate.room(limit.bound, now, windows));
    if (bytes > 0) return { bytes, waitMs: 0 };
    return { bytes: 0, waitMs: Math.max(1, rate.waitMs(limit.bound, now, windows)) };
  }
}
