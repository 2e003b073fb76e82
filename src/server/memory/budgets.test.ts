import { describe, expect, test } from 'vitest';
import type { FrameOwner, FrameProgress } from './frame-owner.ts';
import { InputBudget } from './input-budget.ts';
import { InputShare } from './input-share.ts';
import { OutputBudget } from './output-budget.ts';

const MEGABYTE = 1024 * 1024;

describe('memory for answers', () => {
  test('is never given away by few large answers: whoever comes later gets a share', () => {
    const budget = new OutputBudget(128 * MEGABYTE);
    const granted = Array.from({ length: 20 }, () => budget.grant(55 * MEGABYTE));
    expect(granted[0]).toBe(16 * MEGABYTE);
    expect(Math.min(...granted)).toBeGreaterThan(MEGABYTE);
  });

  test('ends, and then an answer waits until another was taken', () => {
    const budget = new OutputBudget(MEGABYTE);
    while (budget.grant(MEGABYTE) > 0);
    expect(budget.heldBytes).toBeLessThan(1.1 * MEGABYTE);
    const begun: number[] = [];
    budget.whenRoom(() => begun.push(budget.grant(MEGABYTE)));
    const leave = budget.whenRoom(() => begun.push(-1));
    leave();
    budget.hold(-MEGABYTE);
    expect(begun).toEqual([expect.any(Number)]);
    expect(begun[0]).toBeGreaterThan(0);
    expect(budget.isAwaited).toBe(false);
  });

  test('has room for an answer of any size when there is no other', () => {
    const budget = new OutputBudget(MEGABYTE);
    budget.grant(MEGABYTE);
    budget.hold(50 * MEGABYTE);
    expect(budget.grant(1)).toBe(0);
    budget.hold(-50 * MEGABYTE);
    expect(budget.grant(1)).toBe(1);
  });
});

describe('memory for requests', () => {
  const LIMIT = 10 * MEGABYTE;
  const LARGE = 20 * MEGABYTE;
  const ORDINARY = 300_000;
  const SENT = 65_536;

  test('counts a frame whole before it is read on with: of many who begin at once no more read than there is room for', () => {
    const budget = new InputBudget(LIMIT);
    const clients = Array.from({ length: 100 }, () => new Client(budget, ORDINARY));
    for (const client of clients) client.receives(SENT);
    const reading = clients.filter(({ reads }) => reads);
    expect(reading.length).toBeGreaterThan(10);
    expect(reading.length).toBeLessThan(30);
    for (const client of reading) client.receives(ORDINARY - SENT - 1);
    expect(budget.heldBytes).toBeLessThan(LIMIT + 100 * SENT);
  });

  test('costs nothing by what was only announced', () => {
    const budget = new InputBudget(LIMIT);
    for (let i = 0; i < 1000; i++) new Client(budget, LARGE).receives(8);
    expect(budget.heldBytes).toBe(8000);
    const client = new Client(budget, 5 * MEGABYTE);
    client.receives(SENT);
    expect(client.reads).toBe(true);
  });

  test('when it is short one frame is read on with, and when that is whole the next', () => {
    const budget = new InputBudget(LIMIT);
    const [first, second, third] = [0, 1, 2].map(() => new Client(budget, LARGE)) as [Client, Client, Client];
    for (const client of [first, second, third]) client.receives(SENT);
    expect([first.reads, second.reads, third.reads]).toEqual([true, false, false]);
    first.receives(LARGE - SENT);
    expect([first.reads, second.reads, third.reads]).toEqual([true, true, false]);
    // Its next frame comes after those that wait.
    first.receives(SENT);
    expect(first.reads).toBe(false);
    second.close();
    third.receives(LARGE - SENT);
    expect([first.reads, third.reads]).toEqual([true, true]);
  });

  test('wakes those who wait when there is room, the smallest first, and no more than fit in', () => {
    const budget = new InputBudget(LIMIT);
    budget.holdBegun(2 * LIMIT);
    const clients = [7, 5, 2, 3, 1].map((megabytes) => new Client(budget, megabytes * MEGABYTE));
    for (const client of clients) client.receives(SENT);
    expect(clients.map(({ reads }) => reads)).toEqual([true, false, false, false, false]);
    budget.holdBegun(-2 * LIMIT + 1);
    expect(clients.map(({ reads }) => reads)).toEqual([true, false, false, false, false]);
    clients[0]?.close();
    expect(clients.map(({ reads }) => reads)).toEqual([false, false, true, true, true]);
    expect(clients.filter(({ wakes }) => wakes > 1)).toEqual([]);
  });

  test('whoever waits shows from time to time whether it has sent more', () => {
    const budget = new InputBudget(LIMIT);
    const [reading, waiting] = [new Client(budget, LARGE), new Client(budget, LARGE)];
    reading.receives(SENT);
    waiting.receives(SENT);
    budget.probe();
    expect([reading.probes, waiting.probes]).toEqual([0, 1]);
    reading.close();
    expect(waiting.reads).toBe(true);
    expect(budget.isAwaited).toBe(false);
  });

  test('a frame that ends by what was read while it waited waits no more', () => {
    const budget = new InputBudget(LIMIT);
    const [reading, waiting, other] = [0, 1, 2].map(() => new Client(budget, LARGE)) as [
      Client,
      Client,
      Client,
    ];
    for (const client of [reading, waiting, other]) client.receives(LARGE - 4096);
    expect([waiting.reads, other.reads]).toEqual([false, false]);
    waiting.receives(4096);
    reading.close();
    expect(other.reads).toBe(true);
    expect(budget.isAwaited).toBe(false);
  });

  test('large frames leave room for the others, and cannot take the part that is theirs', () => {
    const budget = new InputBudget(LIMIT);
    for (let i = 0; i < 200; i++) new Client(budget, LARGE).receives(SENT);
    expect(budget.heldBytes).toBeGreaterThan(LIMIT);
    const ordinary = [0, 1, 2].map(() => new Client(budget, ORDINARY));
    for (const client of ordinary) client.receives(SENT);
    expect(ordinary.map(({ reads }) => reads)).toEqual([true, true, true]);
  });

  test('clients that never ended a frame cannot take the part of those that did', () => {
    const budget = new InputBudget(LIMIT);
    const known = new Client(budget, ORDINARY);
    known.receives(SENT);
    known.receives(ORDINARY - SENT);
    const strangers = Array.from({ length: 200 }, () => new Client(budget, ORDINARY));
    for (const stranger of strangers) stranger.receives(SENT);
    expect(strangers.at(-1)?.reads).toBe(false);
    known.receives(SENT);
    expect(known.reads).toBe(true);
  });

  test('a small frame never waits', () => {
    const budget = new InputBudget(LIMIT);
    for (let i = 0; i < 200; i++) new Client(budget, ORDINARY).receives(SENT);
    const small = new Client(budget, 50_000);
    small.receives(40_000);
    expect(small.reads).toBe(true);
  });

  test('is given back whole', () => {
    const budget = new InputBudget(LIMIT);
    const clients = [LARGE, ORDINARY, 50_000, LARGE].map((bytes) => new Client(budget, bytes));
    for (const client of clients) client.receives(40_000);
    clients[1]?.receives(ORDINARY - 40_000);
    for (const client of clients) client.close();
    expect(budget.heldBytes).toBe(0);
  });
});

/** Sends frames of one size, one after the other; reads when it may, as a connection does. */
class Client implements FrameOwner, FrameProgress {
  readonly #frameBytes: number;
  readonly #share: InputShare;
  keptBytes = 0;
  reads = true;
  wakes = 0;
  probes = 0;

  constructor(budget: InputBudget, frameBytes: number) {
    this.#frameBytes = frameBytes;
    this.#share = new InputShare(budget, this, this);
  }

  get announcedBytes(): number | null {
    return this.keptBytes > 0 ? this.#frameBytes : null;
  }

  receives(bytes: number): void {
    this.keptBytes += bytes;
    if (this.keptBytes >= this.#frameBytes) {
      this.keptBytes = 0;
      this.#share.frameEnded();
    }
    this.reads = this.#share.mayReadOn();
  }

  woken(): void {
    this.wakes++;
    this.reads = this.#share.mayReadOn();
  }

  probe(): void {
    this.probes++;
  }

  close(): void {
    this.keptBytes = 0;
    this.reads = false;
    this.#share.close();
  }
}
