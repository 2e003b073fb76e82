import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { ManualClock, settle } from '../../test/coordinator/manual-clock.ts';
import { silent } from '../base/log.ts';
import { askedLife } from './asked-life.ts';
import type { LifeEnd } from './process-port.ts';

type Answer = 'ready' | 'refused' | 'silent';

/** One life of a process that answers as the test says. */
class Life {
  readonly clock = new ManualClock();
  readonly abort = new AbortController();
  readonly over = new AbortController();
  readonly reports: boolean[] = [];
  answer: Answer = 'silent';
  ended: string | null = null;
  kills = 0;
  end: LifeEnd | null = null;

  async begin(log = '/nowhere/process.log'): Promise<void> {
    const life = askedLife(
      { clock: this.clock, log: silent },
      {
        ...{ name: 'Worker 1', log, pid: 7 },
        liveness: { ask: async () => this.answer, ended: () => this.ended, end: this.over.signal },
        kill: async () => {
          this.kills++;
        },
      },
      { startingPollMs: 10, servingPollMs: 20, readyMs: 1_000, hungMs: 500 },
      ({ isReady }) => this.reports.push(isReady),
      this.abort.signal,
    );
    void life.then((end) => {
      this.end = end;
    });
    await settle();
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 10) {
      this.clock.advance(10);
      await settle();
    }
  }
}

describe('a process that is asked whether it lives', () => {
  test('is ready from its first yes on', async () => {
    const life = new Life();
    life.answer = 'refused';
    await life.begin();
    await life.pass(500);
    expect(life.reports).toEqual([false]);
    life.answer = 'ready';
    await life.pass(20);
    expect(life.reports.at(-1)).toBe(true);
    expect(life.end).toBeNull();
  });

  test.each<Answer>(['silent', 'refused'])(
    'that only was %s in its time to start is killed',
    async (answer) => {
      const life = new Life();
      life.answer = answer;
      await life.begin();
      await life.pass(1_000);
      expect(life.kills).toBe(0);
      await life.pass(20);
      expect(life).toMatchObject({ kills: 1, end: { why: 'it did not serve in time' } });
    },
  );

  test('that was ready and falls silent is killed; one that refuses lives on', async () => {
    const life = new Life();
    life.answer = 'ready';
    await life.begin();
    life.answer = 'refused';
    await life.pass(2_000);
    expect(life.kills).toBe(0);
    life.answer = 'silent';
    await life.pass(480);
    expect(life.kills).toBe(0);
    await life.pass(60);
    expect(life).toMatchObject({ kills: 1, end: { why: 'it did not answer any more' } });
  });

  test('ends with what ended it, whatever it answered last', async () => {
    const life = new Life();
    life.answer = 'ready';
    await life.begin();
    life.ended = 'it was ended by SIGKILL';
    await life.pass(20);
    expect(life).toMatchObject({ kills: 0, end: { why: 'it was ended by SIGKILL' } });
  });

  test('ends at once where its end is told', async () => {
    const life = new Life();
    life.answer = 'ready';
    await life.begin();
    life.ended = 'it was ended by SIGKILL';
    life.over.abort();
    await settle();
    expect(life).toMatchObject({ kills: 0, end: { why: 'it was ended by SIGKILL' } });
  });

  test('keeps nothing of its looks: one a second for months must not fill the memory', async () => {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');
    if (typeof collect !== 'function') throw new Error('garbage cannot be collected');
    const life = new Life();
    life.answer = 'ready';
    await life.begin();
    const heapAfter = async (looks: number) => {
      await life.clock.advance(looks * 20);
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = await heapAfter(1_000);
    // Half a kilobyte of each was kept.
    expect((await heapAfter(20_000)) - before).toBeLessThan(2_000_000);
  });

  test('is left alone when it is not wanted any more', async () => {
    const life = new Life();
    life.answer = 'ready';
    await life.begin();
    life.abort.abort();
    await settle();
    expect(life).toMatchObject({ kills: 0, end: { why: 'it is not wanted any more' } });
  });

  test('lives on when its log cannot be shortened', async () => {
    const life = new Life();
    life.answer = 'ready';
    await life.begin('a path with \0 in it');
    await life.pass(100);
    expect(life.end).toBeNull();
  });
});
