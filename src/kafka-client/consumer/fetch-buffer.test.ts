import { expect, test } from 'vitest';
import { FetchBuffer } from './fetch-buffer.ts';

test('each broker has its share, with room for two answers of it', () => {
  const buffer = new FetchBuffer(8_000, 1_000_000);
  expect(buffer.room(1, 2)).toBe(2_000);
  buffer.hold(1, 2_000, 1);
  expect(buffer.room(1, 2)).toBe(2_000);
  buffer.hold(1, 2_000, 1);
  expect(buffer.room(1, 2)).toBe(0);
  expect(buffer.room(2, 2)).toBe(2_000);
  expect(buffer.heldBytes).toBe(4_000);
});

test('an answer has no more than is asked for of one', () => {
  expect(new FetchBuffer(8_000_000, 500_000).room(1, 1)).toBe(500_000);
});

test('the memory of an answer is free when all of its partitions were handed out, and the application asks for more', () => {
  const buffer = new FetchBuffer(4_000, 4_000);
  const release = buffer.hold(1, 4_000, 2);
  release();
  buffer.settle();
  expect(buffer.room(1, 1)).toBe(0);
  release();
  expect(buffer.room(1, 1)).toBe(0);
  buffer.settle();
  expect([buffer.room(1, 1), buffer.heldBytes]).toEqual([2_000, 0]);
});

test('a broker of which nothing is held is always asked, though its batches are larger than its share', () => {
  const buffer = new FetchBuffer(100, 100);
  const release = buffer.hold(1, 9_000, 1);
  expect(buffer.room(1, 3)).toBe(0);
  expect(buffer.room(2, 3)).toBeGreaterThan(0);
  release();
  buffer.settle();
  expect(buffer.room(1, 3)).toBeGreaterThan(0);
});

test('an answer without records holds nothing', () => {
  const buffer = new FetchBuffer(100, 100);
  buffer.hold(1, 0, 0);
  expect(buffer.heldBytes).toBe(0);
});
