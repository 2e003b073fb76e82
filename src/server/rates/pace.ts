/** What was not used within this time is lost, so that a quiet hour is followed by no rush. */
const CATCH_UP_MS = 100;

/** Something that may happen so many times a second. */
export class Pace {
  #dueAt = Number.NEGATIVE_INFINITY;

  isDue(now: number, rate: number): boolean {
    return rate > 0 && this.#dueAt <= now;
  }

  happened(now: number, rate: number): void {
    this.#dueAt = Math.max(this.#dueAt, now - CATCH_UP_MS) + 1000 / rate;
  }
}
