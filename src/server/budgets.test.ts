import { describe, expect, test } from 'vitest';
import { InputBudget } from './input-budget.ts';
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
  const owner = () => {
    const one = { wakes: 0, woken: () => one.wakes++ };
    return one;
  };

  test('when it is short one frame is read on with, and when that is whole the next', () => {
    const budget = new InputBudget(10 * MEGABYTE);
    const [first, second] = [owner(), owner()];
    budget.holdPart(10 * MEGABYTE);
    expect(budget.mayReadOn(first, 20 * MEGABYTE)).toBe(true);
    expect(budget.mayReadOn(second, 20 * MEGABYTE)).toBe(false);
    budget.holdPart(5 * MEGABYTE);
    expect(budget.mayReadOn(first, 20 * MEGABYTE)).toBe(true);
    budget.finished(first);
    expect(second.wakes).toBe(1);
    expect(budget.mayReadOn(second, 20 * MEGABYTE)).toBe(true);
  });

  test('a sender that stops does not keep the others waiting', () => {
    const budget = new InputBudget(10 * MEGABYTE);
    const [stopped, other] = [owner(), owner()];
    budget.holdPart(10 * MEGABYTE);
    budget.mayReadOn(stopped, 20 * MEGABYTE);
    budget.mayReadOn(other, 20 * MEGABYTE);
    budget.rotate();
    expect(other.wakes).toBe(0);
    budget.rotate();
    expect(other.wakes).toBe(1);
    expect(budget.mayReadOn(other, 20 * MEGABYTE)).toBe(true);
  });

  test('large frames leave room for the others', () => {
    const budget = new InputBudget(10 * MEGABYTE);
    budget.holdPart(8 * MEGABYTE);
    expect(budget.mayReadOn(owner(), 9 * MEGABYTE)).toBe(true);
    expect(budget.mayReadOn(owner(), 9 * MEGABYTE)).toBe(false);
    expect(budget.mayReadOn(owner(), 100_000)).toBe(true);
  });
});
