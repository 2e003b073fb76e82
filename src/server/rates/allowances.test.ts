import { expect, test } from 'vitest';
import { Allowances } from './allowances.ts';

const allowances = () => new Allowances({ perSecond: 50, atOnce: 100 });

test('so much at once, and then what comes back', () => {
  const all = allowances();
  for (let i = 0; i < 100; i++) all.use('one', 0);
  expect(all.left('one', 0)).toBe(0);
  expect(all.left('another', 0)).toBe(100);
  expect(all.left('one', 20)).toBe(1);
  expect(all.left('one', 1000)).toBe(50);
  expect(all.left('one', 60_000)).toBe(100);
});

test('who used far too much has something again four seconds later', () => {
  const all = allowances();
  for (let i = 0; i < 100_000; i++) all.use('one', 0);
  expect(all.left('one', 2000)).toBe(0);
  expect(all.left('one', 4000)).toBe(100);
});

test('of more owners than are kept the first is forgotten', () => {
  const all = allowances();
  for (let owner = 0; owner <= 10_000; owner++) all.use(String(owner), 0);
  expect(all.left('0', 0)).toBe(100);
  expect(all.left('1', 0)).toBe(99);
});
