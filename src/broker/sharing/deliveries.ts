import { assert } from '../../base/assert.ts';
import type { StateBatch } from '../../coordinator/share/records.ts';
import { combineBatches } from '../../coordinator/share/state-batches.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { type AcknowledgementBatch, acknowledgeType, runsOf } from './acknowledgements.ts';
import {
  aloneCount,
  Change,
  type Delivery,
  type DeliveryLimits,
  type DeliveryState,
  isAvailable,
  isDone,
  isTerminal,
  kept,
  settle,
  settledBy,
  stateOf,
} from './delivery.ts';
import type { FetchedBatch } from './fetched-batches.ts';

export interface AcquiredRecords {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly deliveryCount: number;
}

interface Acquisition {
  readonly memberId: string;
  /** What was read, in order; not empty. */
  readonly batches: readonly FetchedBatch[];
  /** Where it was read from. */
  readonly fetchOffset: number;
  readonly maxRecords: number;
  /** How many records are acquired and acknowledged as one. */
  readonly batchSize: number;
  /** Never more than `maxRecords`; otherwise batches are kept whole. */
  readonly isStrict: boolean;
  /** Monotonic time at which the locks end. */
  readonly lockedUntil: number;
  readonly limits: DeliveryLimits;
}

/**
 * What a share group did in one partition, between its start offset, before which nothing is to be done any
 * more, and its next offset, from which on nobody has had anything. In between lies one delivery after the
 * other without a hole. It knows no clock and keeps nothing: its owner does.
 */
export class Deliveries {
  #startOffset: number;
  #nextOffset: number;
  #deliveries: Delivery[] = [];

  /**
   * As the share coordinator kept it. What lies between its batches was acquired at most, which is not kept.
   */
  constructor(startOffset: number, batches: readonly StateBatch[] = []) {
    this.#startOffset = startOffset;
    this.#nextOffset = startOffset;
    for (const { firstOffset, lastOffset, deliveryState, deliveryCount } of combineBatches(
      [],
      batches,
      startOffset,
    )) {
      if (firstOffset > this.#nextOffset) this.#push(this.#nextOffset, firstOffset - 1, 'available', 0);
      this.#push(firstOffset, lastOffset, stateOf(deliveryState), deliveryCount);
    }
    this.#advance();
  }

  get startOffset(): number {
    return this.#startOffset;
  }

  get nextOffset(): number {
    return this.#nextOffset;
  }

  /** How many offsets from the start offset on nobody gets any more, counting what is on its way. */
  get completeCount(): number {
    let count = 0;
    for (const one of this.#deliveries)
      if (isTerminal(one.change?.to ?? one.state)) count += one.lastOffset - one.firstOffset + 1;
    return count;
  }

  /** How many deliveries it holds in memory. */
  get size(): number {
    return this.#deliveries.length;
  }

  /** How the offset stands; undefined before the start and where nobody has been. */
  stateOf(offset: number): { readonly state: DeliveryState; readonly deliveryCount: number } | undefined {
    const { state, deliveryCount } = this.#deliveries[this.#indexOf(offset)] ?? {};
    if (state === undefined || deliveryCount === undefined) return undefined;
    return offset < this.#startOffset ? undefined : { state, deliveryCount };
  }

  /** Where the next member reads; null while as many records are on their way as may be. */
  fetchOffset(limits: Pick<DeliveryLimits, 'recordLocks'>): number | null {
    for (const one of this.#deliveries) if (isAvailable(one)) return one.firstOffset;
    return this.#nextOffset - this.#startOffset < limits.recordLocks ? this.#nextOffset : null;
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
    for (let i = this.#indexOf(Math.max(fetchOffset, this.#startOffset)); left > 0; i++) {
      const one = this.#deliveries[i];
      if (!one || one.firstOffset > last.lastOffset) break;
      if (!isAvailable(one)) continue;
      const alone = aloneCount(one, limits);
      // A record that fails again and again is not to take those beside it along.
      if (alone !== null && acquired.length > 0) return acquired;
      const from = Math.max(one.firstOffset, fetchOffset);
      const to = Math.min(one.lastOffset, last.lastOffset, from + Math.min(left, alone ?? left) - 1);
      const index = this.#cut(i, from, to);
      const piece = this.#deliveries[index];
      assert(piece !== undefined, 'the piece that was cut out is there');
      this.#lock(piece, acquisition);
      acquired.push({ firstOffset: from, lastOffset: to, deliveryCount: piece.deliveryCount });
      left -= to - from + 1;
      i = index;
      if (alone !== null) return acquired;
    }
    if (left > 0) acquired.push(...this.#acquireNew(acquisition, last.lastOffset, left));
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
      for (const run of runsOf(batch, this.#startOffset))
        this.#change(run, (one) => {
          if (run.type === acknowledgeType.renew) one.lockedUntil = options.lockedUntil;
          else {
            const to = settledBy(run.type, one.deliveryCount, options.limits);
            one.change = { of: change, to, deliveryCount: one.deliveryCount };
            change.batches.push(kept(one, to, one.deliveryCount));
          }
        });
    return change.batches.length > 0 ? change : null;
  }

  /** The member has gone: what it had counts as never delivered. Null when it had nothing. */
  release(memberId: string): Change | null {
    const change = new Change();
    for (const one of this.#deliveries) {
      if (one.state !== 'acquired' || one.memberId !== memberId || one.change) continue;
      const deliveryCount = Math.max(0, one.deliveryCount - 1);
      one.change = { of: change, to: 'available', deliveryCount };
      change.batches.push(kept(one, 'available', deliveryCount));
    }
    return change.batches.length > 0 ? change : null;
  }

  /** Ends the locks that are over by `now`, in monotonic time, and returns what is to be kept of that. */
  expire(now: number, limits: Pick<DeliveryLimits, 'deliveryCount'>): StateBatch[] {
    const batches: StateBatch[] = [];
    for (const one of this.#deliveries) {
      if (one.state !== 'acquired' || one.change || one.lockedUntil > now) continue;
      const to = settledBy(acknowledgeType.release, one.deliveryCount, limits);
      settle(one, to, one.deliveryCount);
      batches.push(kept(one, to, one.deliveryCount));
    }
    if (batches.length > 0) this.#advance();
    return batches;
  }

  /** When the next lock ends, in monotonic time; infinity without any. */
  get nextExpiry(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const one of this.#deliveries)
      if (one.state === 'acquired' && !one.change) next = Math.min(next, one.lockedUntil);
    return next;
  }

  /** The share coordinator has the change. */
  commit(change: Change): void {
    for (const one of this.#deliveries)
      if (one.change?.of === change) settle(one, one.change.to, one.change.deliveryCount);
    this.#advance();
  }

  /** It has not: whoever had the records has them still, as long as the lock lasts. */
  rollBack(change: Change): void {
    for (const one of this.#deliveries) if (one.change?.of === change) one.change = null;
  }

  /** Records before this offset are gone from the log. */
  moveStart(offset: number): void {
    if (offset <= this.#startOffset) return;
    this.#startOffset = offset;
    this.#nextOffset = Math.max(this.#nextOffset, offset);
    this.#dropBefore(offset);
    this.#advance();
  }

  /**
   * Offsets that the reader must not be given although they were read, as of aborted transactions; nobody
   * gets them.
   */
  archive(first: number, last: number): void {
    this.#change({ firstOffset: first, lastOffset: last }, (one) => {
      if (!one.change && !isTerminal(one.state)) settle(one, 'archived', one.deliveryCount);
    });
    this.#advance();
  }

  /** The log has nothing between these offsets (the second excluded): compaction has removed it. */
  #noRecords(from: number, to: number): void {
    if (from >= to) return;
    this.#change({ firstOffset: from, lastOffset: to - 1 }, (one) => {
      if (isAvailable(one)) settle(one, 'archived', one.deliveryCount);
    });
    if (this.#nextOffset >= from && this.#nextOffset < to)
      this.#push(this.#nextOffset, to - 1, 'archived', 0);
    this.#advance();
  }

  #acquireNew(acquisition: Acquisition, lastRead: number, left: number): AcquiredRecords[] {
    const { batches, isStrict, limits } = acquisition;
    const from = this.#nextOffset;
    const room = limits.recordLocks - (from - this.#startOffset);
    const most = Math.min(left, room);
    if (most <= 0 || from > lastRead) return [];
    let to = Math.min(lastRead, from + most - 1);
    if (!isStrict) to = batches.find(({ lastOffset }) => lastOffset >= to)?.lastOffset ?? to;
    const acquired: AcquiredRecords[] = [];
    for (const { firstOffset, lastOffset } of pieces(from, to, acquisition)) {
      this.#push(firstOffset, lastOffset, 'available', 0);
      const piece = this.#deliveries.at(-1);
      assert(piece !== undefined, 'the piece that was pushed is there');
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
    if (lastOffset < this.#startOffset) return null;
    if (lastOffset >= this.#nextOffset)
      return {
        error: 'INVALID_REQUEST',
        message: 'Batch record not found. The last offset in request is past acquired records.',
      };
    if (firstOffset < from) return invalid('The offset cannot be acknowledged. The offset is not acquired.');
    const start = Math.max(firstOffset, this.#startOffset);
    for (let i = this.#indexOf(start); ; i++) {
      const one = this.#deliveries[i];
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

  /** Does it to each delivery between the offsets, which are cut at both ends first. */
  #change(
    { firstOffset, lastOffset }: { readonly firstOffset: number; readonly lastOffset: number },
    run: (one: Delivery) => void,
  ): void {
    const from = Math.max(firstOffset, this.#startOffset);
    if (from > lastOffset) return;
    for (let i = this.#indexOf(from); ; i++) {
      const one = this.#deliveries[i];
      if (!one || one.firstOffset > lastOffset) return;
      i = this.#cut(i, Math.max(one.firstOffset, from), Math.min(one.lastOffset, lastOffset));
      const piece = this.#deliveries[i];
      if (piece) run(piece);
    }
  }

  /** Makes the offsets of the delivery at this index one of its own, and returns its index. */
  #cut(index: number, from: number, to: number): number {
    const one = this.#deliveries[index];
    assert(one !== undefined, 'there is something to cut');
    assert(one.firstOffset <= from && to <= one.lastOffset, 'what is cut lies within it');
    const parts: Delivery[] = [];
    if (one.firstOffset < from) parts.push({ ...one, lastOffset: from - 1 });
    parts.push({ ...one, firstOffset: from, lastOffset: to });
    if (to < one.lastOffset) parts.push({ ...one, firstOffset: to + 1 });
    if (parts.length > 1) this.#deliveries.splice(index, 1, ...parts);
    return one.firstOffset < from ? index + 1 : index;
  }

  /** The index of the delivery that has the offset, or else of the first one behind it. */
  #indexOf(offset: number): number {
    let low = 0;
    let high = this.#deliveries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#deliveries[middle]?.lastOffset ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #push(firstOffset: number, lastOffset: number, state: DeliveryState, deliveryCount: number): void {
    assert(firstOffset === this.#nextOffset, 'deliveries follow one another without a hole');
    this.#deliveries.push({
      firstOffset,
      lastOffset,
      state,
      deliveryCount,
      memberId: '',
      lockedUntil: 0,
      change: null,
    });
    this.#nextOffset = lastOffset + 1;
  }

  #dropBefore(offset: number): void {
    const index = this.#indexOf(offset);
    if (index > 0) this.#deliveries.splice(0, index);
    const first = this.#deliveries[0];
    if (first && first.firstOffset < offset) first.firstOffset = offset;
  }

  /** Moves the start past what is done, and makes one of neighbours that are the same and done. */
  #advance(): void {
    let done = 0;
    while (isDone(this.#deliveries[done])) done += 1;
    if (done > 0) this.#deliveries.splice(0, done);
    this.#startOffset = Math.max(this.#startOffset, this.#deliveries[0]?.firstOffset ?? this.#nextOffset);
    const merged: Delivery[] = [];
    for (const one of this.#deliveries) {
      const before = merged.at(-1);
      if (before && isDone(before) && isDone(one) && before.state === one.state)
        before.lastOffset = one.lastOffset;
      else merged.push(one);
    }
    this.#deliveries = merged;
  }
}

/** The offsets in pieces of about the batch size, which end where batches of the log end. */
function pieces(
  from: number,
  to: number,
  { batches, batchSize, isStrict }: Pick<Acquisition, 'batches' | 'batchSize' | 'isStrict'>,
): { firstOffset: number; lastOffset: number }[] {
  if (isStrict || to - from + 1 <= batchSize) return [{ firstOffset: from, lastOffset: to }];
  const all: { firstOffset: number; lastOffset: number }[] = [];
  let firstOffset = from;
  for (const { baseOffset } of batches) {
    if (baseOffset > to) break;
    if (baseOffset - firstOffset < Math.max(1, batchSize)) continue;
    all.push({ firstOffset, lastOffset: baseOffset - 1 });
    firstOffset = baseOffset;
  }
  all.push({ firstOffset, lastOffset: to });
  return all;
}

function invalid(message: string): { readonly error: ErrorName; readonly message: string } {
  return { error: 'INVALID_RECORD_STATE', message };
}
