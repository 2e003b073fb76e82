import type { Clock } from '../../base/clock.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { QuotaLimits, quotaClient } from '../../metadata/quota-limits.ts';
import type { RequestInfo } from '../../server/handler.ts';
import type { BrokerSettings } from '../configs/broker-settings.ts';
import { quotaWindows } from '../configs/server-limits.ts';
import { ByteQuota } from './byte-quota.ts';

type Asker = Pick<RequestInfo, 'principal' | 'clientId' | 'listener' | 'mute'>;

/**
 * Quotas of clients on this broker (KIP-13, KIP-546). Brokers among themselves have none. Who is over its
 * quota is told for how long, and nothing is read from its connection meanwhile (KIP-219). A client that has
 * no quota costs one question.
 */
export class ClientQuotas {
  readonly #limits: Readonly<Record<'producer' | 'consumer', QuotaLimits>>;
  readonly #producer: ByteQuota;
  readonly #consumer: ByteQuota;

  constructor(
    clock: Clock,
    options: { readonly image: () => ClusterImage; readonly settings: BrokerSettings },
  ) {
    const { image, settings } = options;
    const windows = () => quotaWindows(settings);
    this.#limits = {
      producer: new QuotaLimits('producer_byte_rate', image),
      consumer: new QuotaLimits('consumer_byte_rate', image),
    };
    this.#producer = new ByteQuota(clock, { limits: this.#limits.producer, windows });
    this.#consumer = new ByteQuota(clock, { limits: this.#limits.consumer, windows });
  }

  /** A produce request of so many bytes was served. Returns throttleTimeMs. */
  produced(asker: Asker, bytes: number): number {
    if (asker.listener !== 'client' || !this.#limits.producer.exists) return 0;
    return muted(asker, this.#producer.count(quotaClient(asker), bytes));
  }

  /**
   * How many bytes of records a consumer may get now, which is infinity without a quota. With none,
   * throttleTimeMs, and the answer has to be empty.
   */
  fetchable(asker: Asker): { readonly bytes: number; readonly throttleTimeMs: number } {
    if (asker.listener !== 'client' || !this.#limits.consumer.exists) return UNBOUNDED;
    const room = this.#consumer.room(quotaClient(asker));
    return room ? { bytes: room.bytes, throttleTimeMs: muted(asker, room.waitMs) } : UNBOUNDED;
  }

  fetched(asker: Asker, bytes: number): void {
    if (asker.listener !== 'client' || !this.#limits.consumer.exists) return;
    this.#consumer.count(quotaClient(asker), bytes);
  }
}

const UNBOUNDED = { bytes: Number.POSITIVE_INFINITY, throttleTimeMs: 0 };

function muted(asker: Asker, throttleTimeMs: number): number {
  if (throttleTimeMs > 0) asker.mute(throttleTimeMs);
  return throttleTimeMs;
}
