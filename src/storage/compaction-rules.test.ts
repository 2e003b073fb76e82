import { describe, expect, test } from 'vitest';
import {
  type CleanableRange,
  type CompactedSegment,
  cleanableRange,
  dirtyRatio,
  groupSegments,
  isWorthCleaning,
} from './compaction-rules.ts';
import { defaultLogConfig, type LogConfig } from './log-config.ts';

const NOW = 1_000_000;

/** Segments of 100 offsets and 1000 bytes each, one per minute, the last one written now. */
function segments(count: number): CompactedSegment[] {
  return Array.from({ length: count }, (_, i) => ({
    baseOffset: 100 * i,
    sizeInBytes: 1000,
    largest: { timestamp: NOW - 60_000 * (count - 1 - i) },
    openedAt: NOW,
    readFirstTimestamp: () => NOW - 60_000 * (count - 1 - i),
  }));
}

function range(
  of: CompactedSegment[],
  more: Partial<Parameters<typeof cleanableRange>[1]> & { settings?: Partial<LogConfig> } = {},
): CleanableRange {
  return cleanableRange(of, {
    config: { ...defaultLogConfig, cleanupPolicy: ['compact'], ...more.settings },
    now: NOW,
    logStartOffset: 0,
    lastStableOffset: 100 * of.length,
    endOffset: 100 * of.length,
    cleanedUpTo: null,
    ...more,
  });
}

describe('what may be compacted', () => {
  test('is never the active segment', () => {
    expect(range(segments(5)).firstUncleanableOffset).toBe(400);
    expect(range(segments(1)).cleanableBytes).toBe(0);
  });

  test('is no segment that reaches beyond the last stable offset', () => {
    expect(range(segments(5), { lastStableOffset: 250 }).firstUncleanableOffset).toBe(200);
    expect(range(segments(5), { lastStableOffset: 300 }).firstUncleanableOffset).toBe(300);
  });

  test('is no segment with a record younger than min.compaction.lag.ms, nor any after it', () => {
    const settings = { minCompactionLagMs: 150_000 };
    expect(range(segments(5), { settings }).firstUncleanableOffset).toBe(200);
  });

  test('begins where the last compaction ended', () => {
    const found = range(segments(5), { cleanedUpTo: 300 });
    expect(found).toMatchObject({ firstDirtyOffset: 300, cleanBytes: 3000, cleanableBytes: 1000 });
    expect(dirtyRatio(found)).toBe(0.25);
  });

  test('begins at the start of the log when the checkpoint lies outside of it', () => {
    expect(range(segments(5), { cleanedUpTo: 700 }).firstDirtyOffset).toBe(0);
    expect(range(segments(5), { cleanedUpTo: 20, logStartOffset: 50 }).firstDirtyOffset).toBe(50);
  });
});

describe('a log is compacted', () => {
  test('when its dirty share is above min.cleanable.dirty.ratio', () => {
    const settings = { minCleanableDirtyRatio: 0.25 };
    const config = { ...defaultLogConfig, ...settings };
    expect(isWorthCleaning(range(segments(5), { cleanedUpTo: 300 }), config)).toBe(false);
    expect(isWorthCleaning(range(segments(5), { cleanedUpTo: 200 }), config)).toBe(true);
  });

  test('before that when something dirty is older than max.compaction.lag.ms', () => {
    const settings = { maxCompactionLagMs: 50_000 };
    const found = range(segments(5), { cleanedUpTo: 300, settings });
    expect(isWorthCleaning(found, defaultLogConfig)).toBe(true);
    const young = range(segments(5), { cleanedUpTo: 300, settings: { maxCompactionLagMs: 70_000 } });
    expect(isWorthCleaning(young, defaultLogConfig)).toBe(false);
  });

  test('not when nothing may be, however old', () => {
    const found = range(segments(5), { lastStableOffset: 50, settings: { maxCompactionLagMs: 1 } });
    expect(isWorthCleaning(found, { ...defaultLogConfig, minCleanableDirtyRatio: 0 })).toBe(false);
  });
});

describe('neighbours become one segment', () => {
  const of = (sizes: number[], offsets?: number[]) =>
    sizes.map((sizeInBytes, i) => ({
      baseOffset: offsets?.[i] ?? 100 * i,
      sizeInBytes,
      indexBytes: { offset: sizeInBytes / 100, time: sizeInBytes / 50 },
    }));
  const bases = (groups: { baseOffset: number }[][]) =>
    groups.map((group) => group.map(({ baseOffset }) => baseOffset));

  test('up to segment.bytes', () => {
    const config = { ...defaultLogConfig, segmentBytes: 1000 };
    expect(bases(groupSegments(of([400, 600, 1, 2000, 10, 20]), 600, config))).toEqual([
      [0, 100],
      [200],
      [300],
      [400, 500],
    ]);
  });

  test('up to segment.index.bytes in each index', () => {
    const config = { ...defaultLogConfig, segmentIndexBytes: 30 };
    expect(bases(groupSegments(of([500, 1000, 1000]), 300, config))).toEqual([[0, 100], [200]]);
  });

  test('as far as their offsets can be expressed relative to the first', () => {
    const far = of([1, 1, 1], [0, 10, 2 ** 31]);
    expect(bases(groupSegments(far, 2 ** 31 + 5, defaultLogConfig))).toEqual([[0, 10], [2 ** 31]]);
  });
});
