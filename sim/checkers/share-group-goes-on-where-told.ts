import { SharePartition } from '../../src/broker/sharing/share-partition.ts';
import { ReplacedShareCoordinators } from './replaced-share-coordinators.ts';
import { type SharedDelivery, SharedRecordsAreDoneOnce } from './shared-records-are-done-once.ts';
import type { Violations } from './violations.ts';

/** From one reset of a partition to the next. */
interface Life {
  readonly number: number;
  /** Where the group was told to begin. */
  readonly from: number;
}

const FIRST: Life = { number: 0, from: 0 };

/**
 * A share group that was moved to another offset, or that forgot a partition, is given nothing from before
 * that offset, and everything from it on as if it had never had it. A leader that has not noticed that the
 * group had no member meanwhile, or whose share coordinator has not noticed that it was replaced, may go on
 * from what was known before, as in Apache Kafka: what it decides is not kept.
 */
export class ShareGroupGoesOnWhereTold {
  readonly #violations: Violations;
  readonly #records: SharedRecordsAreDoneOnce;
  readonly #lives = new Map<string, Life>();
  /** The life in which a leader began with the group. */
  readonly #begun = new WeakMap<SharePartition, number>();
  readonly #replaced = new ReplacedShareCoordinators();
  /** Records that were given by a leader that went on from an earlier life, with the member. */
  readonly #givenByFormer = new Set<string>();

  constructor(violations: Violations, options: { readonly deliveryCountLimit: number }) {
    this.#violations = violations;
    this.#records = new SharedRecordsAreDoneOnce(violations, options);
  }

  get count(): number {
    return this.#records.count;
  }

  get deliveries(): number {
    return this.#records.deliveries;
  }

  /** Notes when leaders begin, until the result is called. Only one simulation runs at a time. */
  watch(): () => void {
    const { load } = SharePartition.prototype;
    const begins = (share: SharePartition) => this.#beginOf(share);
    const end = this.#replaced.watch();
    SharePartition.prototype.load = function () {
      begins(this);
      load.call(this);
    };
    return () => {
      SharePartition.prototype.load = load;
      end();
    };
  }

  /** The group has no member, and was told that it begins there. */
  reset(partition: string, from: number): void {
    this.#lives.set(partition, { number: this.#life(partition).number + 1, from });
  }

  from(partition: string): number {
    return this.#life(partition).from;
  }

  delivered(partition: string, offset: number, delivery: SharedDelivery, by: SharePartition): void {
    const life = this.#life(partition);
    if (this.#beginOf(by) < life.number || this.#replaced.wereReadBy(by.key, by.leaderEpoch)) {
      this.#givenByFormer.add(`${this.#place(partition)}/${offset} ${delivery.memberId}`);
      return;
    }
    if (offset < life.from)
      this.#violations.add(
        'ShareGroupGoesOnWhereTold',
        `the group was told to begin at ${partition}/${life.from}, and ${delivery.memberId} is given ${offset}`,
      );
    this.#records.delivered(this.#place(partition), offset, delivery);
  }

  isGone(partition: string, offset: number): void {
    this.#records.isGone(this.#place(partition), offset);
  }

  sent(partition: string, offset: number, type: number): void {
    this.#records.sent(this.#place(partition), offset, type);
  }

  answered(
    partition: string,
    offset: number,
    told: Parameters<SharedRecordsAreDoneOnce['answered']>[2],
  ): void {
    const place = this.#place(partition);
    if (this.#givenByFormer.has(`${place}/${offset} ${told.memberId}`)) return;
    this.#records.answered(place, offset, told);
  }

  mayBeDone(partition: string, offset: number): boolean {
    return this.#records.mayBeDone(this.#place(partition), offset);
  }

  check(partition: string, offsets: Iterable<number> | undefined): void {
    this.#records.check(this.#place(partition), offsets);
  }

  #beginOf(share: SharePartition): number {
    const { topicId, partition } = share.key;
    const known = this.#begun.get(share) ?? this.#life(`${topicId}-${partition}`).number;
    this.#begun.set(share, known);
    return known;
  }

  #life(partition: string): Life {
    return this.#lives.get(partition) ?? FIRST;
  }

  #place(partition: string): string {
    return `${partition} of life ${this.#life(partition).number}`;
  }
}
