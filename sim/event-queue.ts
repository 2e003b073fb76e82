import { assert } from '../src/base/assert.ts';

export interface Event {
  readonly at: number;
  readonly sequence: number;
  readonly label: string;
  run: (() => void) | null;
}

/** A binary heap by (time, sequence): two events at one time happen in the order in which they were added. */
export class EventQueue {
  readonly #heap: Event[] = [];
  #sequence = 0;

  add(event: { at: number; label: string; run: () => void }): Event {
    const added: Event = { ...event, sequence: this.#sequence++ };
    this.#heap.push(added);
    this.#rise(this.#heap.length - 1);
    return added;
  }

  /** The next event that was not cancelled (a cancelled event has `run` null). */
  take(): Event | undefined {
    for (;;) {
      const first = this.#heap[0];
      const last = this.#heap.pop();
      if (!first || !last) return undefined;
      if (this.#heap.length > 0) {
        this.#heap[0] = last;
        this.#sink(0);
      }
      if (first.run) return first;
    }
  }

  #rise(start: number): void {
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfEarlier(at, parent)) return;
      at = parent;
    }
  }

  #sink(start: number): void {
    let at = start;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= this.#heap.length) return;
      const right = left + 1;
      const child = right < this.#heap.length && earlier(this.#at(right), this.#at(left)) ? right : left;
      if (!this.#swapIfEarlier(child, at)) return;
      at = child;
    }
  }

  #swapIfEarlier(low: number, high: number): boolean {
    const a = this.#at(low);
    const b = this.#at(high);
    if (!earlier(a, b)) return false;
    this.#heap[low] = b;
    this.#heap[high] = a;
    return true;
  }

  #at(index: number): Event {
    const event = this.#heap[index];
    assert(event, 'index within the heap');
    return event;
  }
}

function earlier(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}
