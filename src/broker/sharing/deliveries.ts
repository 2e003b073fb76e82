import { assert } from '../../base/assert.ts';
import type { StateBatch } from '../../coordinator/share/records.ts';
import { combineBatches } from '../../coordinator/share/state-batches.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { type AcknowledgementBatch, acknowledgeType, runsOf } from './acknowledgements.ts';
import { type AcquiredRecords, type Acquisition, pieces } from './acquisition.ts';
import { BatchThrottle } from './batch-throttle.ts';
import {
  Change,
  type Delivery,
  type DeliveryLimits,
  type DeliveryState,
  isAvailable,
  isTerminal,
  kept,
  settle,
  settledBy,
  stateOf,
} from './delivery.ts';
import { DeliveryList } from './delivery-list.ts';

/**
 * What a share group did with the records of one partition: who has acquired which, and what became of them.
 * It knows no clock and keeps nothing: its owner does.
 */
export class Deliveries {
  readonly #list: DeliveryList;

  /**
   * As the share coordinator kept it. What lies between its batches was acquired at most, which is not kept.
   */
  constructor(startOffset: number, batches: readonly StateBatch[] = []) {
    const list = new DeliveryList(startOffset);
    this.#list = list;
    for (const { firstOffset, lastOffset, deliveryState, deliveryCount } of combineBatches(
      [],
      batches,
      startOffset,
    )) {
      if (firstOffset > list.nextOffset) list.push(list.nextOffset, firstOffset - 1, 'available', 0);
      list.push(firstOffset, lastOffset, stateOf(deliveryState), deliveryCount);
    }
    this.#list.advance();
  }

  get startOffset(): number {
    return this.#list.startOffset;
  }

  get nextOffset(): number {
    return this.#list.nextOffset;
  }

  /** How many offsets from the start offset on nobody gets any more, counting what is on its way. */
  get completeCount(): number {
    let count = 0;
    for (const one of this.#list.all)
      if (isTerminal(one.change?.to ?? one.state)) count += one.lastOffset - one.firstOffset + 1;
    return count;
  }

  /** How many deliveries it holds in memory. */
  get size(): number {
    return this.#list.all.length;
  }

  /** How the offset stands; undefined before the start and where nobody has been. */
  stateOf(offset: number): { readonly state: DeliveryState; readonly deliveryCount: number } | undefined {
    const { state, deliveryCount } = this.#list.all[this.#list.indexOf(offset)] ?? {};
    if (state === undefined || deliveryCount === undefined) return undefined;
    return offset < this.#list.startOffset ? undefined : { state, deliveryCount };
  }

  /** Where the next member reads; null while as many records are on their way as may be. */
  fetchOffset(limits: Pick<DeliveryLimits, 'recordLocks'>): number | null {
    for (const one of this.#list.all) if (isAvailable(one)) return one.firstOffset;
    return this.#list.nextOffset - this.#list.startOffset < limits.recordLocks ? this.#list.nextOffset : null;
  }

  /** Locks what was read for a member, as far as it is available. */
  acquire(acquisition: Acquisition): AcquiredRecords[] {
    const { batches, fetchOffset, maxRecords, limits } = acquisition;
    const first = batches[0];
    const last = batches.at(-1);
    assert(first !== undefined, 'something was read');
    assert(last !== undefined, 'something was read');
    this.#noRecords(fetchOffset, first.baseOffset);
    const acquired: AcquiredRecords[] = [];
    let left = maxRecords;
    let throttle: BatchThrottle | null = null;
    for (let i = this.#list.indexOf(Math.max(fetchOffset, this.#list.startOffset)); left > 0; i++) {
      const one = this.#list.all[i];
      if (!one || one.firstOffset > last.lastOffset) break;
      if (!isAvailable(one)) continue;
      if (one.batch !== throttle?.batch) {
        if (throttle?.isOn) return acquired;
        throttle = new BatchThrottle(one.batch, this.#list.ofBatch(i, last.lastOffset), limits);
        // A batch that fails again and again is not to take others along.
        if (throttle.isOn && acquired.length > 0) return acquired;
      }
      const most = Math.min(left, throttle.most(one));
      if (most === 0) return acquired;
      const from = Math.max(one.firstOffset, fetchOffset);
      const to = Math.min(one.lastOffset, last.lastOffset, from + most - 1);
      const index = this.#list.cut(i, from, to);
      const piece = this.#list.all[index];
      assert(piece !== undefined, 'the piece that was cut out is there');
      this.#lock(piece, acquisition);
      acquired.push({ firstOffset: from, lastOffset: to, deliveryCount: piece.deliveryCount });
      left -= to - from + 1;
      throttle.took(to - from + 1);
      i = index;
    }
    if (left > 0 && !throttle?.isOn) acquired.push(...this.#acquireNew(acquisition, last.lastOffset, left));
    return acquired;
  }

  /**
   * A member's acknowledgements, all of them or none. The change waits to be kept; null where there is
   * nothing to keep, as after a renewal.
   */
  acknowledge(
    memberId: string,
    batches: readonly AcknowledgementBatch[],
    options: { readonly lockedUntil: number; readonly limits: Pick<DeliveryLimits, 'deliveryCount'> },
  ): Change | null | { readonly error: ErrorName; readonly message: string } {
    let from = 0;
    for (const batch of batches) {
      const refusal = this.#refuses(memberId, batch, from);
      if (refusal) return refusal;
      from = batch.lastOffset + 1;
    }
    const change = new Change();
    for (const batch of batches)
      for (const run of runsOf(batch, this.#list.startOffset))
        this.#list.change(run, (one) => {
          if (run.type === acknowledgeType.renew) one.lockedUntil = options.lockedUntil;
          else {
            const to = settledBy(run.type, one.deliveryCount, options.limits);
            one.change = { of: change, to, deliveryCount: one.deliveryCount };
            change.batches.push(kept(one, to, one.deliveryCount));
          }
        });
    return change.batches.length > 0 ? change : null;
  }

  /**
   * The member has gone, and gives back what it had. The deliveries to it count, as in Kafka 4.3: a record
   * that ends each process that gets it is given up at the limit. Null when it had nothing.
   */
  release(memberId: string, limits: Pick<DeliveryLimits, 'deliveryCount'>): Change | null {
    const change = new Change();
    for (const one of this.#list.all) {
      if (one.state !== 'acquired' || one.memberId !== memberId || one.change) continue;
      const to = settledBy(acknowledgeType.release, one.deliveryCount, limits);
      one.change = { of: change, to, deliveryCount: one.deliveryCount };
      change.batches.push(kept(one, to, one.deliveryCount));
    }
    return change.batches.length > 0 ? change : null;
  }

  /** Ends the locks that are over by `now`, in monotonic time, and returns what is to be kept of that. */
  expire(now: number, limits: Pick<DeliveryLimits, 'deliveryCount'>): StateBatch[] {
    const batches: StateBatch[] = [];
    for (const one of this.#list.all) {
      if (one.state !== 'acquired' || one.change || one.lockedUntil > now) continue;
      const to = settledBy(acknowledgeType.release, one.deliveryCount, limits);
      settle(one, to, one.deliveryCount);
      batches.push(kept(one, to, one.deliveryCount));
    }
    if (batches.length > 0) this.#list.advance();
    return batches;
  }

  /** When the next lock ends, in monotonic time; infinity without any. */
  get nextExpiry(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const one of this.#list.all)
      if (one.state === 'acquired' && !one.change) next = Math.min(next, one.lockedUntil);
    return next;
  }

  /** The share coordinator has the change. */
  commit(change: Change): void {
    for (const one of this.#list.all)
      if (one.change?.of === change) settle(one, one.change.to, one.change.deliveryCount);
    this.#list.advance();
  }

  /** It has not: whoever had the records has them still, as long as the lock lasts. */
  rollBack(change: Change): void {
    for (const one of this.#list.all) if (one.change?.of === change) one.change = null;
  }

  /** Records before this offset are gone from the log. */
  moveStart(offset: number): void {
    this.#list.moveStart(offset);
  }

  /**
   * Offsets that the reader must not be given although they were read, as of aborted transactions; nobody
   * gets them.
   */
  archive(first: number, last: number): void {
    this.#list.change({ firstOffset: first, lastOffset: last }, (one) => {
      if (!one.change && !isTerminal(one.state)) settle(one, 'archived', one.deliveryCount);
    });
    this.#list.advance();
  }

  /** The log has nothing between these offsets (the second excluded): compaction has removed it. */
  #noRecords(from: number, to: number): void {
    if (from >= to) return;
    this.#list.change({ firstOffset: from, lastOffset: to - 1 }, (one) => {
      if (isAvailable(one)) settle(one, 'archived', one.deliveryCount);
    });
    if (this.#list.nextOffset >= from && this.#list.nextOffset < to)
      this.#list.push(this.#list.nextOffset, to - 1, 'archived', 0);
    this.#list.advance();
  }

  #acquireNew(acquisition: Acquisition, lastRead: number, left: number): AcquiredRecords[] {
    const { batches, isStrict, limits } = acquisition;
    const from = this.#list.nextOffset;
    const room = limits.recordLocks - (from - this.#list.startOffset);
    const most = Math.min(left, room);
    if (most <= 0 || from > lastRead) return [];
    let to = Math.min(lastRead, from + most - 1);
    if (!isStrict) to = batches.find(({ lastOffset }) => lastOffset >= to)?.lastOffset ?? to;
    const acquired: AcquiredRecords[] = [];
    for (const { firstOffset, lastOffset } of pieces(from, to, acquisition)) {
      const piece = this.#list.push(firstOffset, lastOffset, 'available', 0);
      this.#lock(piece, acquisition);
      acquired.push({ firstOffset, lastOffset, deliveryCount: piece.deliveryCount });
    }
    return acquired;
  }

  #lock(one: Delivery, { memberId, lockedUntil }: Acquisition): void {
    one.state = 'acquired';
    one.deliveryCount += 1;
    one.memberId = memberId;
    one.lockedUntil = lockedUntil;
  }

  #refuses(
    memberId: string,
    { firstOffset, lastOffset }: AcknowledgementBatch,
    from: number,
  ): { readonly error: ErrorName; readonly message: string } | null {
    // Records that are gone from the log are as good as acknowledged.
    if (lastOffset < this.#list.startOffset) return null;
    if (lastOffset >= this.#list.nextOffset)
      return {
        error: 'INVALID_REQUEST',
        message: 'Batch record not found. The last offset in request is past acquired records.',
      };
    if (firstOffset < from) return invalid('The offset cannot be acknowledged. The offset is not acquired.');
    const start = Math.max(firstOffset, this.#list.startOffset);
    for (let i = this.#list.indexOf(start); ; i++) {
      const one = this.#list.all[i];
      if (!one || one.firstOffset > lastOffset) return null;
      if (one.state !== 'acquired')
        return invalid('The batch cannot be acknowledged. The batch is not in the acquired state.');
      if (one.change)
        return invalid(
          'The record state is invalid. The acknowledgement of delivery could not be completed.',
        );
      if (one.memberId !== memberId) return invalid('Member is not the owner of batch record');
    }
  }
}

function invalid(message: string): { readonly error: ErrorName; readonly message: string } {
  return { error: 'INVALID_RECORD_STATE', message };
}
