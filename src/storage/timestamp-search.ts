import { type LogRecord, readRecords } from '../protocol/records/record.ts';
import { scanHeaders } from './batch-scan.ts';
import type { LogSegments } from './log-segments.ts';
import { batchInFile } from './marker.ts';
import type { Segment } from './segment.ts';

/** An answer to ListOffsets: the record, when it was written, and by which leader. */
export interface TimestampedOffset {
  readonly offset: number;
  readonly timestamp: number | bigint;
  readonly leaderEpoch: number;
}

/**
 * Headers and indexes hold the nearest number to a timestamp, which beyond 2^53 is up to this far from it: the search
 * begins that much earlier, and compares the records to the last digit.
 */
const NEAREST_MAX_DISTANCE = 1024;

/** The first record at or after `startOffset` whose timestamp is at least the target; null when there is none. */
export function firstAtOrAfter(
  segments: LogSegments,
  target: number | bigint,
  startOffset: number,
): TimestampedOffset | null {
  const least = typeof target === 'bigint' ? Number(target) - NEAREST_MAX_DISTANCE : target;
  for (const segment of segments.from(startOffset)) {
    if (segment.largest.timestamp < least) continue;
    const entry = segment.timeIndex.lookup(least);
    const found = search(
      segment,
      Math.max(entry.offset, startOffset),
      (record) => {
        return record.timestamp >= target && record.offset >= startOffset;
      },
      least,
    );
    if (found) return found;
  }
  return null;
}

/** The first record that has the largest timestamp of the log; null for an empty log. */
export function withLargestTimestamp(segments: LogSegments): TimestampedOffset | null {
  let best: Segment | null = null;
  for (const segment of segments.all) {
    if (segment.sizeInBytes > 0 && (!best || segment.largest.timestamp > best.largest.timestamp))
      best = segment;
  }
  if (!best) return null;
  const { timestamp, offset } = best.largest;
  return search(best, offset, (record) => Number(record.timestamp) === timestamp, timestamp);
}

function search(
  segment: Segment,
  fromOffset: number,
  matches: (record: LogRecord) => boolean,
  leastMaxTimestamp: number,
): TimestampedOffset | null {
  const start = segment.locate(fromOffset);
  if (!start) return null;
  let found: TimestampedOffset | null = null;
  scanHeaders(segment.log, { from: start.position, to: segment.sizeInBytes }, (header, position) => {
    if (header.maxTimestamp < leastMaxTimestamp) return true;
    const batch = batchInFile(segment.log, position, header);
    const record = readRecords(batch).find(matches);
    if (!record) return true;
    found = { offset: record.offset, timestamp: record.timestamp, leaderEpoch: header.partitionLeaderEpoch };
    return false;
  });
  return found;
}
