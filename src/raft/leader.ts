import { assert } from '../base/assert.ts';
import type { Offset, Uuid } from '../base/brand.ts';
import { crashOnProgrammerError, reportFailure, supervise } from '../base/programmer-error.ts';
import type { World } from '../base/world.ts';
import { buildBatch } from '../protocol/records/record.ts';
import type { CommitListener } from './committed.ts';
import { MetadataLog } from './metadata-log.ts';
import { METADATA_DIRECTORY } from './metadata-topic.ts';
import { readQuorumState, writeQuorumState } from './quorum-state.ts';
import { writeSnapshot } from './snapshot-file.ts';
import { BOOTSTRAP_SNAPSHOT, snapshotFileName } from './snapshot-id.ts';
import {
  controlBatch,
  kraftVersionRecord,
  leaderChangeRecord,
  sameVoters,
  type Voter,
  votersRecord,
} from './voters.ts';

/**
 * Kafka's metadata.log.max.record.bytes.between.snapshots is 20 MiB; a start replays at most twice this much.
 */
const SNAPSHOT_EVERY_BYTES = 4 * 1024 * 1024;
/** Records alone cost time at a start too, however small. */
const SNAPSHOT_EVERY_RECORDS = 50_000;

export interface RaftLeaderOptions {
  readonly nodeId: number;
  readonly clusterId: string;
  /** The id of the folder that holds the metadata log's. */
  readonly directoryId: Uuid;
  readonly dataDirectory: string;
  readonly endpoint: { readonly name: string; readonly host: string; readonly port: number };
  /** Encoded records of a new cluster's bootstrap snapshot. */
  readonly bootstrap: readonly Buffer[];
  readonly snapshotEveryBytes?: number;
  readonly snapshotEveryRecords?: number;
}

/**
 * The leader of a quorum of one voter. What it appends is committed when it is on the device: appends of the
 * same time share a sync. An append that failed ends this leader; another is opened on what the disk then
 * has, in a newer epoch, so that nobody can mistake its records for those that were lost.
 */
export class RaftLeader {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly epoch: number;
  readonly voter: Voter;
  readonly log: MetadataLog;
  readonly #world: World;
  readonly #options: RaftLeaderOptions;
  readonly #committed = new Set<(highWatermark: Offset) => void>();
  readonly #failed = new Set<(error: Error) => void>();
  #syncing = false;
  #failure: Error | null = null;
  #closed = false;
  #recordsAtSnapshot: Offset;
  #bytesSinceSnapshot = 0;
  #snapshotting: Promise<void> | null = null;

  /** Formats the folder when it is new, loads it, and takes the lead; resolves when that is on the device. */
  static async open(world: World, options: RaftLeaderOptions): Promise<RaftLeader> {
    const directory = `${options.dataDirectory}/${METADATA_DIRECTORY}`;
    const voter: Voter = {
      voterId: options.nodeId,
      directoryId: options.directoryId,
      endpoints: [options.endpoint],
    };
    world.disk.makeDirectory(directory);
    if (!world.disk.list(directory).some((name) => name.endsWith('.log') || name.endsWith('.checkpoint')))
      await format(world, directory, voter, options.bootstrap);
    const log = MetadataLog.open(world, directory, { rewrite: true });
    try {
      const state = readQuorumState(world, directory);
      const epoch = Math.max(state.leaderEpoch, log.lastEpoch) + 1;
      await writeQuorumState(world, directory, {
        leaderId: options.nodeId,
        leaderEpoch: epoch,
        votedId: options.nodeId,
        votedDirectoryId: options.directoryId,
      });
      const timestamp = world.clock.now();
      const knownVoters = log.voters();
      log.append(
        controlBatch([leaderChangeRecord(voter, [voter])], { leaderEpoch: epoch, timestamp }),
        epoch,
      );
      // The log is new, or it listens elsewhere than before.
      if (!sameVoters(knownVoters, [voter])) {
        const records = knownVoters.length === 0 ? [kraftVersionRecord()] : [];
        log.append(
          controlBatch([...records, votersRecord([voter])], { leaderEpoch: epoch, timestamp }),
          epoch,
        );
      }
      log.updateHighWatermark(await log.flush());
      return new RaftLeader(world, options, { log, epoch, voter });
    } catch (error) {
      log.abandon();
      throw error;
    }
  }

  private constructor(
    world: World,
    options: RaftLeaderOptions,
    elected: { readonly log: MetadataLog; readonly epoch: number; readonly voter: Voter },
  ) {
    this.#world = world;
    this.#options = options;
    this.nodeId = options.nodeId;
    this.clusterId = options.clusterId;
    this.log = elected.log;
    this.epoch = elected.epoch;
    this.voter = elected.voter;
    this.#recordsAtSnapshot = elected.log.latestSnapshotId?.endOffset ?? 0;
    this.#bytesSinceSnapshot = elected.log.sizeInBytes;
    elected.log.onFailed((error) => this.#fail(error));
  }

  get highWatermark(): Offset {
    return this.log.highWatermark;
  }

  get endOffset(): Offset {
    return this.log.endOffset;
  }

  /** Whether more may come from it. */
  get isOver(): boolean {
    return this.#closed || this.#failure !== null;
  }

  /** Why it leads no more; null while it does. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Tells the whole committed log, as at a start: the newest snapshot and what follows it. */
  replay(listener: CommitListener): void {
    const { log } = this;
    const snapshot = log.readLatestSnapshot();
    if (snapshot) listener.onSnapshot(snapshot);
    for (const batches of log.committed(snapshot?.endOffset ?? log.startOffset, log.highWatermark))
      listener.onCommitted(batches);
  }

  /**
   * Appends records as one batch: all of them or none will be committed. Returns the offset after the last;
   * throws when this leader has failed, also through this append.
   */
  append(values: readonly Buffer[]): Offset {
    assert(values.length > 0, 'an append without records');
    assert(!this.#closed, 'an append to a leader that was closed');
    if (this.#failure) throw this.#failure;
    const timestamp = this.#world.clock.now();
    const batch = buildBatch({
      leaderEpoch: this.epoch,
      records: values.map((value) => ({ timestamp, key: null, value })),
    });
    try {
      this.log.append(batch, this.epoch);
    } catch (cause) {
      this.#fail(cause instanceof Error ? cause : new Error('append failed', { cause }));
      throw this.#failure ?? cause;
    }
    this.#bytesSinceSnapshot += batch.length;
    if (!this.#syncing) {
      this.#syncing = true;
      // One sync for everything that this turn of the loop appends.
      this.#world.clock.soon(() => supervise(this.#world, this.#sync()));
    }
    return this.log.endOffset;
  }

  /** Runs each time the high watermark moved. Call the result to stop. */
  onCommitted(listener: (highWatermark: Offset) => void): () => void {
    this.#committed.add(listener);
    return () => this.#committed.delete(listener);
  }

  /** Runs once: nothing that was not committed yet will be by this leader. */
  onFailed(listener: (error: Error) => void): void {
    this.#failed.add(listener);
  }

  get snapshotIsDue(): boolean {
    if (this.#snapshotting || this.#failure || this.#closed) return false;
    const { snapshotEveryBytes = SNAPSHOT_EVERY_BYTES, snapshotEveryRecords = SNAPSHOT_EVERY_RECORDS } =
      this.#options;
    return (
      this.#bytesSinceSnapshot >= snapshotEveryBytes ||
      this.highWatermark - this.#recordsAtSnapshot >= snapshotEveryRecords
    );
  }

  /** Records that make the state at `endOffset`, which is committed, out of nothing. */
  snapshot(content: {
    readonly endOffset: Offset;
    readonly epoch: number;
    readonly timestamp: number;
    readonly values: Iterable<Buffer>;
  }): Promise<void> {
    assert(content.endOffset <= this.highWatermark, 'a snapshot of what is not committed');
    this.#bytesSinceSnapshot = 0;
    this.#recordsAtSnapshot = content.endOffset;
    const { endOffset, epoch, timestamp, values } = content;
    const made = this.log
      .snapshot({ id: { endOffset, epoch }, timestamp, values, voters: [this.voter] })
      .catch((error: unknown) => {
        // The log still has everything; the next one is tried when as much has come again.
        reportFailure(this.#world, 'no snapshot of the metadata log', { error });
      })
      .finally(() => {
        this.#snapshotting = null;
      });
    this.#snapshotting = made;
    return made;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#snapshotting;
    if (this.#failure) this.log.abandon();
    else await this.log.close();
  }

  async #sync(): Promise<void> {
    try {
      while (!this.#failure && !this.#closed && this.log.highWatermark < this.log.endOffset) {
        this.log.updateHighWatermark(await this.log.flush());
        if (this.#failure) return;
        for (const listener of this.#committed) listener(this.log.highWatermark);
      }
    } catch (cause) {
      this.#fail(cause instanceof Error ? cause : new Error('sync failed', { cause }));
    } finally {
      this.#syncing = false;
    }
  }

  #fail(error: Error): void {
    if (this.#failure) return;
    crashOnProgrammerError(this.#world, error);
    this.#failure = error;
    for (const listener of this.#failed) listener(error);
  }
}

/** As `kafka-storage format --standalone` does (KIP-853): the first voter and the first feature levels. */
async function format(
  world: World,
  directory: string,
  voter: Voter,
  bootstrap: readonly Buffer[],
): Promise<void> {
  await writeSnapshot(world, directory, {
    id: BOOTSTRAP_SNAPSHOT,
    timestamp: world.clock.now(),
    voters: [voter],
    values: bootstrap,
  });
  world.log.info('formatted the metadata log', { directory, snapshot: snapshotFileName(BOOTSTRAP_SNAPSHOT) });
}
