import { expect, test } from 'vitest';
import type { Timer } from '../../base/clock.ts';
import { silent } from '../../base/log.ts';
import { Sfc32 } from '../../base/random.ts';
import type { ConnectRecord } from '../kernel/connect-record.ts';
import { RetriableError, TaskStopped } from '../kernel/task-errors.ts';
import type { Transform } from '../kernel/transform.ts';
import { HandClock } from '../testing/hand-kernel.ts';
import { TransformChain, TransformFailure } from '../transforms/transform-chain.ts';
import { Retries } from './retries.ts';

/** Waits take their time at once. */
class LeapingClock extends HandClock {
  readonly waits: number[] = [];

  override after(ms: number, run: () => void): Timer {
    this.waits.push(Math.round(ms));
    this.time += ms;
    return super.after(ms, run);
  }
}

function retriesOf(clock: HandClock, timeoutMs: number, maxDelayMs = 60_000): Retries {
  return new Retries({ clock, random: new Sfc32(1), log: silent }, { timeoutMs, maxDelayMs });
}

/** Fails for the moment so often, then says how often it was asked. */
function failing(times: number): () => number {
  let asked = 0;
  return () => {
    asked++;
    if (asked <= times) throw new RetriableError('not now');
    return asked;
  };
}

test('waits double from 300 ms on, up to the longest, as in Kafka Connect', async () => {
  const clock = new LeapingClock();
  expect(await retriesOf(clock, -1, 1200).run(failing(8), null)).toBe(9);
  expect(clock.waits.slice(0, 3)).toEqual([300, 600, 1200]);
  for (const wait of clock.waits.slice(3)) expect(wait).toBeLessThan(1200);
  expect(new Set(clock.waits).size).toBe(8);
});

test('after the time-out the last failure counts, and the last wait ends with it', async () => {
  const clock = new LeapingClock();
  await expect(retriesOf(clock, 1000).run(failing(100), null)).rejects.toThrow('not now');
  expect(clock.waits).toEqual([300, 600, 100]);
});

test('without a time-out it is attempted once; other failures are final at once', () => {
  const clock = new LeapingClock();
  expect(() => retriesOf(clock, 0).run(failing(1), null)).toThrow('not now');
  const wrong = (): never => {
    throw new Error('wrong');
  };
  expect(() => retriesOf(clock, -1).run(wrong, null)).toThrow('wrong');
  expect(clock.waits).toEqual([]);
});

test('who waits when the task stops is told so', async () => {
  const never = new HandClock();
  never.after = () => ({ cancel: () => {} });
  const retries = retriesOf(never, -1);
  const waiting = retries.run(failing(1), null);
  retries.stop();
  await expect(waiting).rejects.toThrow(TaskStopped);
});

test('of a chain only the transform that failed is applied again, and then the next ones', async () => {
  const applied: string[] = [];
  const stage = (className: string, fails: number) => {
    const attempt = failing(fails);
    const transform: Transform = {
      apply: (record) => {
        applied.push(className);
        attempt();
        return record;
      },
    };
    return { className, transform, predicate: null, negates: false };
  };
  const clock = new LeapingClock();
  const chain = new TransformChain([stage('a', 0), stage('b', 2), stage('c', 1), stage('d', 0)]);
  expect(await chain.apply(RECORD, retriesOf(clock, 10_000))).toBe(RECORD);
  expect(applied).toEqual(['a', 'b', 'b', 'b', 'c', 'c', 'd']);
  const failed = new TransformChain([stage('a', 0), stage('b', 100)]).apply(RECORD, retriesOf(clock, 500));
  const failure = await Promise.resolve(failed).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TransformFailure);
  expect(failure).toMatchObject({ failure: { className: 'b', stage: 'TRANSFORMATION' } });
});

const RECORD: ConnectRecord = {
  ...{ topic: 't', partition: 0, key: null, keySchema: null, value: null, valueSchema: null },
  ...{ timestamp: null, headers: [] },
};
