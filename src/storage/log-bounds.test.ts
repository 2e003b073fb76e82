import { expect, test } from 'vitest';
import { AssertionError } from '../base/assert.ts';
import { LogBounds } from './log-bounds.ts';

function opened(): LogBounds {
  return new LogBounds({ logStartOffset: 10, highWatermark: 30, endOffset: 50, syncedEndOffset: 40 });
}

test('a high watermark from a checkpoint is kept within the log that was found', () => {
  const found = { logStartOffset: 10, endOffset: 50, syncedEndOffset: 50 };
  expect(new LogBounds({ ...found, highWatermark: 3 }).highWatermark).toBe(10);
  expect(new LogBounds({ ...found, highWatermark: 70 }).highWatermark).toBe(50);
});

test('what is appended counts for nothing before it is written, and may be forgotten', () => {
  const bounds = opened();
  bounds.append(60);
  bounds.moveHighWatermark(60);
  expect(bounds.moveDurable(60)).toBe(false);
  expect([bounds.endOffset, bounds.writtenEndOffset, bounds.highWatermark]).toEqual([60, 50, 50]);
  bounds.forgetUnwritten();
  expect(bounds.endOffset).toBe(50);
});

test('a cut takes back everything that spoke of offsets beyond it', () => {
  const bounds = opened();
  bounds.cutTo(20);
  const { logStartOffset, highWatermark, endOffset, writtenEndOffset, durableEndOffset, syncedEndOffset } =
    bounds;
  expect({
    logStartOffset,
    highWatermark,
    endOffset,
    writtenEndOffset,
    durableEndOffset,
    syncedEndOffset,
  }).toEqual({
    logStartOffset: 10,
    highWatermark: 20,
    endOffset: 20,
    writtenEndOffset: 20,
    durableEndOffset: 20,
    syncedEndOffset: 20,
  });
  bounds.cutTo(5);
  expect([bounds.logStartOffset, bounds.highWatermark]).toEqual([5, 5]);
});

test('a log that begins anew begins and ends where it is told', () => {
  const bounds = opened();
  bounds.cutTo(100, 100);
  expect([bounds.logStartOffset, bounds.highWatermark, bounds.endOffset]).toEqual([100, 100, 100]);
});

test.each<[string, (bounds: LogBounds) => void]>([
  ['a batch before the end', (bounds) => bounds.append(50)],
  ['a start that moves down', (bounds) => bounds.startAt(9)],
  ['a start beyond what is written', (bounds) => bounds.startAt(51)],
  ['a sync of what is not written', (bounds) => (bounds.syncedEndOffset = 51)],
])('%s is a programmer’s error', (_, change) => {
  expect(() => change(opened())).toThrow(AssertionError);
});
