import type { Uuid } from '../base/brand.ts';
import { DiskError } from '../base/disk.ts';
import { GuardedClock } from '../base/guarded-clock.ts';
import { reportFailure } from '../base/programmer-error.ts';
import type { TopicPartition } from '../base/topic-partition.ts';
import type { World } from '../base/world.ts';
import { readCleanShutdown, removeCleanShutdown, writeCleanShutdown } from './clean-shutdown.ts';
import { identify } from './directory-identity.ts';
import { type CheckpointName, LogCheckpoints } from './log-checkpoints.ts';
import { type CleanerLimits, LogCleaner } from './log-cleaner.ts';
import type { LogConfig } from './log-config.ts';
import { LogHousekeeping, type LogIntervals } from './log-housekeeping.ts';
import { LogOpening } from './log-opening.ts';
import type { NotStored } from './not-stored.ts';
import { DELETE_SUFFIX, folderName, STRAY_SUFFIX } from './partition-folder.ts';
import type { PartitionLog } from './partition-log.ts';
import { RetiredFolders } from './retired-folders.ts';
import type { SavedFile } from './saved-file.ts';
import { SharedStorage } from './shared-storage.ts';
import type { StorageError } from './storage-error.ts';
import { offsetsOf, type StoredLog, StoredLogs } from './stored-logs.ts';
import { SyncMarks } from './sync-marks.ts';
import { TopicIdFile } from './topic-id-file.ts';
import { readTrustedTime, trustedTimeFile } from './trusted-time.ts';

/** Enough to keep the threads that sync busy. */
const CLOSING_AT_ONCE = 32;

export interface LogDirectoryOptions {
  /** The broker's data folder; made when missing. */
  readonly path: string;
  readonly clusterId: string;
  readonly brokerId: number;
  /**
   * The config of a topic, as far as it is known; at the start no topic's is, and the logs that are opened
   * then wait for `updateConfig`.
   */
  readonly configOf: (topic: string) => LogConfig;
  readonly onStorageError: (error: StorageError) => void;
  readonly intervals?: Partial<LogIntervals>;
  readonly openFiles?: number;
  readonly tailBytes?: number;
  /** Asked each time, so that a change is in force at once. */
  readonly cleaner?: () => Partial<CleanerLimits>;
}

/** All logs of one broker, in one data folder. */
export class LogDirectory {
  readonly directoryId: Uuid;
  readonly shared: SharedStorage;
  readonly #world: World;
  readonly #options: LogDirectoryOptions;
  readonly #stored = new StoredLogs();
  readonly #checkpoints: LogCheckpoints;
  readonly #opening: LogOpening;
  readonly #retired: RetiredFolders;
  readonly #syncMarks: SyncMarks;
  readonly #trustedTime: SavedFile;
  readonly #housekeeping: LogHousekeeping;
  readonly #cleaner: LogCleaner;
  #closed = false;
  readonly #previousBrokerEpoch: number | null;

  /**
   * Opens every log in the folder, with recovery where the last stop was none. Throws RefusedStart when
   * the folder is another broker's, DiskError when it cannot be read.
   */
  static async open(world: World, options: LogDirectoryOptions): Promise<LogDirectory> {
    const { disk } = world;
    disk.makeDirectory(options.path);
    const directoryId = await identify(world, options);
    const brokerEpoch = readCleanShutdown(disk, options.path);
    const trusted = readTrustedTime(world, options.path);
    const guardedClock = new GuardedClock(world.clock, trusted);
    const syncMarks = new SyncMarks(disk, options.path, { clean: brokerEpoch !== null });
    const found = { directoryId, previousBrokerEpoch: brokerEpoch, guardedClock, syncMarks };
    const directory = new LogDirectory(world, options, found);
    // The trusted time is saved before there is anything that grows old: a jump of the clock before the
    // second start is not believed then.
    if (trusted === null) await directory.#saveTrustedTime();
    if (brokerEpoch !== null) await removeCleanShutdown(disk, options.path);
    // A process that was killed may have changed names here that the device does not know yet: the mark of an
    // earlier clean stop, or checkpoints that were lowered, would come back in a power loss.
    else await disk.syncDirectory(options.path);
    directory.#retired.removeOld();
    await directory.#opening.openAll(brokerEpoch !== null);
    directory.#housekeeping.start();
    directory.#cleaner.start();
    return directory;
  }

  private constructor(
    world: World,
    options: LogDirectoryOptions,
    found: {
      readonly directoryId: Uuid;
      readonly previousBrokerEpoch: number | null;
      readonly guardedClock: GuardedClock;
      readonly syncMarks: SyncMarks;
    },
  ) {
    this.#world = world;
    this.#options = options;
    this.directoryId = found.directoryId;
    this.#previousBrokerEpoch = found.previousBrokerEpoch;
    this.#syncMarks = found.syncMarks;
    this.shared = new SharedStorage(world, options, found.guardedClock);
    this.#trustedTime = trustedTimeFile(world, options.path, found.guardedClock);
    this.#checkpoints = new LogCheckpoints(world, options.path, (name) => this.#stored.checkpointed(name));
    this.#opening = new LogOpening(world, {
      path: options.path,
      configOf: options.configOf,
      onStorageError: options.onStorageError,
      shared: this.shared,
      checkpoints: this.#checkpoints,
      stored: this.#stored,
      syncMarks: found.syncMarks,
    });
    this.#retired = new RetiredFolders(world, options.path);
    this.#housekeeping = new LogHousekeeping(world, {
      logs: () => this.#stored.logs,
      checkpoint: (name) => this.checkpoint(name),
      saveTrustedTime: () => this.#saveTrustedTime(),
      intervals: options.intervals ?? {},
    });
    this.#cleaner = new LogCleaner(world, {
      logs: () => this.#stored.logs,
      checkpoint: () => this.checkpoint('cleanedUpTo'),
      limits: options.cleaner ?? (() => ({})),
    });
  }

  get path(): string {
    return this.#options.path;
  }

  /**
   * The epoch with which the broker stopped in order, and all its logs are here; otherwise null (KIP-966).
   */
  get previousBrokerEpoch(): number | null {
    return this.#stored.wasIncomplete ? null : this.#previousBrokerEpoch;
  }

  /** The clock by which everything of this broker that deletes because of age tells the time. */
  get guardedClock(): GuardedClock {
    return this.shared.guardedClock;
  }

  all(): IterableIterator<StoredLog> {
    return this.#stored.all();
  }

  get(topic: string, partition: number): StoredLog | undefined {
    return this.#stored.get(folderName({ topic, partition }));
  }

  /**
   * The log of a partition, made when there is none. One that could not be opened before is tried again, with
   * the checkpoints it had; so is one to which a write or a sync failed since. A log that was cut, or is in
   * doubt, counts when the device knows of that: until then NOT_READY. A folder that belongs to another topic
   * of the same name is refused, and so is one whose topic is not known, since a power loss took its id
   * before any of its records were synced: the caller makes it a stray. The files of a new folder speak of
   * nothing that was there before under its name: until the device has them so, NOT_READY; and as long as a
   * sync of an earlier life of the folder is under way.
   */
  create(of: TopicPartition, topicId: Uuid): StoredLog | NotStored {
    return this.#opening.create(of, topicId);
  }

  /** Whether anything is there under this name: an open log, or a folder. */
  holds(of: TopicPartition): boolean {
    const name = folderName(of);
    return this.#stored.get(name) !== undefined || this.#world.disk.exists(`${this.path}/${name}`);
  }

  /** Folders that should be open and are not. The id is null when it cannot be read either. */
  *unopened(): IterableIterator<TopicPartition & { readonly topicId: Uuid | null }> {
    for (const [name, { topic, partition }] of this.#stored.unopened())
      yield { topic, partition, topicId: this.#readTopicId(name) };
  }

  /**
   * The partition is gone from the cluster. The folder is renamed at once and emptied after this turn;
   * nothing happens when it is another topic's.
   */
  delete(of: TopicPartition, topicId: Uuid): void {
    const name = folderName(of);
    const owner = this.#stored.get(name)?.topicId ?? this.#readTopicId(name);
    if (owner !== null && owner !== topicId) return;
    const retired = this.#retire(of, DELETE_SUFFIX);
    if (retired) this.#world.clock.soon(() => this.#retired.remove(retired));
  }

  /**
   * The cluster does not know this partition, or knows another topic of its name: the folder is kept under a
   * name that is not opened again.
   */
  makeStray(of: TopicPartition): void {
    this.#retire(of, STRAY_SUFFIX);
  }

  /** The size of all open logs together. */
  get sizeInBytes(): number {
    let bytes = 0;
    for (const { log } of this.#stored.all()) bytes += log.sizeInBytes;
    return bytes;
  }

  /** Deletes what retention says, without waiting for its interval. */
  retain(): Promise<void> {
    return this.#housekeeping.retain();
  }

  /** Resolves when the checkpoint file has what holds now. */
  async checkpoint(name: CheckpointName): Promise<void> {
    // What is clean falls when a log is cut. A recovery point that passes the cut must not make it look clean
    // again.
    if (name === 'recoveryPoint') await this.#checkpoints.save('cleanedUpTo');
    await this.#checkpoints.save(name);
  }

  /**
   * Stops in order: every log is written, synced and closed, and the next start needs no recovery. When one
   * of them could not be, or could not even be opened, the mark of a clean stop is not set. Resolves in any
   * case.
   */
  async close(brokerEpoch: number): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#housekeeping.stop();
    this.#opening.stop();
    await this.#cleaner.stop();
    const logs = this.#stored.logs;
    let sound = !this.#stored.wasIncomplete;
    for (let i = 0; i < logs.length; i += CLOSING_AT_ONCE) {
      const closed = await Promise.all(logs.slice(i, i + CLOSING_AT_ONCE).map((log) => this.#closeLog(log)));
      sound &&= closed.every(Boolean);
    }
    try {
      await this.#opening.idsSynced;
      for (const name of ['recoveryPoint', 'logStartOffset', 'highWatermark'] as const) {
        await this.checkpoint(name);
      }
      await this.#saveTrustedTime();
      if (sound) await writeCleanShutdown(this.#world.disk, this.path, brokerEpoch);
    } catch (error) {
      reportFailure(this.#world, 'the stop is not marked as clean', { directory: this.path, error });
    }
    this.#syncMarks.close();
  }

  /** Stops as after a kill: nothing more is written. */
  abandon(): void {
    this.#closed = true;
    this.#housekeeping.stop();
    this.#opening.stop();
    this.#cleaner.abandon();
    for (const { log } of this.#stored.all()) log.abandon();
    this.#syncMarks.close();
  }

  #saveTrustedTime(): Promise<void> {
    this.#trustedTime.changed();
    return this.#trustedTime.saved();
  }

  async #closeLog(log: PartitionLog): Promise<boolean> {
    try {
      await log.close();
      return true;
    } catch (error) {
      reportFailure(this.#world, 'a log was not closed in order', { directory: log.directory, error });
      return false;
    }
  }

  /** Closes the log and renames its folder. Null when there is none, or it could not be renamed. */
  #retire(of: TopicPartition, ending: string): string | null {
    if (!this.holds(of)) return null;
    const name = folderName(of);
    const stored = this.#stored.get(name);
    const offsets = stored ? offsetsOf(stored.log) : this.#stored.unopenedAt(name)?.offsets;
    stored?.log.abandon();
    try {
      const retired = this.#retired.rename(of, ending);
      this.#stored.left(name);
      this.#syncMarks.left(name);
      return retired;
    } catch (cause) {
      this.#opening.failed(of, offsets ?? {}, cause);
      return null;
    }
  }

  #readTopicId(name: string): Uuid | null {
    try {
      return TopicIdFile.read(this.#world.disk, `${this.path}/${name}`, { clean: false })?.topicId ?? null;
    } catch (error) {
      if (error instanceof DiskError) return null;
      throw error;
    }
  }
}
