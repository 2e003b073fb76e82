import { aborted } from '../base/aborted.ts';
import { sleep } from '../base/clock.ts';
import type { World } from '../base/world.ts';
import type { LifeEnd, LifeReport, ProcessPort } from './process-port.ts';
import { type Deaths, startBackoffMs } from './start-backoff.ts';

/** So many deaths by itself, none after having held, make a crash loop. */
const CRASH_LOOP = 4;
/**
 * So do so many of which most were not its own doing: nobody who tests or operates kills it as often, and a
 * system whose memory is too short does. Whoever waits for it must come to an end then.
 */
const KILL_LOOP = 100;
/** A process that served this long is not in a crash loop. */
const HOLDS_MS = 30_000;
/** Between attempts to end a process that cannot be ended now. */
const END_AGAIN_MS = 1_000;

export interface Problem {
  readonly code: 'PORT_IN_USE' | 'CRASH_LOOP';
  readonly message: string;
}

/** `died`: why it did; null when it serves again. */
export interface SupervisorNews {
  readonly died: string | null;
}

/** `held` is kept down on purpose, and may be let up again; `stopped` is the last wish. */
export type Wish = 'up' | 'held' | 'stopped';

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Keeps one process as it is wished: running, with growing waits between its lives, or not running. There is
 * one loop, which looks at the wish and takes one step towards it; a change of the wish only sets it and ends
 * the loop's waiting. So whatever comes in whatever order, the last wish is what becomes true.
 */
export class Supervisor {
  readonly #world: Pick<World, 'clock' | 'log'>;
  readonly #process: ProcessPort;
  readonly #onChange: () => void;
  readonly #onNews: (news: SupervisorNews) => void;
  #wish: Wish | null = null;
  /** Aborted by a change of the wish: the loop looks at it again. */
  #turn = new AbortController();
  /** Nothing runs, as the wish has it. */
  #isDown = false;
  readonly #waiters: Waiter[] = [];
  #life: LifeReport | null = null;
  #problem: Problem | null = null;
  #lastDeath: string | null = null;
  /** It died, and has not served since. */
  #isMissed = false;

  /**
   * `onChange` runs whenever `ready` or `problem` may have changed; `onNews` when a process died by itself,
   * and when one serves after that.
   */
  constructor(
    world: Pick<World, 'clock' | 'log'>,
    process: ProcessPort,
    onChange: () => void,
    onNews: (news: SupervisorNews) => void = () => {},
  ) {
    this.#world = world;
    this.#process = process;
    this.#onChange = onChange;
    this.#onNews = onNews;
  }

  get ready(): boolean {
    return this.#life?.isReady ?? false;
  }

  get problem(): Problem | null {
    return this.#problem;
  }

  /** For people: why its last life ended without being asked to; null before the first one did. */
  get lastDeath(): string | null {
    return this.#lastDeath;
  }

  /** It is kept down on purpose. */
  get held(): boolean {
    return this.#wish === 'held';
  }

  /** The process that runs now; null while there is none. */
  get pid(): number | null {
    return this.#life?.pid ?? null;
  }

  start(): void {
    this.#want('up');
  }

  /** Resolves when no process runs. Rejects when it cannot be ended; the attempts go on. */
  stop(): Promise<void> {
    this.#want('stopped');
    return this.#down();
  }

  /**
   * Kills the process and starts none until `release`. Resolves when none runs, or another wish came. Rejects
   * as `stop` does.
   */
  hold(): Promise<void> {
    this.#want('held');
    return this.#down();
  }

  release(): void {
    if (this.#wish === 'held') this.#want('up');
  }

  #want(wish: Wish): void {
    if (this.#wish === wish || this.#wish === 'stopped') return;
    const isFirst = this.#wish === null;
    this.#wish = wish;
    this.#isDown = false;
    // Who waits for an end that is not wished any more has nothing to wait for.
    if (wish === 'up') this.#settle((waiter) => waiter.resolve());
    this.#turn.abort();
    if (isFirst) void this.#converge();
  }

  #down(): Promise<void> {
    if (this.#isDown) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  /** Ends when the last wish is true; nothing that it calls can end it before. */
  async #converge(): Promise<void> {
    let deaths = NO_DEATHS;
    for (;;) {
      this.#turn = new AbortController();
      const { signal } = this.#turn;
      if (this.#wish === 'up') deaths = await this.#live(deaths, signal);
      else {
        deaths = NO_DEATHS;
        await this.#end(signal);
        if (this.#wish === 'stopped' && this.#isDown) return;
      }
    }
  }

  /** One life and the wait after it, both cut short by another wish. */
  async #live(before: Deaths, signal: AbortSignal): Promise<Deaths> {
    const { clock, log } = this.#world;
    const service: { from: number | null } = { from: null };
    const heard = (report: LifeReport): void => {
      if (signal.aborted) return;
      if (report.isReady) {
        service.from ??= clock.monotonic();
        this.#problem = null;
        if (this.#isMissed) this.#onNews({ died: null });
        this.#isMissed = false;
      }
      this.#become(report);
    };
    let end: LifeEnd;
    try {
      end = await this.#process.live(heard, signal);
    } catch (error) {
      log.error(`${this.#process.name} could not be supervised`, { error });
      end = { why: error instanceof Error ? error.message : String(error) };
    }
    this.#life = null;
    const servedMs = service.from === null ? 0 : clock.monotonic() - service.from;
    const { deaths: diedBefore, crashes } = servedMs >= HOLDS_MS ? NO_DEATHS : before;
    const deaths: Deaths = {
      deaths: diedBefore + 1,
      crashes: end.isKilled ? crashes : crashes + 1,
      failedStarts: servedMs > 0 ? 0 : before.failedStarts + 1,
    };
    if (signal.aborted) {
      this.#changed();
      return before;
    }
    const backoffMs = startBackoffMs(deaths, servedMs);
    this.#died(end, deaths, backoffMs);
    await sleep(clock, backoffMs, signal);
    return deaths;
  }

  /** No process runs afterwards, and then until the wish changes. */
  async #end(signal: AbortSignal): Promise<void> {
    this.#problem = null;
    try {
      await (this.#wish === 'held' ? this.#process.kill() : this.#process.stop());
    } catch (error) {
      this.#world.log.error(`${this.#process.name} could not be ended`, { error });
      this.#settle((waiter) => waiter.reject(error));
      return sleep(this.#world.clock, END_AGAIN_MS, signal);
    }
    if (signal.aborted) return;
    this.#isDown = true;
    this.#settle((waiter) => waiter.resolve());
    this.#changed();
    if (this.#wish === 'held') await aborted(signal);
  }

  #died({ why, isPortInUse = false }: LifeEnd, { deaths, crashes }: Deaths, backoffMs: number): void {
    const { name, log } = this.#process;
    this.#lastDeath = why;
    this.#world.log.warn(`${name} died: ${why}`, { deaths, nextStartInMs: backoffMs });
    this.#isMissed = true;
    this.#onNews({ died: why });
    if (isPortInUse) this.#problem = { code: 'PORT_IN_USE', message: `${name} cannot start: ${why}` };
    else if (crashes >= CRASH_LOOP)
      this.#problem = {
        code: 'CRASH_LOOP',
        message: `${name} died ${crashes} times in a row (${why}); its log is ${log}`,
      };
    else if (deaths >= KILL_LOOP)
      this.#problem = {
        code: 'CRASH_LOOP',
        message: `${name} was killed again and again, ${deaths} times in a row (${why}): the system does that where memory is short; its log is ${log}`,
      };
    this.#changed();
  }

  #become(life: LifeReport): void {
    const before = this.#life;
    this.#life = life;
    if (before?.isReady !== life.isReady || before.pid !== life.pid) this.#changed();
  }

  /** Whoever listens may fail at it; supervision goes on. */
  #changed(): void {
    try {
      this.#onChange();
    } catch (error) {
      this.#world.log.error(`What became of ${this.#process.name} could not be told`, { error });
    }
  }

  #settle(how: (waiter: Waiter) => void): void {
    for (const waiter of this.#waiters.splice(0)) how(waiter);
  }
}

const NO_DEATHS: Deaths = { deaths: 0, crashes: 0, failedStarts: 0 };
