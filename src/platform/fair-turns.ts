import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';
import { javaAddress, networkOf } from '../base/java-address.ts';

// An application's tests may fake the clock.
const monotonic = performance.now.bind(performance);
/** Of one turn of the loop; then the loop looks at what everybody else sent. */
const TURN_MS = 1;

/**
 * Costly steps that strangers ask for: they have about a millisecond of each turn of the loop, and addresses
 * (of IPv6, networks of 64 bits) take turns, so that a flood from one of them costs the others little.
 */
export class FairTurns {
  /** What waits, by address; whose turn it is comes first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #isScheduled = false;

  /** `step` runs in a later turn, after those that the address asked for before. */
  add(address: string, step: () => void): void {
    const network = networkOf(javaAddress(address));
    const own = this.#waiting.get(network);
    if (own) own.push(step);
    else this.#waiting.set(network, [step]);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    setImmediate(() => this.#run(monotonic() + TURN_MS));
  }

  /** One step, and others until the time is over. */
  #run(until: number): void {
    this.#runNext();
    // Node does the work of a handshake in a tick after its beginning.
    process.nextTick(() => {
      if (this.#waiting.size > 0 && monotonic() < until) this.#run(until);
      else {
        this.#isScheduled = false;
        this.#schedule();
      }
    });
  }

  #runNext(): void {
    const [next] = this.#waiting;
    if (!next) return;
    const [address, own] = next;
    const step = own.shift();
    // To the end of the line.
    this.#waiting.delete(address);
    if (own.length > 0) this.#waiting.set(address, own);
    step?.();
  }
}
