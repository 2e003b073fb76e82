import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';
import { javaAddress, networkOf } from '../base/java-address.ts';

// An application's tests may fake the clock.
const monotonic = performance.now.bind(performance);
/** Of one turn of the loop; then the loop looks at what everybody else sent. */
const TURN_MS = 1;

/** What an address asked for. */
interface Steps {
  /** Of connections that had a step before: what was begun is ended first. */
  readonly underWay: (() => void)[];
  readonly others: (() => void)[];
}

/**
 * Costly steps that strangers ask for: they have about a millisecond of each turn of the loop, and addresses
 * (of IPv6, networks of 64 bits) take turns, so that a flood from one of them costs the others little.
 */
export class FairTurns {
  /** What waits, by address; whose turn it is comes first. */
  readonly #waiting = new Map<string, Steps>();
  #isScheduled = false;

  /** `step` runs in a later turn, after those that the address asked for before. */
  add(address: string, step: () => void): void {
    this.#of(address).others.push(step);
    this.#schedule();
  }

  /** The same, ahead of what `add` was told of the address: the step goes on with what another one began. */
  addUnderWay(address: string, step: () => void): void {
    this.#of(address).underWay.push(step);
    this.#schedule();
  }

  #of(address: string): Steps {
    const network = networkOf(javaAddress(address));
    const known = this.#waiting.get(network);
    if (known) return known;
    const steps: Steps = { underWay: [], others: [] };
    this.#waiting.set(network, steps);
    return steps;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    setImmediate(() => this.#run(monotonic() + TURN_MS));
  }

  /** One step, and others until the time is over. */
  #run(until: number): void {
    this.#runNext();
    // Node does the work of a handshake in a tick after its beginning, and promises say what becomes of a
    // request: the next tick that is asked for by a promise comes after all of them.
    void Promise.resolve().then(() =>
      process.nextTick(() => {
        if (this.#waiting.size > 0 && monotonic() < until) this.#run(until);
        else {
          this.#isScheduled = false;
          this.#schedule();
        }
      }),
    );
  }

  #runNext(): void {
    const [next] = this.#waiting;
    if (!next) return;
    const [address, own] = next;
    const step = own.underWay.shift() ?? own.others.shift();
    // To the end of the line.
    this.#waiting.delete(address);
    if (own.underWay.length + own.others.length > 0) this.#waiting.set(address, own);
    step?.();
  }
}
