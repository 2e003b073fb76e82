import type { LogConfig } from './log-config.ts';

/**
 * What retention has to know of a segment, oldest first in every list here; the last one is being written.
 */
export interface RetainedSegment {
  readonly baseOffset: number;
  readonly sizeInBytes: number;
  /** -1 when no record has one. */
  readonly largestTimestamp: number;
  /** Counts instead when there is no timestamp. */
  readonly openedAt: number;
}

/**
 * How many of the oldest segments may go, by Kafka's rules: wholly below the high watermark, and older than
 * `retention.ms`, or beyond `retention.bytes`, or below the log start offset. The first two need `delete` in
 * `cleanup.policy`. An active segment may be counted, never when it is empty: then a new one is rolled
 * before.
 */
export function deletableSegments(
  segments: readonly RetainedSegment[],
  log: {
    readonly config: LogConfig;
    readonly now: number;
    readonly highWatermark: number;
    readonly logStartOffset: number;
    readonly endOffset: number;
  },
): number {
  const { config } = log;
  const deletes = config.cleanupPolicy.includes('delete');
  let bytesOver = segments.reduce((sum, segment) => sum + segment.sizeInBytes, 0) - config.retentionBytes;
  let count = 0;
  for (const [i, segment] of segments.entries()) {
    const next = segments[i + 1];
    if (log.highWatermark < (next?.baseOffset ?? log.endOffset)) break;
    if (!next && segment.sizeInBytes === 0) break;
    const belowStart = next !== undefined && next.baseOffset <= log.logStartOffset;
    const tooMuch = deletes && config.retentionBytes >= 0 && bytesOver >= segment.sizeInBytes;
    const newest = segment.largestTimestamp >= 0 ? segment.largestTimestamp : segment.openedAt;
    const tooOld = deletes && config.retentionMs >= 0 && log.now - newest > config.retentionMs;
    if (!belowStart && !tooMuch && !tooOld) break;
    bytesOver -= segment.sizeInBytes;
    count++;
  }
  return count;
}
