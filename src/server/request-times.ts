import type { Clock } from '../base/clock.ts';
import type { ListenerPurpose } from './handler.ts';
import { TimeHistogram } from './time-histogram.ts';

/** What is told of times is of the last 5 to 10 minutes, as of Kafka's own, whose samples decay in five. */
const WINDOW_MS = 300_000;

/** How long the requests of one kind took, in milliseconds. */
export class RequestTimes {
  /**
   * From the whole request to the whole answer; what the connection makes them wait before and after is not
   * in it.
   */
  readonly total = new TimeHistogram();
  /** Until the request first had to wait: for followers, for records, for the disk. */
  readonly local = new TimeHistogram();
  /** How long it waited. */
  readonly remote = new TimeHistogram();
  #turnsAt: number;

  constructor(now: number) {
    this.#turnsAt = now + WINDOW_MS;
  }

  /** `now` is of the clock that the times were measured by. */
  record(now: number, localMs: number, totalMs: number): void {
    if (now >= this.#turnsAt) this.age(now);
    this.total.record(totalMs);
    this.local.record(localMs);
    this.remote.record(totalMs - localMs);
  }

  /** Forgets what is too old by now. */
  age(now: number): void {
    // A histogram keeps two windows, so two turns make it empty.
    for (let turns = 0; now >= this.#turnsAt && turns < 2; turns++) {
      this.total.turn();
      this.local.turn();
      this.remote.turn();
      this.#turnsAt += WINDOW_MS;
    }
    if (now >= this.#turnsAt) this.#turnsAt = now + WINDOW_MS;
  }
}

/** The times of every kind of request, by Kafka's name for it. */
export class AllRequestTimes {
  readonly #clock: Clock;
  readonly #byName = new Map<string, RequestTimes>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds. */
  now(): number {
    return this.#clock.monotonic();
  }

  /** As Kafka does, a fetch of a follower is another kind than one of a consumer. */
  of(api: string, listener: ListenerPurpose): RequestTimes {
    const name = api === 'Fetch' ? (listener === 'client' ? 'FetchConsumer' : 'FetchFollower') : api;
    const known = this.#byName.get(name);
    if (known) return known;
    const times = new RequestTimes(this.now());
    this.#byName.set(name, times);
    return times;
  }

  /** Only kinds of which there was a request are listed. */
  *all(): IterableIterator<readonly [name: string, times: RequestTimes]> {
    const now = this.now();
    for (const [name, times] of this.#byName) {
      if (times.total.count === 0) continue;
      times.age(now);
      yield [name, times];
    }
  }
}
