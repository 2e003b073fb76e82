import { assert } from '../base/assert.ts';
import type { Segment } from './segment.ts';

/**
 * The segments of one log, by base offset; the last is the active one, the only one that grows. Never empty.
 */
export class LogSegments {
  readonly #all: Segment[];

  constructor(segments: readonly Segment[]) {
    assert(segments.length > 0, 'a log has a segment');
    this.#all = [...segments].sort((a, b) => a.baseOffset - b.baseOffset);
  }

  get all(): readonly Segment[] {
    return this.#all;
  }

  get active(): Segment {
    const last = this.#all.at(-1);
    assert(last, 'a log has a segment');
    return last;
  }

  get first(): Segment {
    const first = this.#all[0];
    assert(first, 'a log has a segment');
    return first;
  }

  get sizeInBytes(): number {
    return this.#all.reduce((sum, segment) => sum + segment.sizeInBytes, 0);
  }

  /** From the segment that may hold the offset to the last; all of them when it is before the first. */
  from(offset: number): readonly Segment[] {
    return this.#all.slice(Math.max(0, this.#floor(offset)));
  }

  /** The segment that may hold the offset; null before the first. */
  holding(offset: number): Segment | null {
    return this.#all[this.#floor(offset)] ?? null;
  }

  after(segment: Segment): Segment | null {
    return this.#all[this.#floor(segment.baseOffset) + 1] ?? null;
  }

  add(segment: Segment): void {
    assert(segment.baseOffset >= this.active.baseOffset, 'a new segment is the last');
    if (segment.baseOffset === this.active.baseOffset) this.#all.pop();
    this.#all.push(segment);
  }

  /** Takes the oldest out. */
  dropFirst(count: number): Segment[] {
    assert(count < this.#all.length, 'the active segment stays');
    return this.#all.splice(0, count);
  }

  /** Takes out those that begin at or above the offset, except the first of all. */
  dropFrom(offset: number): Segment[] {
    const keep = Math.max(
      1,
      this.#all.findIndex((segment) => segment.baseOffset >= offset),
    );
    return this.#all.some((segment) => segment.baseOffset >= offset) ? this.#all.splice(keep) : [];
  }

  /**
   * Compaction: neighbours, none of them the active one, become one that holds what is left of their offsets.
   */
  replace(old: readonly Segment[], segment: Segment): void {
    const from = old[0] ? this.#all.indexOf(old[0]) : -1;
    const isRun = old.every((one, i) => this.#all[from + i] === one);
    assert(from >= 0 && isRun && from + old.length < this.#all.length, 'closed neighbours are replaced');
    this.#all.splice(from, old.length, segment);
  }

  replaceAll(segment: Segment): Segment[] {
    return this.#all.splice(0, this.#all.length, segment);
  }

  #floor(offset: number): number {
    let low = -1;
    let high = this.#all.length - 1;
    while (low < high) {
      const middle = Math.floor((low + high + 1) / 2);
      if ((this.#all[middle]?.baseOffset ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
