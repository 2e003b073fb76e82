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

  add({ at, label, run }: { at: number; label: string; run: () => void }): Event {
    const added: Event = { at, sequence: this.#sequence++, label, run };
    this.#heap.push(added);
    this.#rise(added);
    return added;
  }

  /** The next event that was not cancelled (a cancelled event has `run` null). */
  take(): Event | undefined {
    for (;;) {
      const first = this.#heap[0];
      const last = this.#heap.pop();
      if (!first || !last) return undefined;
      if (this.#heap.length > 0) this.#sink(last);
      if (first.run) return first;
    }
  }

  /** Moves the event, which lies in the last place, up to where it belongs. */
  #rise(event: Event): void {
    let at = this.#heap.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#at(parent);
      if (!earlier(event, above)) break;
      this.#heap[at] = above;
      at = parent;
    }
    this.#heap[at] = event;
  }

  /** Puts the event into the first place, which is free, and moves it down to where it belongs. */
  #sink(event: Event): void {
    const { length } = this.#heap;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= length) break;
      const right = left + 1;
      const child = right < length && earlier(this.#at(right), this.#at(left)) ? right : left;
      const below = this.#at(child);
      if (!earlier(below, event)) break;
      this.#heap[at] = below;
      at = child;
    }
    this.#heap[at] = event;
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
