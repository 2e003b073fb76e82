import { acknowledgeType } from '../../src/broker/sharing/acknowledgements.ts';
import { SharePartition } from '../../src/broker/sharing/share-partition.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import type { SharedDelivery } from './shared-records-are-done-once.ts';
import type { Violations } from './violations.ts';

interface Lock {
  readonly memberId: string;
  /** Simulated time in milliseconds. */
  readonly until: number;
}

/** Who is told what leaders deliver, and what they pass over. */
export interface Deliveries {
  delivered(partition: string, offset: number, delivery: SharedDelivery, by: SharePartition): void;
  isGone(partition: string, offset: number): void;
}

/**
 * After a leader gives a record to a member, it gives the record to nobody else until the member's lock ends,
 * the member releases the record, or its session ends.
 */
export class LockedRecordsAreOneMembers {
  readonly #violations: Violations;
  readonly #lockDurationMs: number;
  readonly #now: () => number;
  readonly #locks = new WeakMap<SharePartition, Map<number, Lock>>();

  constructor(
    violations: Violations,
    options: { readonly lockDurationMs: number; readonly now: () => number },
  ) {
    this.#violations = violations;
    this.#lockDurationMs = options.lockDurationMs;
    this.#now = options.now;
  }

  /**
   * Checks every record that leaders give and take, also when the answer is lost, until the returned function
   * is called. Also reports to `records` every delivery, and every record that a leader passes over because
   * its own log, whose offsets `offsetsOf` gives, was compacted and does not have the record any more.
   */
  watch(records: Deliveries, offsetsOf: (log: PartitionLog) => ReadonlySet<number>): () => void {
    const { acquire, acknowledge, release } = SharePartition.prototype;
    const passedOver = ({ replica: { log }, key }: SharePartition, from: number, to: number) => {
      if (from > to || !log.config.cleanupPolicy.includes('compact')) return;
      const there = offsetsOf(log);
      for (let offset = from; offset <= to; offset++)
        if (!there.has(offset)) records.isGone(`${key.topicId}-${key.partition}`, offset);
    };
    const delivered = (share: SharePartition, memberId: string, acquired: ReturnType<typeof acquire>) => {
      const { topicId, partition } = share.key;
      for (const { firstOffset, lastOffset, deliveryCount } of acquired)
        for (let offset = firstOffset; offset <= lastOffset; offset++) {
          const { leaderEpoch } = share;
          records.delivered(
            `${topicId}-${partition}`,
            offset,
            { memberId, leaderEpoch, deliveryCount },
            share,
          );
          this.#lock(share, offset, memberId);
        }
    };
    const locksOf = (share: SharePartition) => this.#of(share);
    const renewed = (share: SharePartition, memberId: string, offset: number) =>
      this.#renew(share, offset, memberId);
    SharePartition.prototype.acquire = function (memberId, read, wish) {
      const acquired = acquire.call(this, memberId, read, wish);
      passedOver(this, read.fetchOffset, (read.batches[0]?.baseOffset ?? 0) - 1);
      delivered(this, memberId, acquired);
      return acquired;
    };
    SharePartition.prototype.acknowledge = async function (memberId, batches) {
      const failing = acknowledge.call(this, memberId, batches);
      // The result of the call is not waited for: what the leader changes, it changes within the call.
      for (const { firstOffset, lastOffset, acknowledgeTypes } of batches)
        for (let offset = firstOffset; offset <= lastOffset; offset++) {
          const type = acknowledgeTypes[acknowledgeTypes.length > 1 ? offset - firstOffset : 0];
          if (type === acknowledgeType.renew) continue;
          if (type === acknowledgeType.gap) passedOver(this, offset, offset);
          if (locksOf(this).get(offset)?.memberId === memberId) locksOf(this).delete(offset);
        }
      const failure = await failing;
      if (failure === null)
        for (const { firstOffset, acknowledgeTypes } of batches)
          for (const [i, type] of acknowledgeTypes.entries())
            if (type === acknowledgeType.renew) renewed(this, memberId, firstOffset + i);
      return failure;
    };
    SharePartition.prototype.release = function (memberId) {
      for (const [offset, lock] of locksOf(this))
        if (lock.memberId === memberId) locksOf(this).delete(offset);
      return release.call(this, memberId);
    };
    return () => {
      Object.assign(SharePartition.prototype, { acquire, acknowledge, release });
    };
  }

  #lock(share: SharePartition, offset: number, memberId: string): void {
    const locks = this.#of(share);
    const known = locks.get(offset);
    const now = this.#now();
    if (known && known.until > now + 1)
      this.#violations.add(
        'LockedRecordsAreOneMembers',
        `${share.key.topicId}-${share.key.partition}/${offset} is given to ${memberId}, ${Math.round(known.until - now)} ms before the lock of ${known.memberId} ends`,
      );
    locks.set(offset, { memberId, until: now + this.#lockDurationMs });
  }

  /**
   * The member has held the lock since; a second holder would have been found when it was given the record.
   */
  #renew(share: SharePartition, offset: number, memberId: string): void {
    const locks = this.#of(share);
    if (locks.get(offset)?.memberId === memberId)
      locks.set(offset, { memberId, until: this.#now() + this.#lockDurationMs });
  }

  #of(share: SharePartition): Map<number, Lock> {
    const known = this.#locks.get(share) ?? new Map<number, Lock>();
    this.#locks.set(share, known);
    return known;
  }
}
