import { assert } from '../../base/assert.ts';
import { type Delivery, type DeliveryState, isDone } from './delivery.ts';

interface OffsetRange {
  readonly firstOffset: number;
  readonly lastOffset: number;
}

/**
 * The deliveries between the start offset, before which nothing is to be done any more, and the next offset,
 * from which on nobody has had anything: in the order of their offsets, one after the other without a hole.
 */
export class DeliveryList {
  #startOffset: number;
  #nextOffset: number;
  #all: Delivery[] = [];

  constructor(startOffset: number) {
    this.#startOffset = startOffset;
    this.#nextOffset = startOffset;
  }

  get startOffset(): number {
    return this.#startOffset;
  }

  get nextOffset(): number {
    return this.#nextOffset;
  }

  get all(): readonly Delivery[] {
    return this.#all;
  }

  /** The index of the delivery that has the offset, or else of the first one behind it. */
  indexOf(offset: number): number {
    let low = 0;
    let high = this.#all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#all[middle]?.lastOffset ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** What follows, from this index on and up to this offset, of the batch that the first of it belongs to. */
  ofBatch(index: number, lastOffset: number): Delivery[] {
    const all: Delivery[] = [];
    for (let i = index; i < this.#all.length; i++) {
      const one = this.#all[i];
      if (!one || one.batch !== this.#all[index]?.batch || one.firstOffset > lastOffset) break;
      all.push(one);
    }
    return all;
  }

  /** Adds one at the end, which nobody has; returns it. */
  push(firstOffset: number, lastOffset: number, state: DeliveryState, deliveryCount: number): Delivery {
    assert(firstOffset === this.#nextOffset, 'deliveries follow one another without a hole');
    const pushed = {
      firstOffset,
      lastOffset,
      state,
      deliveryCount,
      batch: { size: lastOffset - firstOffset + 1 },
      memberId: '',
      lockedUntil: 0,
      change: null,
    };
    this.#all.push(pushed);
    this.#nextOffset = lastOffset + 1;
    return pushed;
  }

  /** Does it to each delivery between the offsets, which are cut at both ends first. */
  change({ firstOffset, lastOffset }: OffsetRange, run: (one: Delivery) => void): void {
    const from = Math.max(firstOffset, this.#startOffset);
    if (from > lastOffset) return;
    for (let i = this.indexOf(from); ; i++) {
      const one = this.#all[i];
      if (!one || one.firstOffset > lastOffset) return;
      i = this.cut(i, Math.max(one.firstOffset, from), Math.min(one.lastOffset, lastOffset));
      const piece = this.#all[i];
      if (piece) run(piece);
    }
  }

  /** Makes the offsets of the delivery at this index one of its own, and returns its index. */
  cut(index: number, from: number, to: number): number {
    const one = this.#all[index];
    assert(one !== undefined, 'there is something to cut');
    assert(one.firstOffset <= from && to <= one.lastOffset, 'what is cut lies within it');
    const parts: Delivery[] = [];
    if (one.firstOffset < from) parts.push({ ...one, lastOffset: from - 1 });
    parts.push({ ...one, firstOffset: from, lastOffset: to });
    if (to < one.lastOffset) parts.push({ ...one, firstOffset: to + 1 });
    if (parts.length > 1) this.#all.splice(index, 1, ...parts);
    return one.firstOffset < from ? index + 1 : index;
  }

  /** Offsets before this one are gone. */
  moveStart(offset: number): void {
    if (offset <= this.#startOffset) return;
    this.#startOffset = offset;
    this.#nextOffset = Math.max(this.#nextOffset, offset);
    this.#dropBefore(offset);
    this.advance();
  }

  /** Moves the start past what is done, and makes one of neighbours that are the same and done. */
  advance(): void {
    let done = 0;
    while (isDone(this.#all[done])) done += 1;
    if (done > 0) this.#all.splice(0, done);
    this.#startOffset = Math.max(this.#startOffset, this.#all[0]?.firstOffset ?? this.#nextOffset);
    const merged: Delivery[] = [];
    for (const one of this.#all) {
      const before = merged.at(-1);
      if (before && isDone(before) && isDone(one) && before.state === one.state)
        before.lastOffset = one.lastOffset;
      else merged.push(one);
    }
    this.#all = merged;
  }

  #dropBefore(offset: number): void {
    const index = this.indexOf(offset);
    if (index > 0) this.#all.splice(0, index);
    const first = this.#all[0];
    if (first && first.firstOffset < offset) first.firstOffset = offset;
  }
}
