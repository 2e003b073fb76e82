import { describe, expect, test } from 'vitest';
import { ManualClock, settle } from '../../test/coordinator/manual-clock.ts';
import { MemoryLog } from '../../test/coordinator/memory-log.ts';
import { silent } from '../base/log.ts';
import { Sfc32 } from '../base/random.ts';
import type { World } from '../base/world.ts';
import type { ErrorName } from '../protocol/errors.ts';
import type { CoordinatorTimer } from './coordinator-timer.ts';
import { answer, type CoordinatorDecision, Draft, LATER, reply } from './decision.ts';
import { CoordinatorRuntime } from './runtime.ts';
import type { CoordinatorShard } from './shard.ts';
import type { Waiter } from './waiter.ts';

/** A tally: adds numbers, tells the sum, lets requests wait for it to reach a height, and grows by itself. */
class Tally implements CoordinatorShard<number> {
  sum = 0;
  readonly #timer: CoordinatorTimer<number>;
  readonly #waiting: { height: number; waiter: Waiter<number | ErrorName> }[] = [];

  constructor(timer: CoordinatorTimer<number>) {
    this.#timer = timer;
  }

  replay(n: number): void {
    this.sum += n;
  }

  replayMarker(): void {}

  onImage(): void {}

  onUnloaded(): void {}

  onLoaded(): void {
    this.#grow();
  }

  add(n: number): CoordinatorDecision<number, number | ErrorName> {
    const sum = this.sum + n;
    const reached = this.#waiting.filter(({ height }) => height <= sum);
    for (const entry of reached) this.#waiting.splice(this.#waiting.indexOf(entry), 1);
    return {
      records: [n],
      answer: sum,
      replies: reached.map(({ waiter }) => reply(waiter, sum)),
    };
  }

  reach(height: number, waiter: Waiter<number | ErrorName>): CoordinatorDecision<number, number | ErrorName> {
    if (this.sum >= height) return answer(this.sum);
    this.#waiting.push({ height, waiter });
    return { records: [], answer: LATER, replies: [] };
  }

  /** Tells those who wait only when the log has taken it. */
  addAndTell(n: number): CoordinatorDecision<number, number | ErrorName> {
    const draft = new Draft<number>();
    draft.append(n);
    draft.whenTaken(() => {
      for (const { waiter } of this.#waiting.splice(0)) draft.reply(waiter, this.sum);
    });
    return draft.decide(this.sum + n);
  }

  addLater(n: number, delayMs: number): CoordinatorDecision<number, number | ErrorName> {
    this.#timer.schedule('later', delayMs, () => ({ records: [n], answer: undefined, replies: [] }));
    return answer(this.sum);
  }

  #grow(): void {
    this.#timer.schedule('grow', 60_000, () => {
      this.#grow();
      return { records: [1000], answer: undefined, replies: [] };
    });
  }
}

function bench() {
  const clock = new ManualClock();
  const world = { clock, random: new Sfc32(1), log: silent } as unknown as World;
  const runtime = new CoordinatorRuntime<Tally, number>(
    world,
    {
      name: 'tally',
      createShard: (_partition, timer) => new Tally(timer),
      encode: (n) => ({ key: Buffer.from('n'), value: Buffer.from(String(n)) }),
      decode: (_key, value) => Number(value?.toString()),
    },
    { topic: '__tally', commitTimeoutMs: 5000 },
  );
  const log = new MemoryLog();
  const failed = (error: ErrorName): number | ErrorName => error;
  return {
    clock,
    runtime,
    log,
    add: (n: number) => runtime.run<number | ErrorName>(0, (shard) => shard.add(n), failed),
    sum: () => runtime.run<number | ErrorName>(0, (shard) => answer(shard.sum), failed),
    reach: (n: number) =>
      runtime.run<number | ErrorName>(0, (shard, waiter) => shard.reach(n, waiter), failed),
  };
}

/** What a promise has come to, or `waiting`. */
async function now<T>(promise: Promise<T>): Promise<T | 'waiting'> {
  await settle();
  return Promise.race([promise, Promise.resolve('waiting' as const)]);
}

describe('a partition', () => {
  test('that is not led here is NOT_COORDINATOR', async () => {
    expect(await bench().add(1)).toBe('NOT_COORDINATOR');
  });

  test('that is being loaded says so, then has what its log holds', async () => {
    const { log, runtime, add, sum, clock } = bench();
    runtime.onElection(0, 1, log);
    expect(await add(1)).toBe('COORDINATOR_LOAD_IN_PROGRESS');
    await clock.advance(0);
    expect(await add(5)).toBe(5);
    expect(await add(2)).toBe(7);
    runtime.onElection(0, 2, log.successor());
    await clock.advance(0);
    expect(await sum()).toBe(7);
  });

  test('led in an older epoch is ignored, so is the end of an older leadership', async () => {
    const { log, runtime, add, clock } = bench();
    runtime.onElection(0, 5, log);
    await clock.advance(0);
    runtime.onElection(0, 4, new MemoryLog());
    runtime.onResignation(0, 4);
    expect(await add(1)).toBe(1);
    runtime.onResignation(0, 6);
    expect(await add(1)).toBe('NOT_COORDINATOR');
  });
});

describe('an answer', () => {
  test('leaves when its record is committed', async () => {
    const { log, runtime, add, clock } = bench();
    runtime.onElection(0, 1, log);
    await clock.advance(0);
    log.held = true;
    const added = add(1);
    expect(await now(added)).toBe('waiting');
    log.commit();
    expect(await now(added)).toBe(1);
  });

  test('that tells of something uncommitted waits for it too', async () => {
    const { log, runtime, add, sum, clock } = bench();
    runtime.onElection(0, 1, log);
    await clock.advance(0);
    log.held = true;
    void add(1);
    const read = sum();
    expect(await now(read)).toBe('waiting');
    log.commit();
    expect(await now(read)).toBe(1);
  });

  test('of a later decision reaches the request that waits for it, at commit', async () => {
    const { log, runtime, add, reach, clock } = bench();
    runtime.onElection(0, 1, log);
    await clock.advance(0);
    const reached = reach(3);
    await add(2);
    log.held = true;
    void add(2);
    expect(await now(reached)).toBe('waiting');
    log.commit();
    expect(await now(reached)).toBe(4);
  });

  test('that is not committed in time is REQUEST_TIMED_OUT; the record may still count', async () => {
    const { log, runtime, add, sum, clock } = bench();
    runtime.onElection(0, 1, log);
    await clock.advance(0);
    log.held = true;
    const added = add(1);
    await clock.advance(4999);
    expect(await now(added)).toBe('waiting');
    await clock.advance(1);
    expect(await now(added)).toBe('REQUEST_TIMED_OUT');
    log.commit();
    expect(await now(sum())).toBe(1);
  });
});

describe('when records are lost', () => {
  test('everyone who waits is told, and the shard believes its log again', async () => {
    const { log, runtime, add, reach, sum, clock } = bench();
    runtime.onElection(0, 1, log);
    await clock.advance(0);
    await add(1);
    const reached = reach(100);
    log.held = true;
    const lost = add(10);
    log.lose();
    expect(await now(lost)).toBe('NOT_COORDINATOR');
    expect(await now(reached)).toBe('NOT_COORDINATOR');
    await clock.advance(0);
    expect(await sum()).toBe(1);
  });

  test('or an append says that this broker leads no more, the same', async () => {
    const { log, runtime, add, reach, sum, clock } = bench();
    runtime.onElection(0, 1, log);
    await clock.advance(0);
    await add(1);
    const reached = reach(100);
    log.refusal = 'NOT_LEADER_OR_FOLLOWER';
    expect(await add(10)).toBe('NOT_COORDINATOR');
    expect(await now(reached)).toBe('NOT_COORDINATOR');
    await clock.advance(0);
    expect(await sum()).toBe(1);
  });

  test('an append that is refused for itself fails alone', async () => {
    const { log, runtime, add, reach, clock } = bench();
    runtime.onElection(0, 1, log);
    await clock.advance(0);
    const reached = reach(100);
    log.refusal = 'MESSAGE_TOO_LARGE';
    expect(await add(1)).toBe('UNKNOWN_SERVER_ERROR');
    log.refusal = 'NOT_ENOUGH_REPLICAS';
    expect(await add(1)).toBe('COORDINATOR_NOT_AVAILABLE');
    expect(await now(reached)).toBe('waiting');
    expect(await add(1)).toBe(1);
  });

  test('a decision whose records are refused has changed nothing, and may tell others once they are taken', async () => {
    const { log, runtime, add, reach, clock } = bench();
    runtime.onElection(0, 1, log);
    await clock.advance(0);
    const reached = reach(100);
    const jump = () =>
      runtime.run<number | ErrorName>(
        0,
        (shard) => shard.addAndTell(100),
        (error) => error,
      );
    log.refusal = 'NOT_ENOUGH_REPLICAS';
    expect(await jump()).toBe('COORDINATOR_NOT_AVAILABLE');
    expect(await now(reached)).toBe('waiting');
    log.held = true;
    const jumped = jump();
    expect(await now(reached)).toBe('waiting');
    log.commit();
    expect([await jumped, await reached]).toEqual([100, 100]);
    log.held = false;
    expect(await add(1)).toBe(101);
  });

  test('a log that cannot be read is read again', async () => {
    const { log, runtime, add, clock } = bench();
    const load = log.load.bind(log);
    log.load = () => Promise.reject(new Error('EIO'));
    runtime.onElection(0, 1, log);
    await clock.advance(0);
    expect(await add(1)).toBe('NOT_COORDINATOR');
    log.load = load;
    await clock.advance(5000);
    expect(await add(1)).toBe(1);
  });
});

describe('a timer', () => {
  test('is a command: its records are appended', async () => {
    const { log, runtime, sum, clock } = bench();
    runtime.onElection(0, 1, log);
    await clock.advance(0);
    await clock.advance(120_000);
    expect(await sum()).toBe(2000);
    expect(log.entries).toHaveLength(2);
  });

  test('whose records are refused comes again, once', async () => {
    const { log, runtime, sum, clock } = bench();
    runtime.onElection(0, 1, log);
    await clock.advance(0);
    await runtime.run<number | ErrorName>(
      0,
      (shard) => shard.addLater(7, 100),
      (error) => error,
    );
    log.refusal = 'NOT_ENOUGH_REPLICAS';
    await clock.advance(100);
    expect(log.entries).toHaveLength(0);
    await clock.advance(10_000);
    expect(await sum()).toBe(7);
  });

  test('dies with its shard', async () => {
    const { log, runtime, clock } = bench();
    runtime.onElection(0, 1, log);
    await clock.advance(0);
    runtime.onResignation(0);
    await clock.advance(120_000);
    expect(log.entries).toHaveLength(0);
    expect(clock.timers).toBe(0);
  });
});

describe('resignation', () => {
  test('answers everyone who waits, committed or not, with NOT_COORDINATOR', async () => {
    const { log, runtime, add, reach, clock } = bench();
    runtime.onElection(0, 1, log);
    await clock.advance(0);
    log.held = true;
    const waiting = [add(1), reach(100)];
    runtime.onResignation(0);
    log.commit();
    expect(await Promise.all(waiting)).toEqual(['NOT_COORDINATOR', 'NOT_COORDINATOR']);
  });
});
