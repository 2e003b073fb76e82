import { expect, test } from 'vitest';
import { memoryOf } from './memory.ts';

const over = (mb: (sample: number) => number) => memoryOf(Array.from({ length: 60 }, (_, at) => mb(at)));

test('a heap that is filled and collected is flat', () => {
  expect(over((at) => 90 + (at % 10))).toMatchObject({ isFlat: true });
});

test('what grows at the start alone is flat', () => {
  expect(over((at) => 60 + Math.min(at, 20) * 5)).toMatchObject({ isFlat: true, middleMb: 160, lastMb: 160 });
});

test('a megabyte with each sample is not flat', () => {
  expect(over((at) => 90 + at)).toMatchObject({ isFlat: false });
});
