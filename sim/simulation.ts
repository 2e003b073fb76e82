import type { Clock, Timer } from '../src/base/clock.ts';
import { type Random, Sfc32 } from '../src/base/random.ts';
import { chance } from './chance.ts';
import { EventQueue } from './event-queue.ts';
import { SimHost } from './sim-host.ts';
import { SimNetwork } from './sim-network.ts';
import { Trace } from './trace.ts';

/** More events than any scenario needs; actors that wake each other without end fail here. */
const MAX_EVENTS = 5_000_000;
/** Steps in one round of Node's event loop, which costs more than most steps. */
const STEPS_IN_A_ROUND = 200;
/** Simulated time begins here, so that timestamps look like real ones. */
const EPOCH_MS = 1_750_000_000_000;

/**
 * A world that one seed decides. Everything that waits is an event in one queue ordered by (time, sequence).
 * Between two events every promise settles that can, so ordinary async code runs under simulated time, and
 * the same seed gives the same run. The one condition: nothing inside uses Node itself.
 */
export class Simulation {
  readonly seed: number;
  readonly random: Random;
  readonly network: SimNetwork;
  readonly trace = new Trace();
  /** The clock of the scenario itself: no crash stops it. */
  readonly clock: Clock;
  readonly #queue = new EventQueue();
  readonly #hosts = new Map<string, SimHost>();
  readonly #conditions = new Set<{ holds: () => boolean; done: () => void }>();
  #time = 0;
  #crash: Error | null = null;

  constructor(seed: number) {
    this.seed = seed;
    this.random = this.fork('simulation');
    this.network = new SimNetwork(this);
    this.clock = {
      now: () => EPOCH_MS + Math.floor(this.#time),
      monotonic: () => this.#time,
      after: (ms, run) => this.schedule(ms, 'scenario timer', run),
      soon: (run) => void this.schedule(0, 'scenario soon', run),
    };
  }

  /** Milliseconds since the simulation began. */
  get time(): number {
    return this.#time;
  }

  /** A separate stream of randomness, so that more draws of one part do not change the draws of another. */
  fork(name: string): Random {
    let hash = 0;
    for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) & 0xf_ffff;
    return new Sfc32(hash * 0x1_0000_0000 + (this.seed >>> 0));
  }

  /** The host of this name; the first call makes and starts it. */
  host(name: string): SimHost {
    const known = this.#hosts.get(name);
    if (known) return known;
    const host = new SimHost(this, name);
    this.#hosts.set(name, host);
    return host;
  }

  hostIfKnown(name: string): SimHost | undefined {
    return this.#hosts.get(name);
  }

  /** A process ended because its code is wrong: the scenario fails. */
  crashed(error: Error): void {
    this.#crash ??= error;
  }

  schedule(ms: number, label: string, run: () => void): Timer {
    const event = this.#queue.add({ at: this.#time + Math.max(0, ms), label, run });
    return {
      cancel: () => {
        event.run = null;
      },
    };
  }

  note(line: string): void {
    this.trace.add(`${this.#time.toFixed(3)} ${line}`);
  }

  chance(probability: number): boolean {
    return chance(this.random, probability);
  }

  /**
   * Resolves when the condition holds after an event; rejects if it does not within `timeoutMs` of simulated
   * time.
   */
  until(holds: () => boolean, timeoutMs: number, what = 'the condition'): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = this.schedule(timeoutMs, 'scenario deadline', () => {
        this.#conditions.delete(condition);
        reject(new Error(`${what} did not hold within ${timeoutMs} simulated ms`));
      });
      const condition = {
        holds,
        done: () => {
          timer.cancel();
          resolve();
        },
      };
      this.#conditions.add(condition);
    });
  }

  /** Runs a scenario to its end. A failure's message has the seed and the last events. */
  async run<T>(scenario: () => Promise<T>): Promise<T> {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    const running = scenario();
    running.then(over, over);
    try {
      await this.#happen(() => isOver);
      return await running;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /**
   * Runs one event after the other until `isOver`. Rejects with the error of a process, or when no event is
   * left.
   */
  #happen(isOver: () => boolean): Promise<void> {
    let events = 0;
    let isLookedAt = true;
    return inTurns(() => {
      if (this.#crash) throw this.#crash;
      if (!isLookedAt) {
        isLookedAt = true;
        if (this.#checkConditions()) return true;
      }
      if (isOver()) return false;
      if (events++ === MAX_EVENTS) throw new Error(`no end after ${MAX_EVENTS} events`);
      const event = this.#queue.take();
      if (!event?.run) throw new Error('deadlock: the scenario waits and nothing is scheduled');
      this.#time = event.at;
      if (event.label) this.note(event.label);
      event.run();
      isLookedAt = false;
      return true;
    });
  }

  /** Whether a condition held; then those who wait for it go on. */
  #checkConditions(): boolean {
    let changed = false;
    for (const condition of this.#conditions) {
      if (!condition.holds()) continue;
      this.#conditions.delete(condition);
      condition.done();
      changed = true;
    }
    return changed;
  }

  #failure(cause: unknown): Error {
    const message = cause instanceof Error ? cause.message : String(cause);
    return new Error(
      `SEED=${this.seed}: ${message}\nthe last events:\n  ${this.trace.tail().join('\n  ')}\nbecause:`,
      { cause },
    );
  }
}

/**
 * Calls `step` until it returns false, each time after every promise that can settle has settled: Node
 * guarantees that between two callbacks of setImmediate. Rejects with what a step throws.
 */
function inTurns(step: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const one = (): void => {
      if (isOver) return;
      try {
        if (step()) return;
        resolve();
      } catch (error) {
        reject(error);
      }
      isOver = true;
    };
    const many = (): void => {
      if (isOver) return;
      for (let i = 0; i < STEPS_IN_A_ROUND; i++) setImmediate(one);
      setImmediate(many);
    };
    many();
  });
}
