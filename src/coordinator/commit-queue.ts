import { assert } from '../base/assert.ts';
import type { Clock, Timer } from '../base/clock.ts';

/**
 * Answers that wait until the log is committed up to an offset. They leave in the order they were decided,
 * which is also the order of their offsets and deadlines; so one timer, for the first, is enough.
 */
export class CommitQueue {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #entries: Entry[] = [];
  #timer: Timer | undefined;

  /** `timeoutMs` Infinity: entries wait for as long as it takes. */
  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  add(upTo: number, run: { committed(): void; timedOut(): void }): void {
    const last = this.#entries.at(-1);
    assert(!last || last.upTo <= upTo, 'answers wait in the order of their offsets');
    this.#entries.push({ upTo, deadline: this.#clock.monotonic() + this.#timeoutMs, run });
    this.#arm();
  }

  get empty(): boolean {
    return this.#entries.length === 0;
  }

  committed(offset: number): void {
    const first = this.#entries.findIndex((entry) => entry.upTo > offset);
    const ready = this.#entries.splice(0, first === -1 ? this.#entries.length : first);
    for (const entry of ready) entry.run.committed();
    this.#arm();
  }

  clear(): void {
    this.#entries = [];
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    const first = this.#entries[0];
    if (!first) {
      this.#timer?.cancel();
      this.#timer = undefined;
      return;
    }
    if (this.#timer || first.deadline === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#clock.after(Math.max(0, first.deadline - this.#clock.monotonic()), () => {
      this.#timer = undefined;
      this.#expire();
      this.#arm();
    });
  }

  #expire(): void {
    const now = this.#clock.monotonic();
    const first = this.#entries.findIndex((entry) => entry.deadline > now);
    const late = this.#entries.splice(0, first === -1 ? this.#entries.length : first);
    for (const entry of late) entry.run.timedOut();
  }
}

interface Entry {
  readonly upTo: number;
  readonly deadline: number;
  readonly run: { committed(): void; timedOut(): void };
}
