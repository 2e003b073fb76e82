import type { Offset, Uuid } from '../base/brand.ts';
import { sleep } from '../base/clock.ts';
import { DiskError } from '../base/disk.ts';
import { crashOnProgrammerError } from '../base/programmer-error.ts';
import type { World } from '../base/world.ts';
import type { CommittedBatch, CommittedSnapshot } from '../metadata/committed.ts';
import { type ErrorName, errorName } from '../protocol/errors.ts';
import type { Decoded } from '../protocol/field.ts';
import { fetch } from '../protocol/messages/01-fetch.ts';
import { FullDiskPause, isPassing } from './full-disk-pause.ts';
import { MetadataLog } from './metadata-log.ts';
import {
  METADATA_DIRECTORY,
  METADATA_PARTITION,
  METADATA_TOPIC,
  METADATA_TOPIC_ID,
} from './metadata-topic.ts';
import { readQuorumState, writeQuorumState } from './quorum-state.ts';
import type { RaftConnection } from './raft-connection.ts';
import { downloadSnapshot } from './snapshot-download.ts';

/** How long the leader may keep a fetch that finds nothing new. */
const FETCH_WAIT_MS = 5_000;
/** Beyond the wait: then the leader is taken for dead. */
const FETCH_GRACE_MS = 10_000;
const FETCH_BYTES = 8 * 1024 * 1024;
/** Between attempts while there is no leader: short, since it is on this machine or starting. */
const RETRY_MS = 50;
/**
 * The same sizes as the leader's: an own snapshot, so that a start does not replay everything since the last.
 */
const SNAPSHOT_EVERY_BYTES = 4 * 1024 * 1024;
const SNAPSHOT_EVERY_RECORDS = 50_000;

export interface RaftObserverOptions {
  readonly nodeId: number;
  readonly clusterId: string;
  /** The id of the folder that holds the metadata log's. */
  readonly directoryId: Uuid;
  readonly dataDirectory: string;
  connect(): Promise<RaftConnection>;
  /** Told in order, one after the other; what it promises is waited for. */
  readonly listener: {
    onCommitted(batches: readonly CommittedBatch[]): void | Promise<void>;
    onSnapshot(snapshot: CommittedSnapshot): void | Promise<void>;
    /** The state as it is now, for a snapshot; null when it cannot be told just now. */
    snapshot(): CommittedSnapshot | null;
  };
  /**
   * What was committed cannot be understood, or cannot be kept because a write or a sync of this copy failed:
   * nothing more is followed. A full disk and too many open files are waited for.
   */
  onFatal(error: Error): void;
}

type Partition = Decoded<
  (typeof fetch)['definition']['response']['fields']
>['responses'][number]['partitions'][number];

/**
 * A replica without a vote: keeps its own copy of the metadata log and tells what is committed, in order and
 * once. After a start it tells its newest snapshot at once, and the rest when the leader has said how far it
 * is committed.
 */
export class RaftObserver {
  readonly #world: World;
  readonly #options: RaftObserverOptions;
  readonly #directory: string;
  readonly #log: MetadataLog;
  readonly #fullDisk: FullDiskPause;
  #leaderEpoch: number;
  /** Everything below it was told. */
  #told: Offset = 0;
  #connection: RaftConnection | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;
  #bytesSinceSnapshot: number;

  constructor(world: World, options: RaftObserverOptions) {
    this.#world = world;
    this.#options = options;
    this.#directory = `${options.dataDirectory}/${METADATA_DIRECTORY}`;
    this.#fullDisk = new FullDiskPause(world);
    this.#log = openLog(world, this.#directory);
    this.#leaderEpoch = Math.max(readQuorumState(world, this.#directory).leaderEpoch, this.#log.lastEpoch);
    this.#bytesSinceSnapshot = this.#log.sizeInBytes;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#connection?.close();
    await this.#running;
    try {
      await this.#log.close();
    } catch (error) {
      // A full disk, say. The next start recovers the copy; what else is to be closed must not be left open
      // for it.
      this.#world.log.warn('the metadata log was not closed in order', { error });
    }
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    try {
      const snapshot = this.#log.readLatestSnapshot();
      if (snapshot) await this.#tellSnapshot(snapshot);
    } catch (error) {
      this.#fatal(error);
      return;
    }
    while (!this.#stopped) {
      try {
        this.#connection = await this.#options.connect();
        while (!this.#stopped) await this.#fetch(this.#connection);
      } catch (error) {
        const pauseMs = this.#fullDisk.after(error);
        if (pauseMs === null) this.#connection?.close();
        if (this.#stopped) return;
        if (crashOnProgrammerError(this.#world, error)) return;
        const fatal = error instanceof FatalError ? error : this.#log.failure;
        if (fatal) {
          this.#fatal(fatal);
          return;
        }
        this.#world.log.debug('no metadata from the controller', { error });
        await sleep(this.#world.clock, pauseMs ?? RETRY_MS);
      }
    }
  }

  #fatal(error: unknown): void {
    this.#stopped = true;
    this.#options.onFatal(error instanceof Error ? error : new Error(String(error)));
  }

  async #fetch(connection: RaftConnection): Promise<void> {
    const log = this.#log;
    const { nodeId, clusterId, directoryId } = this.#options;
    const answer = await connection.send(
      fetch,
      {
        clusterId,
        replicaState: { replicaId: nodeId, replicaEpoch: -1 },
        maxWaitMs: FETCH_WAIT_MS,
        minBytes: 0,
        maxBytes: FETCH_BYTES,
        topics: [
          {
            topic: METADATA_TOPIC,
            topicId: METADATA_TOPIC_ID,
            partitions: [
              {
                partition: METADATA_PARTITION,
                currentLeaderEpoch: this.#leaderEpoch,
                fetchOffset: log.endOffset,
                lastFetchedEpoch: log.lastEpoch,
                partitionMaxBytes: FETCH_BYTES,
                replicaDirectoryId: directoryId,
                highWatermark: log.highWatermark,
              },
            ],
          },
        ],
        forgottenTopicsData: [],
      },
      { timeoutMs: FETCH_WAIT_MS + FETCH_GRACE_MS },
    );
    if (this.#stopped) return;
    const partition = answer.responses[0]?.partitions[0];
    const error = errorName(answer.errorCode || (partition?.errorCode ?? 0));
    if (!partition) throw new Error(`the controller answered a fetch with ${error}`);
    await this.#follow(partition.currentLeader);
    await this.#answered(connection, partition, error);
  }

  async #answered(connection: RaftConnection, partition: Partition, error: ErrorName): Promise<void> {
    // Now that the leader's epoch is known, the next fetch is right.
    if (error === 'FENCED_LEADER_EPOCH') return;
    if (error !== 'NONE') throw new Error(`the controller answered a fetch with ${error}`);
    if (partition.divergingEpoch.epoch >= 0) return this.#cutBack(partition.divergingEpoch);
    if (partition.snapshotId.endOffset >= 0) return this.#download(connection, partition.snapshotId);
    const { records } = partition;
    if (records && records.length > 0) {
      this.#log.appendReplicated(records, this.#leaderEpoch);
      this.#log.writeNow();
      this.#bytesSinceSnapshot += records.length;
    }
    this.#log.updateHighWatermark(Math.min(partition.highWatermark, this.#log.endOffset));
    await this.#tell();
    await this.#snapshotIfDue();
    this.#fullDisk.over();
  }

  /**
   * An epoch that is obeyed is never gone back from, also over a restart: it is on the device before, as in
   * Kafka's QuorumState. While the disk is full, or no file can be opened because too many are, the fetch is
   * repeated with the former epoch.
   */
  async #follow(leader: { readonly leaderId: number; readonly leaderEpoch: number }): Promise<void> {
    if (leader.leaderEpoch <= this.#leaderEpoch) return;
    try {
      const known = readQuorumState(this.#world, this.#directory);
      await writeQuorumState(this.#world, this.#directory, { ...known, ...leader, votedId: -1 });
    } catch (cause) {
      if (!(cause instanceof DiskError) || isPassing(cause)) throw cause;
      throw new FatalError(`epoch ${leader.leaderEpoch} of the quorum was not stored`, { cause });
    }
    this.#leaderEpoch = leader.leaderEpoch;
  }

  async #cutBack(diverging: { readonly epoch: number; readonly endOffset: Offset }): Promise<void> {
    const own = this.#log.endOffsetForEpoch(diverging.epoch);
    const to = Math.min(diverging.endOffset, own.endOffset);
    // Only a new process can start over: here others rest on what was told.
    if (to < this.#told)
      throw new FatalError(`the controller has lost metadata: it ends at ${to}, committed was ${this.#told}`);
    this.#world.log.warn('cut back the metadata log', { from: this.#log.endOffset, to });
    this.#log.truncateTo(to);
    // A power loss must not bring it back under what is appended next.
    await this.#log.flush();
  }

  async #download(
    connection: RaftConnection,
    id: { readonly endOffset: Offset; readonly epoch: number },
  ): Promise<void> {
    const { nodeId, clusterId, directoryId } = this.#options;
    const replica = {
      directory: this.#directory,
      nodeId,
      clusterId,
      directoryId,
      leaderEpoch: this.#leaderEpoch,
    };
    await downloadSnapshot(this.#world, connection, replica, id);
    if (this.#stopped) return;
    const snapshot = this.#log.snapshotFetched(id);
    this.#bytesSinceSnapshot = 0;
    if (id.endOffset > this.#told) await this.#tellSnapshot(snapshot);
  }

  async #tellSnapshot(snapshot: CommittedSnapshot): Promise<void> {
    await this.#understood(() => this.#options.listener.onSnapshot(snapshot));
    this.#told = snapshot.endOffset;
  }

  async #tell(): Promise<void> {
    const from = Math.max(this.#told, this.#log.startOffset);
    const { highWatermark } = this.#log;
    const told: CommittedBatch[] = [];
    for (const batches of this.#log.committed(from, highWatermark)) told.push(...batches);
    if (told.length === 0) return;
    await this.#understood(() => this.#options.listener.onCommitted(told));
    this.#told = highWatermark;
  }

  /** What the listener cannot take now it will never take. */
  async #understood(tell: () => void | Promise<void>): Promise<void> {
    try {
      await tell();
    } catch (cause) {
      throw new FatalError('committed metadata was not understood', { cause });
    }
  }

  async #snapshotIfDue(): Promise<void> {
    const records = this.#told - (this.#log.latestSnapshotId?.endOffset ?? 0);
    if (this.#bytesSinceSnapshot < SNAPSHOT_EVERY_BYTES && records < SNAPSHOT_EVERY_RECORDS) return;
    const content = this.#options.listener.snapshot();
    if (!content || content.endOffset > this.#told) return;
    this.#bytesSinceSnapshot = 0;
    const { endOffset, epoch, timestamp, values } = content;
    await this.#log.snapshot({ id: { endOffset, epoch }, timestamp, values, voters: this.#log.voters() });
  }
}

class FatalError extends Error {}

/** A log that begins after its only snapshot was damaged is of no use: everything is fetched again. */
function openLog(world: World, directory: string): MetadataLog {
  const log = MetadataLog.open(world, directory, { rewrite: false });
  if (log.latestSnapshotId || log.startOffset === 0) return log;
  world.log.warn('the copy of the metadata log has no beginning and is fetched again', { directory });
  log.abandon();
  for (const name of world.disk.list(directory))
    if (name !== 'quorum-state') world.disk.remove(`${directory}/${name}`);
  return MetadataLog.open(world, directory, { rewrite: false });
}
