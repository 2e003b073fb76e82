import type { Offset } from '../base/brand.ts';
import type { World } from '../base/world.ts';
import type { CommittedBatch } from '../metadata/committed.ts';
import { batches } from '../protocol/records/batch.ts';
import { decodeRaftControl } from '../protocol/records/raft-control.ts';
import { readRecords } from '../protocol/records/record.ts';
import { defaultLogConfig, type LogConfig, UNLIMITED } from '../storage/log-config.ts';
import { PartitionLog, type ReadRecords } from '../storage/partition-log.ts';
import { rewriteFrom } from '../storage/rewrite-from.ts';
import type { StorageError } from '../storage/storage-error.ts';
import { MetadataSnapshots } from './metadata-snapshots.ts';
import {
  readSnapshot,
  type Snapshot,
  type SnapshotContent,
  voterOf,
  writeSnapshot,
} from './snapshot-file.ts';
import type { SnapshotId } from './snapshot-id.ts';
import type { Voter } from './voters.ts';

/**
 * Segments are as large as a batch may be: one decision's records are one batch. The log is trimmed in whole
 * segments, so they are also rolled at each snapshot.
 */
const SEGMENT_BYTES = 64 * 1024 * 1024;
/** Read from the log at once when it is replayed. */
const REPLAY_BYTES = 1024 * 1024;

const config: LogConfig = {
  ...defaultLogConfig,
  segmentBytes: SEGMENT_BYTES,
  segmentMs: UNLIMITED,
  retentionMs: -1,
  retentionBytes: -1,
  maxMessageBytes: SEGMENT_BYTES,
};

/**
 * One replica's copy of `__cluster_metadata-0`: a log and the snapshots beside it. The log begins where the
 * oldest kept snapshot ends, and never ends before the newest does.
 */
export class MetadataLog {
  readonly #world: World;
  readonly #directory: string;
  readonly #log: PartitionLog;
  readonly #snapshots: MetadataSnapshots;

  /**
   * Throws DiskError or StorageError when the folder cannot be read. With `rewrite`, all that the newest
   * snapshot does not cover is written once more, so that the next sync really covers it.
   */
  static open(world: World, directory: string, options: { readonly rewrite: boolean }): MetadataLog {
    world.disk.makeDirectory(directory);
    const snapshots = new MetadataSnapshots(world, directory);
    const latestEnd = snapshots.latestId?.endOffset ?? 0;
    if (options.rewrite) rewriteFrom(world.disk, directory, latestEnd);
    const log = PartitionLog.open(world, {
      directory,
      config,
      clean: false,
      recoveryPoint: latestEnd,
      logStartOffset: snapshots.earliestId?.endOffset ?? 0,
    });
    if (log.endOffset < latestEnd) log.truncateFully(latestEnd);
    return new MetadataLog(world, directory, log, snapshots);
  }

  private constructor(world: World, directory: string, log: PartitionLog, snapshots: MetadataSnapshots) {
    this.#world = world;
    this.#directory = directory;
    this.#log = log;
    this.#snapshots = snapshots;
  }

  get directory(): string {
    return this.#directory;
  }

  get startOffset(): Offset {
    return this.#log.logStartOffset;
  }

  get endOffset(): Offset {
    return this.#log.endOffset;
  }

  get highWatermark(): Offset {
    return this.#log.highWatermark;
  }

  get sizeInBytes(): number {
    return this.#log.sizeInBytes;
  }

  /** The epoch of the last record; of the snapshot when the log after it is empty. */
  get lastEpoch(): number {
    return Math.max(this.#log.latestEpoch, this.latestSnapshotId?.epoch ?? 0);
  }

  get latestSnapshotId(): SnapshotId | null {
    return this.#snapshots.latestId;
  }

  /** The content of the latest snapshot; null when there is none. Throws DamagedSnapshotError. */
  readLatestSnapshot(): Snapshot | null {
    return this.#snapshots.readLatest();
  }

  get earliestSnapshotId(): SnapshotId | null {
    return this.#snapshots.earliestId;
  }

  append(bytes: Buffer, leaderEpoch: number): void {
    this.#take(this.#log.append(bytes, { origin: 'raft', leaderEpoch }));
  }

  /** Batches as another replica has them, with their offsets and epochs. */
  appendReplicated(bytes: Buffer, leaderEpoch: number): void {
    this.#take(this.#log.append(bytes, { origin: 'replication', leaderEpoch }));
  }

  #take(appended: ReturnType<PartitionLog['append']>): void {
    if ('error' in appended)
      throw new Error(`the metadata log took no append: ${appended.error}: ${appended.message}`, {
        cause: this.#log.fault,
      });
  }

  /** What a crash of the process would not lose. */
  writeNow(): void {
    this.#log.writeNow();
  }

  /** Resolves with the end offset up to which all is on the device. */
  async flush(): Promise<Offset> {
    await this.#log.flush();
    return this.#log.syncedEndOffset;
  }

  /** Runs when appends were lost. */
  onFailed(listener: (error: Error) => void): void {
    this.#log.onFailed(listener);
  }

  updateHighWatermark(offset: Offset): void {
    this.#log.updateHighWatermark(offset);
  }

  truncateTo(offset: Offset): void {
    this.#log.truncateTo(offset);
  }

  /** Where the given epoch ended here: what a replica that diverged is told to cut back to. */
  endOffsetForEpoch(epoch: number): { readonly epoch: number; readonly endOffset: Offset } {
    const found = this.#log.endOffsetForEpoch(epoch);
    if (found.endOffset >= 0) {
      const earliest = this.earliestSnapshotId;
      if (earliest && found.endOffset === earliest.endOffset && found.endOffset === this.startOffset)
        return { epoch: earliest.epoch, endOffset: earliest.endOffset };
      return found;
    }
    return { epoch: this.lastEpoch, endOffset: this.endOffset };
  }

  /** Raw batches; never beyond `upTo`. Throws when the log is damaged there. */
  read(offset: Offset, limits: { readonly maxBytes: number; readonly upTo: Offset }): ReadRecords {
    const read = this.#log.reads.read(offset, { ...limits, minOneBatch: true });
    if ('error' in read) throw new Error(`the metadata log cannot be read at ${offset}: ${read.error}`);
    return read;
  }

  /**
   * The same for another replica; the newest snapshot instead when the log is damaged there and that covers
   * it.
   */
  readOrSnapshot(
    offset: Offset,
    limits: { readonly maxBytes: number; readonly upTo: Offset },
  ): ReadRecords | SnapshotId {
    const read = this.#log.reads.read(offset, { ...limits, minOneBatch: true });
    if (!('error' in read)) return read;
    const latest = this.latestSnapshotId;
    if (latest && offset < latest.endOffset) return latest;
    throw new Error(`the metadata log cannot be read at ${offset}: ${read.error}`);
  }

  /**
   * Why this log takes nothing more until it is opened anew; null while it does, or will when a full disk has
   * room again.
   */
  get failure(): StorageError | null {
    const { fault } = this.#log;
    return fault?.fault === 'full' ? null : fault;
  }

  /** The batches of [from, upTo), decoded as far as the log itself is concerned, a piece at a time. */
  *committed(from: Offset, upTo: Offset): IterableIterator<CommittedBatch[]> {
    for (let next = from; next < upTo; ) {
      const read = this.read(next, { maxBytes: REPLAY_BYTES, upTo });
      const piece = [...batches(copied(read))]
        .filter(({ header }) => header.lastOffset >= next)
        .map(
          ({ header, bytes }): CommittedBatch => ({
            baseOffset: header.baseOffset,
            lastOffset: header.lastOffset,
            epoch: header.partitionLeaderEpoch,
            timestamp: header.maxTimestamp,
            values: header.isControl ? [] : readRecords(bytes).flatMap(({ value }) => (value ? [value] : [])),
          }),
        );
      const last = piece.at(-1);
      if (!last) throw new Error(`the metadata log has a gap at ${next}`);
      yield piece;
      next = last.lastOffset + 1;
    }
  }

  /**
   * The voters that the newest record about them names; none when nothing does. What a bootstrap snapshot
   * says does not count: it ends where the log begins, so no replica ever fetches it.
   */
  voters(): readonly Voter[] {
    const coveredTo = this.latestSnapshotId?.endOffset;
    let voters = coveredTo ? this.#snapshots.latestVoters : [];
    // What the snapshot covers may be damaged: nobody relies on it any more.
    for (let next = coveredTo ?? this.startOffset; next < this.endOffset; ) {
      const read = this.read(next, { maxBytes: REPLAY_BYTES, upTo: this.endOffset });
      for (const { header, bytes } of batches(copied(read))) {
        next = header.nextOffset;
        if (!header.isControl) continue;
        for (const record of readRecords(bytes)) {
          const control = decodeRaftControl(record);
          if (control?.type === 'KRAFT_VOTERS') voters = control.voters.map(voterOf);
        }
      }
    }
    return voters;
  }

  /** Makes a snapshot and then forgets the log that an older one covers. */
  async snapshot(content: SnapshotContent): Promise<void> {
    await this.#log.flush();
    await writeSnapshot(this.#world, this.#directory, content);
    this.#goOnFrom(content);
  }

  /**
   * A snapshot's file was fetched into the folder: the log goes on from its end. Throws DamagedSnapshotError.
   */
  snapshotFetched(id: SnapshotId): Snapshot {
    const snapshot = readSnapshot(this.#world, this.#directory, id);
    this.#goOnFrom({ id, voters: snapshot.voters });
    return snapshot;
  }

  /** The log that an older snapshot covers is not needed any more, once there is this one. */
  #goOnFrom(snapshot: { readonly id: SnapshotId; readonly voters: readonly Voter[] }): void {
    const { id } = snapshot;
    this.#snapshots.add(snapshot);
    if (this.endOffset < id.endOffset) {
      if (!this.#log.truncateFully(id.endOffset))
        throw new Error(`the metadata log cannot begin at ${id.endOffset}`, { cause: this.#log.fault });
      this.#log.updateHighWatermark(id.endOffset);
    }
    this.#log.roll();
    this.#snapshots.removeOld((startOffset) => this.#log.trimming.deleteSegmentsBelow(startOffset));
  }

  /** The bytes of a snapshot's file from a position on; null when there is no such snapshot. */
  readSnapshotBytes(
    id: SnapshotId,
    position: number,
    maxBytes: number,
  ): { readonly size: number; readonly bytes: Buffer } | null {
    return this.#snapshots.readBytes(id, position, maxBytes);
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  /** Closes without writing anything more; the next open tells what there is. */
  abandon(): void {
    this.#log.abandon();
  }
}

/** The parts belong to the log again when they are released; what is decoded from them lives longer. */
function copied(read: ReadRecords): Buffer {
  const bytes = Buffer.concat(read.parts);
  read.release();
  return bytes;
}
