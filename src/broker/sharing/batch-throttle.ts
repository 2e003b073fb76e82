import { type Delivery, type DeliveryLimits, isAvailable } from './delivery.ts';

/** From this delivery on at the earliest, whatever the limit is. */
const LEAST_DELIVERIES = 2;

/**
 * How many records of a batch that fails again and again one answer has, as in Kafka's SharePartition, so
 * that one record that fails does not have the whole batch given up. After half of its deliveries an answer
 * has half of the batch, then a quarter and so on, and nothing else; a record on its last delivery comes
 * alone.
 */
export class BatchThrottle {
  readonly batch: Delivery['batch'];
  /** The batch comes in parts, and nothing else with it. */
  readonly isOn: boolean;
  readonly #limit: number;
  readonly #from: number;
  #taken = 0;
  #most = Number.POSITIVE_INFINITY;

  /** `pieces`: what there is of the batch in the offsets that were read. */
  constructor(
    batch: Delivery['batch'],
    pieces: readonly Delivery[],
    limits: Pick<DeliveryLimits, 'deliveryCount'>,
  ) {
    this.batch = batch;
    this.#limit = limits.deliveryCount;
    this.#from = Math.max(LEAST_DELIVERIES, Math.ceil(this.#limit / 2));
    this.isOn = pieces.some((one) => isAvailable(one) && one.deliveryCount >= this.#from);
  }

  /** How many records of this piece may still be taken; infinite where it does not throttle. */
  most({ deliveryCount, batch }: Pick<Delivery, 'deliveryCount' | 'batch'>): number {
    if (!this.isOn) return Number.POSITIVE_INFINITY;
    if (this.#limit > LEAST_DELIVERIES && deliveryCount === this.#limit - 1)
      this.#most = this.#taken === 0 ? 1 : 0;
    else if (deliveryCount >= this.#from && this.#most === Number.POSITIVE_INFINITY)
      this.#most = Math.max(1, Math.floor(batch.size / 2 ** (deliveryCount - this.#from + 1)));
    return Math.max(0, this.#most - this.#taken);
  }

  took(records: number): void {
    this.#taken += records;
  }
}
