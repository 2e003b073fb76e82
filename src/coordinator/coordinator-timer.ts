import type { Clock, Timer } from '../base/clock.ts';
import type { CoordinatorDecision } from './decision.ts';

/** As Apache Kafka's coordinators wait. */
const RETRY_MS = 500;

/**
 * The timers of one shard, by name. A timeout is a command like any other: it decides, and its records are
 * appended. Postponing a timer (every heartbeat does) costs no timer: it is found to be early when it fires,
 * and set again. One whose records were refused (too few replicas in sync, a full disk) is set again too:
 * nobody else would ever remove a member that is gone.
 */
export class CoordinatorTimer<Record> {
  readonly #clock: Clock;
  readonly #run: (decide: Timeout<Record>) => boolean;
  readonly #entries = new Map<string, Entry<Record>>();

  /** `run`: false when the log refused the records of the decision, and nothing of it happened. */
  constructor(clock: Clock, run: (decide: Timeout<Record>) => boolean) {
    this.#clock = clock;
    this.#run = run;
  }

  /** Replaces a timer of the same name. */
  schedule(name: string, delayMs: number, decide: Timeout<Record>): void {
    const deadline = this.#clock.monotonic() + delayMs;
    const entry = this.#entries.get(name);
    if (entry && entry.firesAt <= deadline) {
      entry.deadline = deadline;
      entry.decide = decide;
      return;
    }
    entry?.timer.cancel();
    this.#entries.set(name, {
      deadline,
      decide,
      firesAt: deadline,
      timer: this.#clock.after(delayMs, () => this.#fire(name)),
    });
  }

  cancel(name: string): void {
    this.#entries.get(name)?.timer.cancel();
    this.#entries.delete(name);
  }

  cancelAll(): void {
    for (const name of [...this.#entries.keys()]) this.cancel(name);
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  #fire(name: string): void {
    const entry = this.#entries.get(name);
    if (!entry) return;
    this.#entries.delete(name);
    const early = entry.deadline - this.#clock.monotonic();
    // Clocks may fire a fraction early; less than a millisecond is not worth another round.
    if (early >= 1) this.schedule(name, early, entry.decide);
    else if (!this.#run(entry.decide) && !this.#entries.has(name))
      this.schedule(name, RETRY_MS, entry.decide);
  }
}

export type Timeout<Record> = () => CoordinatorDecision<Record, void>;

interface Entry<Record> {
  deadline: number;
  decide: Timeout<Record>;
  readonly firesAt: number;
  readonly timer: Timer;
}
