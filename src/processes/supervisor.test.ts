import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ManualClock, settle } from '../../test/coordinator/manual-clock.ts';
import { silent } from '../base/log.ts';
import type { LifeEnd, LifeReport, ProcessPort } from './process-port.ts';
import { Supervisor, type Wish } from './supervisor.ts';

/**
 * A process that exists in the test alone: it starts, serves, dies and is ended as slowly as the test says.
 */
class FakeProcess implements ProcessPort {
  readonly name = 'Broker 1';
  readonly log = 'process.log';
  pid: number | null = null;
  /** At no time more than one. */
  most = 0;
  starts = 0;
  startMs = 10;
  endMs = 10;
  /** The next attempts to end it fail. */
  stubborn = 0;
  readonly #clock: ManualClock;
  #running = 0;
  #ended: (end: LifeEnd) => void = () => {};

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  live(heard: (report: LifeReport) => void, signal: AbortSignal): Promise<LifeEnd> {
    return new Promise((resolve) => {
      this.#ended = resolve;
      signal.addEventListener('abort', () => resolve({ why: 'it is not wanted any more' }));
      if (this.pid !== null) return heard({ pid: this.pid, isReady: true });
      this.starts++;
      const pid = this.starts;
      this.pid = pid;
      this.#running++;
      this.most = Math.max(this.most, this.#running);
      this.#clock.after(this.startMs, () => {
        if (this.pid === pid) heard({ pid, isReady: true });
      });
    });
  }

  stop(): Promise<void> {
    return this.kill();
  }

  async kill(): Promise<void> {
    await new Promise<void>((done) => this.#clock.after(this.endMs, done));
    if (this.stubborn > 0) {
      this.stubborn--;
      throw new Error('it cannot be killed');
    }
    this.die();
  }

  die(end: LifeEnd = { why: 'it was ended by SIGKILL' }): void {
    if (this.pid === null) return;
    this.pid = null;
    this.#running--;
    this.#ended(end);
  }
}

function supervised() {
  const clock = new ManualClock();
  const process = new FakeProcess(clock);
  const supervisor = new Supervisor({ clock, log: silent }, process, () => {});
  return { clock, process, supervisor };
}

/** Longer than all waits between starts. */
const LONG_MS = 120_000;

describe('one wish, one loop', () => {
  test('a process that is held and let up at once runs', async () => {
    const { clock, process, supervisor } = supervised();
    supervisor.start();
    await clock.advance(100);
    const held = supervisor.hold();
    supervisor.release();
    await held;
    await clock.advance(LONG_MS);
    expect(supervisor).toMatchObject({ ready: true, held: false, problem: null });
    expect(process.pid).not.toBeNull();
  });

  test('a process that is let up while it is being killed runs again', async () => {
    const { clock, process, supervisor } = supervised();
    process.endMs = 500;
    supervisor.start();
    await clock.advance(100);
    const held = supervisor.hold();
    await clock.advance(100);
    supervisor.release();
    await held;
    await clock.advance(LONG_MS);
    expect(process).toMatchObject({ starts: 2, most: 1, pid: 2 });
    expect(supervisor.ready).toBe(true);
  });

  test('who asks for an end that cannot be had is told, and the attempts go on', async () => {
    const { clock, process, supervisor } = supervised();
    supervisor.start();
    await clock.advance(100);
    process.stubborn = 3;
    const stopped = supervisor.stop();
    const refused = expect(stopped).rejects.toThrow('cannot be killed');
    await clock.advance(100);
    await refused;
    expect(process.pid).toBe(1);
    const again = supervisor.stop();
    void again.catch(() => {});
    await clock.advance(LONG_MS);
    expect(process.pid).toBeNull();
    await supervisor.stop();
  });

  test('nothing that a listener does ends the supervision', async () => {
    const clock = new ManualClock();
    const process = new FakeProcess(clock);
    const supervisor = new Supervisor({ clock, log: silent }, process, () => {
      throw new Error('database or disk is full');
    });
    supervisor.start();
    await clock.advance(100);
    process.die();
    await clock.advance(LONG_MS);
    expect(process.pid).toBe(2);
  });

  test('whatever comes in whatever order, the last wish is what becomes true, and there is one process at most', async () => {
    const action = fc.oneof(
      fc.constantFrom('start', 'hold', 'release', 'die', 'stubborn'),
      fc.integer({ min: 0, max: 3000 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { maxLength: 40 }),
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 0, max: 400 }),
        fc.constantFrom('up', 'held', 'stopped'),
        async (actions, startMs, endMs, last: Wish) => {
          const { clock, process, supervisor } = supervised();
          Object.assign(process, { startMs, endMs });
          const waits: Promise<void>[] = [];
          const hold = (): void => {
            waits.push(supervisor.hold().catch(() => {}));
          };
          for (const one of actions) {
            if (typeof one === 'number') await clock.advance(one);
            else if (one === 'start') supervisor.start();
            else if (one === 'hold') hold();
            else if (one === 'release') supervisor.release();
            else if (one === 'die') process.die();
            else process.stubborn = 2;
          }
          if (last === 'up') {
            supervisor.start();
            supervisor.release();
          } else if (last === 'held') hold();
          else waits.push(supervisor.stop().catch(() => {}));
          await clock.advance(LONG_MS);
          await settle();
          // Nobody waits for ever.
          await Promise.all(waits);
          expect(process.most).toBeLessThanOrEqual(1);
          expect(process.pid !== null).toBe(last === 'up');
          expect(supervisor.ready).toBe(last === 'up');
          expect(supervisor.held).toBe(last === 'held');
          process.stubborn = 0;
          await Promise.race([supervisor.stop(), clock.advance(LONG_MS)]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('what it reports', () => {
  test('a process that dies again and again is a crash loop, until it serves', async () => {
    const { clock, process, supervisor } = supervised();
    supervisor.start();
    for (let deaths = 0; deaths < 4; deaths++) {
      await clock.advance(2000);
      process.die();
      await settle();
    }
    expect(supervisor.problem).toMatchObject({ code: 'CRASH_LOOP' });
    expect(supervisor.problem?.message).toContain('it was ended by SIGKILL');
    await clock.advance(LONG_MS);
    expect(supervisor.problem).toBeNull();
  });

  test('a process that others kill again and again is in no crash loop, and one that then dies by itself is', async () => {
    const { clock, process, supervisor } = supervised();
    supervisor.start();
    for (let deaths = 0; deaths < 10; deaths++) {
      await clock.advance(2000);
      process.die({ why: 'it was ended by SIGKILL', isKilled: true });
      await settle();
    }
    expect(supervisor).toMatchObject({ problem: null, lastDeath: 'it was ended by SIGKILL' });
    for (let deaths = 0; deaths < 4; deaths++) {
      await clock.advance(2000);
      process.die({ why: 'it ended with status 1' });
      await settle();
    }
    expect(supervisor.problem?.message).toContain('died 4 times in a row (it ended with status 1)');
  });

  test('who waits for a process that the system kills for ever is told', async () => {
    const { clock, process, supervisor } = supervised();
    supervisor.start();
    let deaths = 0;
    while (supervisor.problem === null && deaths < 1000) {
      await clock.advance(2000);
      process.die({ why: 'it was ended by SIGKILL', isKilled: true });
      deaths++;
      await settle();
    }
    expect(supervisor.problem?.message).toContain(`${deaths} times in a row (it was ended by SIGKILL)`);
    await clock.advance(LONG_MS);
    expect(supervisor).toMatchObject({ ready: true, problem: null });
  });

  test('one that is held has no problem', async () => {
    const { clock, process, supervisor } = supervised();
    supervisor.start();
    for (let deaths = 0; deaths < 5; deaths++) {
      await clock.advance(2000);
      process.die();
      await settle();
    }
    const held = supervisor.hold();
    await clock.advance(1000);
    await held;
    expect(supervisor.problem).toBeNull();
  });
});
