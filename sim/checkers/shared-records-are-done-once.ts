import { acknowledgeType } from '../../src/broker/sharing/acknowledgements.ts';
import type { Violations } from './violations.ts';

/** One delivery of a record to a member of a share group, by a leader of its partition. */
export interface SharedDelivery {
  readonly memberId: string;
  readonly leaderEpoch: number;
  /** The delivery count that the leader gives, with this delivery included. */
  readonly deliveryCount: number;
}

interface Settled {
  readonly memberId: string;
  /**
   * The latest leader epoch in which it may have been settled; leaders of earlier epochs may not know of it.
   */
  readonly leaderEpoch: number;
}

interface SharedRecord {
  /** All deliveries, in the order in which they were made. */
  readonly deliveries: SharedDelivery[];
  /** Some member has asked to accept or reject it. */
  isAsked: boolean;
  /** The compaction of a leader had removed it when members came to it. */
  isGone: boolean;
  /** Set when a member was told that the record is accepted or rejected. */
  settled: Settled | null;
  /** The delivery whose release was answered last. */
  released: SharedDelivery | null;
}

/**
 * A record of a share group is delivered until a member was told that it is accepted or rejected, or until
 * the limit of deliveries; never after that, and never with a lower count than was stored. Only one member is
 * told so. Leaders of earlier epochs that have not heard of later ones may still deliver it, but the
 * acknowledgements that members send them do not count.
 */
export class SharedRecordsAreDoneOnce {
  readonly #violations: Violations;
  readonly #deliveryCountLimit: number;
  /** By partition and offset. */
  readonly #records = new Map<string, Map<number, SharedRecord>>();
  #count = 0;
  #deliveries = 0;

  constructor(violations: Violations, options: { readonly deliveryCountLimit: number }) {
    this.#violations = violations;
    this.#deliveryCountLimit = options.deliveryCountLimit;
  }

  /** The number of records that members were told are accepted or rejected. */
  get count(): number {
    return this.#count;
  }

  /** The number of deliveries of all records. */
  get deliveries(): number {
    return this.#deliveries;
  }

  /** A leader gives the record to a member. */
  delivered(partition: string, offset: number, delivery: SharedDelivery): void {
    const record = this.#of(partition, offset);
    const { settled, released } = record;
    const { memberId, leaderEpoch, deliveryCount } = delivery;
    const place = `${partition}/${offset}`;
    if (settled && leaderEpoch >= settled.leaderEpoch)
      this.#complain(
        `${place} was settled by ${settled.memberId} in epoch ${settled.leaderEpoch}, and ${memberId} is given it in epoch ${leaderEpoch}`,
      );
    if (deliveryCount > this.#deliveryCountLimit)
      this.#complain(`${place} is delivered for the ${deliveryCount}th time, beyond the limit`);
    if (deliveryCount > record.deliveries.length + 1)
      this.#complain(
        `${place} was delivered ${record.deliveries.length} times, and counts as delivered ${deliveryCount} times`,
      );
    if (released && leaderEpoch >= released.leaderEpoch && deliveryCount <= released.deliveryCount)
      this.#complain(
        `${place} was released after delivery ${released.deliveryCount}, and is delivered as number ${deliveryCount}`,
      );
    record.deliveries.push(delivery);
    this.#deliveries++;
  }

  /** A leader passes over the record, which its compaction has removed; those of other replicas may not have. */
  isGone(partition: string, offset: number): void {
    this.#of(partition, offset).isGone = true;
  }

  /** The member sends an acknowledgement: from then on the record may be settled. */
  sent(partition: string, offset: number, type: number): void {
    if (settles(type)) this.#of(partition, offset).isAsked = true;
  }

  /**
   * The member was told that its acknowledgement of this delivery counts. `mayBeGone`: the record may have
   * been deleted.
   */
  answered(
    partition: string,
    offset: number,
    told: {
      readonly memberId: string;
      readonly deliveryCount: number;
      readonly type: number;
      readonly mayBeGone: boolean;
    },
  ): void {
    const { memberId, deliveryCount, type, mayBeGone } = told;
    const record = this.#of(partition, offset);
    const { deliveries, settled } = record;
    const index = deliveries.findLastIndex(
      (one) => one.memberId === memberId && one.deliveryCount === deliveryCount,
    );
    const own = deliveries[index];
    const place = `${partition}/${offset}`;
    if (!own) {
      this.#complain(`${place} was never given to ${memberId}, whose acknowledgement counts`);
      return;
    }
    const later = deliveries.slice(index + 1).filter(({ leaderEpoch }) => leaderEpoch >= own.leaderEpoch);
    if (type === acknowledgeType.release && later.length === 0) record.released = own;
    // A leader answers acknowledgements of deleted records without an error and stores nothing: such records
    // may come back when the new log start was not stored before its broker died.
    if (!settles(type) || mayBeGone) return;
    if (settled) {
      // After the start has moved past a finished record, the leader answers acknowledgements of it without
      // an error.
      if (later.length === 0 && settled.memberId !== memberId)
        this.#complain(`${place} was settled by ${settled.memberId}, and then by ${memberId}`);
      return;
    }
    if (later.length > 0 && !this.#mayBeDone(record))
      this.#complain(
        `${place} is settled by ${memberId}, as it was told, while ${later.at(-1)?.memberId} has it`,
      );
    record.settled = { memberId, leaderEpoch: Math.max(...[own, ...later].map((one) => one.leaderEpoch)) };
    this.#count++;
  }

  /** Whether the record need not be delivered any more, as far as members can know. */
  mayBeDone(partition: string, offset: number): boolean {
    return this.#mayBeDone(this.#of(partition, offset));
  }

  /** Called after the end: each of these records was delivered and is done. */
  check(partition: string, offsets: Iterable<number> | undefined): void {
    if (offsets === undefined) this.#complain(`nobody leads ${partition}`);
    for (const offset of offsets ?? []) {
      const record = this.#of(partition, offset);
      if (this.#mayBeDone(record)) continue;
      const counts = record.deliveries.map(({ deliveryCount }) => deliveryCount).join(', ');
      this.#complain(
        `${partition}/${offset} was left out: nobody accepted or rejected it (deliveries: ${counts || 'none'})`,
      );
    }
  }

  #mayBeDone({ isAsked, isGone, settled, deliveries }: SharedRecord): boolean {
    return (
      isAsked ||
      isGone ||
      settled !== null ||
      deliveries.some(({ deliveryCount }) => deliveryCount >= this.#deliveryCountLimit)
    );
  }

  #of(partition: string, offset: number): SharedRecord {
    const records = this.#records.get(partition) ?? new Map<number, SharedRecord>();
    this.#records.set(partition, records);
    const known = records.get(offset) ?? unknownRecord();
    records.set(offset, known);
    return known;
  }

  #complain(message: string): void {
    this.#violations.add('SharedRecordsAreDoneOnce', message);
  }
}

function unknownRecord(): SharedRecord {
  return { deliveries: [], isAsked: false, isGone: false, settled: null, released: null };
}

function settles(type: number): boolean {
  return type === acknowledgeType.accept || type === acknowledgeType.reject;
}
