import { eachRecord, type LogRecord } from '../protocol/records/record.ts';
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
 * Headers and indexes hold the nearest number to a timestamp, which beyond 2^53 is up to this far from it:
 * the search begins that much earlier, and compares the records to the last digit.
 */
const NEAREST_MAX_DISTANCE = 1024;

/**
 * A search for one record, step by step. A step that cannot read (see `OpenFiles.onPages`) has changed
 * nothing that matters and is made again; what an earlier one passed is not read again.
 */
export class TimestampSearch {
  readonly #plan: Plan;
  #segmentAt = 0;
  /** Where the scan of the segment goes on; null before it began. */
  #position: number | null = null;
  #found: TimestampedOffset | null = null;
  #hasOpened = false;

  /** A search for the first record at or after `startOffset` whose timestamp is at least the target. */
  static firstAtOrAfter(
    segments: LogSegments,
    target: number | bigint,
    startOffset: number,
  ): TimestampSearch {
    const least = typeof target === 'bigint' ? Number(target) - NEAREST_MAX_DISTANCE : target;
    return new TimestampSearch({
      segments: segments.from(startOffset),
      leastMaxTimestamp: least,
      fromOffset: (segment) =>
        segment.largest.timestamp < least
          ? null
          : Math.max(segment.timeIndex.lookup(least).offset, startOffset),
      matches: (record) => record.timestamp >= target && record.offset >= startOffset,
    });
  }

  /**
   * A search for the first record that has the largest timestamp of the log; reads the indexes to know which
   * segment has it.
   */
  static forLargest(segments: LogSegments): TimestampSearch {
    let best: Segment | null = null;
    for (const segment of segments.all) {
      if (segment.sizeInBytes > 0 && (!best || segment.largest.timestamp > best.largest.timestamp))
        best = segment;
    }
    const timestamp = best?.largest.timestamp ?? -1;
    return new TimestampSearch({
      segments: best ? [best] : [],
      leastMaxTimestamp: timestamp,
      fromOffset: (segment) => segment.largest.offset,
      matches: (record) => Number(record.timestamp) === timestamp,
    });
  }

  private constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** The record, after the last step; null when there is none. */
  get found(): TimestampedOffset | null {
    return this.#found;
  }

  /**
   * Whether the last step opened a batch in vain, which ends a step: what a header says of compressed records
   * is not checked when they are written, and a log may be full of batches that unfold to much and hold
   * nothing.
   */
  get hasOpened(): boolean {
    return this.#hasOpened;
  }

  /** Returns whether it was the last. */
  step(): boolean {
    this.#hasOpened = false;
    const segment = this.#plan.segments[this.#segmentAt];
    if (!segment) return true;
    if (this.#position === null) {
      const offset = this.#plan.fromOffset(segment);
      const start = offset === null ? null : segment.locate(offset);
      if (start) this.#position = start.position;
      else this.#segmentAt++;
      return false;
    }
    const range = { from: this.#position, to: segment.sizeInBytes };
    scanHeaders(segment.log, range, (header, position) => {
      if (header.maxTimestamp >= this.#plan.leastMaxTimestamp) {
        const batch = batchInFile(segment.log, position, header);
        const record = first(eachRecord(batch), this.#plan.matches);
        this.#hasOpened = true;
        if (record) {
          const { offset, timestamp } = record;
          this.#found = { offset, timestamp, leaderEpoch: header.partitionLeaderEpoch };
          return false;
        }
      }
      this.#position = position + header.sizeInBytes;
      return !this.#hasOpened;
    });
    if (this.#found) return true;
    if (this.#hasOpened) return false;
    this.#position = null;
    this.#segmentAt++;
    return false;
  }
}

interface Plan {
  readonly segments: readonly Segment[];
  /** A batch whose largest timestamp is below it does not hold the record. */
  readonly leastMaxTimestamp: number;
  /** Where the scan of a segment begins; null for one that does not hold the record. */
  readonly fromOffset: (segment: Segment) => number | null;
  readonly matches: (record: LogRecord) => boolean;
}

function first(records: Iterable<LogRecord>, matches: (record: LogRecord) => boolean): LogRecord | null {
  for (const record of records) if (matches(record)) return record;
  return null;
}
