import type { LogConfig } from './log-config.ts';
import { MAX_RELATIVE_OFFSET } from './segment.ts';

/** What the rules have to know of a segment. */
export interface CompactedSegment {
  readonly baseOffset: number;
  readonly sizeInBytes: number;
  readonly largest: { readonly timestamp: number };
  /** Counts instead when no record has a timestamp. */
  readonly openedAt: number;
  /** The timestamp of its first batch; null when it is empty. */
  readFirstTimestamp(): number | null;
}

/** What of a log the next compaction would take on. */
export interface CleanableRange {
  /** Below it every key was seen by a compaction before. */
  readonly firstDirtyOffset: number;
  /** The base offset of the first segment that must stay as it is. */
  readonly firstUncleanableOffset: number;
  readonly cleanBytes: number;
  readonly cleanableBytes: number;
  /** Something dirty is older than `max.compaction.lag.ms`. */
  readonly isOverdue: boolean;
}

/**
 * By Kafka's rules: whole segments only, never the active one, none that reaches beyond the last stable
 * offset (which is not above the high watermark), none with a record younger than `min.compaction.lag.ms`,
 * and none after such.
 * `segments` are all of the log, the oldest first.
 */
export function cleanableRange(
  segments: readonly CompactedSegment[],
  log: {
    readonly config: LogConfig;
    readonly now: number;
    readonly logStartOffset: number;
    readonly lastStableOffset: number;
    readonly endOffset: number;
    /** Where the last compaction ended; null when there was none. */
    readonly cleanedUpTo: number | null;
  },
): CleanableRange {
  const { config, now } = log;
  const cleanedUpTo = log.cleanedUpTo ?? log.logStartOffset;
  const isKnown = cleanedUpTo >= log.logStartOffset && cleanedUpTo <= log.endOffset;
  const firstDirtyOffset = isKnown ? cleanedUpTo : log.logStartOffset;
  const closed = segments.slice(0, -1);
  const dirty = closed.filter((_, i) => (segments[i + 1]?.baseOffset ?? 0) > firstDirtyOffset);
  const tooYoung = dirty.find((segment) => newestOf(segment) > now - config.minCompactionLagMs);
  const limit = Math.min(
    log.lastStableOffset,
    segments.at(-1)?.baseOffset ?? 0,
    config.minCompactionLagMs > 0 && tooYoung ? tooYoung.baseOffset : Number.POSITIVE_INFINITY,
  );
  const cleanable = closed.filter((_, i) => (segments[i + 1]?.baseOffset ?? 0) <= limit);
  const firstUncleanableOffset = segments[cleanable.length]?.baseOffset ?? 0;
  const clean = segments.filter(
    ({ baseOffset }) => baseOffset < Math.min(firstDirtyOffset, firstUncleanableOffset),
  );
  const toClean = cleanable.filter((segment) => dirty.includes(segment));
  const oldest = Math.min(...dirty.map((segment) => firstTimestampOf(segment)));
  return {
    firstDirtyOffset,
    firstUncleanableOffset: Math.max(firstDirtyOffset, firstUncleanableOffset),
    cleanBytes: sizeOf(clean),
    cleanableBytes: sizeOf(toClean),
    isOverdue: oldest < now - config.maxCompactionLagMs,
  };
}

/** The share of a log that compaction has not seen; 0 for an empty one. */
export function dirtyRatio(range: CleanableRange): number {
  const total = range.cleanBytes + range.cleanableBytes;
  return total === 0 ? 0 : range.cleanableBytes / total;
}

export function isWorthCleaning(range: CleanableRange, config: LogConfig): boolean {
  if (range.cleanableBytes === 0) return false;
  return range.isOverdue || dirtyRatio(range) > config.minCleanableDirtyRatio;
}

/**
 * Neighbours that become one segment: together not above `segment.bytes`, each of their indexes not above
 * `segment.index.bytes`, and all offsets within reach of the first. `end`: exclusive, of the last one's
 * offsets.
 */
export function groupSegments<
  S extends {
    readonly baseOffset: number;
    readonly sizeInBytes: number;
    readonly indexBytes: { readonly offset: number; readonly time: number };
  },
>(segments: readonly S[], end: number, config: LogConfig): S[][] {
  const groups: S[][] = [];
  let group: S[] = [];
  let bytes = { log: 0, offset: 0, time: 0 };
  for (const [i, segment] of segments.entries()) {
    const grown = {
      log: bytes.log + segment.sizeInBytes,
      offset: bytes.offset + segment.indexBytes.offset,
      time: bytes.time + segment.indexBytes.time,
    };
    const lastOffset = (segments[i + 1]?.baseOffset ?? end) - 1;
    const first = group[0];
    const fits =
      grown.log <= config.segmentBytes &&
      grown.offset <= config.segmentIndexBytes &&
      grown.time <= config.segmentIndexBytes &&
      (first === undefined || lastOffset - first.baseOffset <= MAX_RELATIVE_OFFSET);
    if (group.length > 0 && fits) {
      group.push(segment);
      bytes = grown;
      continue;
    }
    group = [segment];
    groups.push(group);
    bytes = { log: segment.sizeInBytes, ...segment.indexBytes };
  }
  return groups;
}

function newestOf(segment: CompactedSegment): number {
  return segment.largest.timestamp >= 0 ? segment.largest.timestamp : segment.openedAt;
}

/** Infinite when it has none, or one of 1970: Kafka does not count those either. */
function firstTimestampOf(segment: CompactedSegment): number {
  const first = segment.readFirstTimestamp();
  return first !== null && first > 0 ? first : Number.POSITIVE_INFINITY;
}

function sizeOf(segments: readonly CompactedSegment[]): number {
  return segments.reduce((sum, segment) => sum + segment.sizeInBytes, 0);
}
