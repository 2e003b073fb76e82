import type { GuardedClock } from '../base/guarded-clock.ts';
import type { World } from '../base/world.ts';
import { checkIntegrity, readBatchHeader } from '../protocol/records/batch.ts';
import { scanBatches, scanHeaders } from './batch-scan.ts';
import { offsetInName, suffix } from './file-names.ts';
import type { LeaderEpochs } from './leader-epochs.ts';
import type { LogConfig } from './log-config.ts';
import { LogSegments } from './log-segments.ts';
import { batchInFile, markerIn } from './marker.ts';
import type { OffsetPromise } from './offset-layout.ts';
import type { OpenFiles } from './open-files.ts';
import type { ProducerSnapshots } from './producer-snapshots.ts';
import { ProducerState } from './producer-state.ts';
import { RecoveredEpochs } from './recovered-epochs.ts';
import { Segment } from './segment.ts';

/**
 * What to believe of a log's folder. After a clean stop: all of it, once sizes and the last batches fit.
 * After any other: what lies below the recovery point was synced, and the rest is read batch by batch with
 * checksums from the beginning of the segment that holds the recovery point, or of one before it that lost
 * its end; the first batch that is torn, damaged or out of order ends the log, and later segments go.
 * Indexes, producers and epochs are rebuilt from what was read; epochs also from their checkpoint, where no
 * batch says otherwise.
 */
export interface LoadOptions {
  readonly directory: string;
  readonly names: readonly string[];
  /** What a gap in the offsets means here. */
  readonly promise: OffsetPromise;
  readonly config: LogConfig;
  /** It may not be the topic's: no records and no producers may go because of it. */
  readonly isConfigProvisional: boolean;
  readonly clean: boolean;
  /** Offsets below it were synced. */
  readonly recoveryPoint: number;
  readonly logStartOffset: number;
  readonly files: OpenFiles;
  readonly guardedClock: GuardedClock;
  readonly epochs: LeaderEpochs;
  readonly snapshots: ProducerSnapshots;
  readonly jitterMs: () => number;
}

export interface LoadedLog {
  readonly segments: LogSegments;
  readonly producers: ProducerState;
  readonly logStartOffset: number;
  readonly endOffset: number;
  readonly recoveryPoint: number;
  /** Something was cut off or removed, and a power loss may still bring it back. */
  readonly wasCut: boolean;
}

/** Throws DiskError when the folder cannot be read. */
export function loadLog(world: World, options: LoadOptions): LoadedLog {
  const { config, files, directory, epochs } = options;
  const make = (baseOffset: number): Segment =>
    Segment.create({
      files,
      directory,
      baseOffset,
      config,
      now: world.clock.now(),
      jitterMs: options.jitterMs(),
    });
  let found = openSegments(world, options);
  let producers = new ProducerState();
  let wasCut = false;
  let endOffset: number | null = null;
  if (options.clean) endOffset = found.at(-1)?.readNextOffset() ?? null;
  const believed = endOffset !== null;
  if (endOffset === null && found.length > 0) {
    const recovered = recover(world, options, found);
    found = recovered.segments;
    producers = recovered.producers;
    endOffset = recovered.endOffset;
    wasCut = recovered.wasCut;
  }
  // The files were taken away from under the checkpoint: what is left is before the start of the log.
  if (endOffset !== null && endOffset < options.logStartOffset) {
    world.log.warn('a log ended before its start offset and begins anew', { directory, endOffset });
    for (const segment of found) segment.remove();
    found = [];
    wasCut = true;
    epochs.clear();
    options.snapshots.removeAbove(-1);
    producers = new ProducerState();
  }
  if (found.length === 0) {
    found = [make(options.logStartOffset)];
    endOffset = options.logStartOffset;
  }
  const segments = new LogSegments(found);
  const end = endOffset ?? segments.active.baseOffset;
  const logStartOffset = Math.max(options.logStartOffset, segments.first.baseOffset);
  epochs.truncateFromEnd(end);
  epochs.truncateFromStart(logStartOffset);
  if (believed) {
    producers = rebuildProducers({ ...options, segments: segments.all, upTo: end });
  }
  options.snapshots.removeAbove(end);
  producers.keep();
  const recoveryPoint = believed ? end : Math.min(options.recoveryPoint, end);
  return { segments, producers, logStartOffset, endOffset: end, recoveryPoint, wasCut };
}

/**
 * What was remembered of the producers when the log ended at `upTo`: from the newest sound snapshot, and from
 * the batches after it.
 */
export function rebuildProducers(log: {
  readonly segments: readonly Segment[];
  readonly snapshots: ProducerSnapshots;
  readonly config: LogConfig;
  readonly isConfigProvisional: boolean;
  readonly guardedClock: GuardedClock;
  readonly upTo: number;
}): ProducerState {
  const producers = new ProducerState();
  // Retention may have taken the batches that follow an old snapshot before it took the snapshot: then it
  // tells of a sequence that is long past, and a producer that goes on would be refused.
  const begin = log.segments[0]?.baseOffset ?? log.upTo;
  const latest = log.snapshots.latest(log.upTo);
  const snapshot = latest !== null && latest.offset >= begin ? latest : null;
  if (snapshot) producers.load(snapshot.entries);
  // Also what lies below the log's start, as long as it is there: the process that ended remembered it too,
  // and a producer's next sequence follows from it.
  let next = snapshot?.offset ?? 0;
  for (const [i, segment] of log.segments.entries()) {
    if (next >= log.upTo || segment.baseOffset >= log.upTo) break;
    if ((log.segments[i + 1]?.baseOffset ?? log.upTo) <= next) continue;
    const from = next > segment.baseOffset ? segment.locate(next)?.position : 0;
    if (from === undefined) continue;
    scanHeaders(segment.log, { from, to: segment.sizeInBytes }, (header, position) => {
      if (header.lastOffset >= log.upTo) return false;
      const marker = markerIn(header, () => batchInFile(segment.log, position, header));
      if (header.producerId >= 0) producers.append([{ header, marker }], 'replication', () => {});
      next = header.nextOffset;
      return true;
    });
  }
  if (!log.isConfigProvisional)
    producers.removeExpired(log.guardedClock.now(), log.config.producerIdExpirationMs);
  producers.keep();
  return producers;
}

function openSegments(world: World, options: LoadOptions): Segment[] {
  const { disk } = world;
  const segments: Segment[] = [];
  const bases = new Set(options.names.map((name) => offsetInName(name, suffix.log)));
  for (const name of options.names) {
    const path = `${options.directory}/${name}`;
    const baseOffset = offsetInName(name, suffix.log);
    if (baseOffset !== null) {
      const { files, directory, config } = options;
      const now = world.clock.now();
      segments.push(
        Segment.open({ files, directory, baseOffset, config, now, jitterMs: options.jitterMs() }),
      );
    } else if (isLeftOver(name, bases)) {
      disk.remove(path);
    }
  }
  return segments.sort((a, b) => a.baseOffset - b.baseOffset);
}

/** Deletions that a crash interrupted, compactions that did not get to their end, indexes without a log. */
function isLeftOver(name: string, bases: ReadonlySet<number | null>): boolean {
  if (name.endsWith(suffix.deleted) || name.endsWith(suffix.cleaned)) return !name.includes('.checkpoint');
  for (const ending of [suffix.offsetIndex, suffix.timeIndex, suffix.txnIndex]) {
    const base = offsetInName(name, ending);
    if (base !== null && !bases.has(base)) return true;
  }
  return false;
}

/**
 * The segment of the recovery point, or the first before it that does not end where the next one begins. A
 * power loss in a truncation may bring back the segments that went, and not the end of the one that was cut;
 * or that end, which the segment that was begun after the cut then overlaps; while the checkpoint still lies
 * beyond both.
 */
function firstDoubtful(found: readonly Segment[], { promise, recoveryPoint }: LoadOptions): number {
  const ofRecoveryPoint = Math.max(
    0,
    found.findLastIndex(({ baseOffset }) => baseOffset <= recoveryPoint),
  );
  const first = found.slice(0, ofRecoveryPoint).findIndex((segment, i) => {
    const next = found[i + 1]?.baseOffset;
    // Null: its last batches cannot be told, so it is damaged and not cut, and reads will say so.
    const end = segment.readNextOffset();
    if (end === null || next === undefined) return false;
    return end > next || (end < next && promise !== 'unknown');
  });
  return first === -1 ? ofRecoveryPoint : first;
}

function recover(
  world: World,
  options: LoadOptions,
  found: readonly Segment[],
): {
  readonly segments: Segment[];
  readonly producers: ProducerState;
  readonly endOffset: number;
  readonly wasCut: boolean;
} {
  const firstIndex = firstDoubtful(found, options);
  const kept = found.slice(0, firstIndex);
  const firstBase = found[firstIndex]?.baseOffset ?? 0;
  const producers = rebuildProducers({
    ...options,
    segments: kept,
    upTo: firstBase,
  });
  const epochs = new RecoveredEpochs(options.epochs, firstBase);
  // Producers beyond may be those of a log that was truncated since, or not yet.
  options.snapshots.removeAbove(firstBase);
  let wasCut = false;
  let endOffset = firstBase;
  for (const [i, segment] of found.entries()) {
    if (i < firstIndex) continue;
    const isAfterLoss = segment.baseOffset > endOffset && options.promise !== 'unknown';
    if (segment.baseOffset < endOffset || isAfterLoss) {
      // Two segments that claim the same offsets: the older one is whole, so the younger goes, and all after
      // it. And a gap is where the end of a segment was lost while a later one was not: the log ends before
      // it.
      for (const later of found.slice(i)) later.remove();
      wasCut = true;
      break;
    }
    if (i > firstIndex) options.snapshots.write(segment.baseOffset, producers.entries);
    endOffset = segment.baseOffset;
    const cutBytes = recoverSegment(segment, options, { producers, epochs }, (offset) => {
      endOffset = offset;
    });
    kept.push(segment);
    if (cutBytes === 0) continue;
    wasCut = true;
    const { directory } = options;
    world.log.warn('a log was cut to its last whole batch', { directory, endOffset, cutBytes });
    for (const later of found.slice(i + 1)) later.remove();
    break;
  }
  epochs.end(endOffset);
  return { segments: kept, producers, endOffset, wasCut };
}

/** Compaction leaves offsets out, also what a leader compacted before we fetched it; nothing else does. */
function mayHaveGap({ promise, recoveryPoint }: LoadOptions, offset: number): boolean {
  return offset < recoveryPoint || promise !== 'dense';
}

/** Returns how many bytes were cut off. */
function recoverSegment(
  segment: Segment,
  options: LoadOptions,
  { producers, epochs }: { readonly producers: ProducerState; readonly epochs: RecoveredEpochs },
  advance: (nextOffset: number) => void,
): number {
  segment.resetIndexes();
  segment.txnIndex.reset();
  let next = segment.baseOffset;
  const sizeBefore = segment.sizeInBytes;
  const end = scanBatches(segment.log, { from: 0, to: sizeBefore }, (batch, position) => {
    if (checkIntegrity(batch) !== null) return false;
    const header = readBatchHeader(batch, 0);
    if (header.baseOffset < next || header.lastOffsetDelta < 0 || !segment.reaches(header.lastOffset))
      return false;
    // The checksum does not cover the offset, but here it must follow.
    if (header.baseOffset > next && !mayHaveGap(options, next)) return false;
    if (!epochs.take(header)) return false;
    segment.index({ ...header, position }, options.config.indexIntervalBytes);
    if (header.producerId >= 0) {
      const marker = markerIn(header, () => batch);
      producers.append([{ header, marker }], 'replication', (txn) => segment.txnIndex.append(txn));
    }
    next = header.nextOffset;
    advance(next);
    return true;
  });
  if (end < sizeBefore) segment.cutTo(end);
  segment.verified = { from: 0, to: end };
  segment.timeIndex.maybeAppend(segment.largest);
  segment.txnIndex.persist();
  return sizeBefore - end;
}
