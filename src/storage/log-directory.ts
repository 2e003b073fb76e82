import type { Uuid } from '../base/brand.ts';
import { DiskError } from '../base/disk.ts';
import { GuardedClock } from '../base/guarded-clock.ts';
import { crashOnProgrammerError, reportFailure, supervise } from '../base/programmer-error.ts';
import type { World } from '../base/world.ts';
import { readCleanShutdown, removeCleanShutdown, writeCleanShutdown } from './clean-shutdown.ts';
import { identify } from './directory-identity.ts';
import { type CheckpointName, LogCheckpoints, type LogOffsets } from './log-checkpoints.ts';
import { type CleanerLimits, LogCleaner } from './log-cleaner.ts';
import type { LogConfig } from './log-config.ts';
import { LogHousekeeping, type LogIntervals } from './log-housekeeping.ts';
import {
  DELETE_SUFFIX,
  folderName,
  replicaInName,
  retiredName,
  STRAY_SUFFIX,
  type TopicPartition,
} from './partition-folder.ts';
import { PartitionLog } from './partition-log.ts';
import type { SavedFile } from './saved-file.ts';
import { SharedStorage } from './shared-storage.ts';
import { StorageError } from './storage-error.ts';
import { isBlank, TopicIdFile } from './topic-id-file.ts';
import { readTrustedTime, trustedTimeFile } from './trusted-time.ts';

/** At start, as long as logs are opened without letting anything else run. */
const OPENING_SLICE_MS = 20;
/** Enough to keep the threads that sync busy. */
const CLOSING_AT_ONCE = 32;

export interface LogDirectoryOptions {
  /** The broker's data folder; made when missing. */
  readonly path: string;
  readonly clusterId: string;
  readonly brokerId: number;
  /** As far as it is known; at the start no topic's is, and the logs that are opened then wait for `updateConfig`. */
  readonly configOf: (topic: string) => LogConfig;
  readonly onStorageError: (error: StorageError) => void;
  readonly intervals?: Partial<LogIntervals>;
  readonly openFiles?: number;
  readonly tailBytes?: number;
  /** Asked each time, so that a change is in force at once. */
  readonly cleaner?: () => Partial<CleanerLimits>;
}

export interface StoredLog extends TopicPartition {
  /** Null when `partition.metadata` was lost, as by a power loss before the first flush. */
  readonly topicId: Uuid | null;
  readonly log: PartitionLog;
}

/** Why a log was not made or opened. */
export type NotStored =
  | { readonly error: 'INCONSISTENT_TOPIC_ID' | 'KAFKA_STORAGE_ERROR'; readonly message: string }
  /** Checkpoint files still speak of an earlier life of the folder. To be asked again when `ready` resolves. */
  | { readonly error: 'NOT_READY'; readonly message: string; readonly ready: Promise<void> };

/** All logs of one broker, in one data folder. */
export class LogDirectory {
  readonly directoryId: Uuid;
  readonly shared: SharedStorage;
  readonly #world: World;
  readonly #options: LogDirectoryOptions;
  readonly #logs = new Map<string, StoredLog>();
  readonly #checkpoints: LogCheckpoints;
  readonly #trustedTime: SavedFile;
  readonly #housekeeping: LogHousekeeping;
  readonly #cleaner: LogCleaner;
  /** `partition.metadata` files of new folders, one after the other. */
  #idsSynced: Promise<void> = Promise.resolve();
  #closed = false;
  readonly #previousBrokerEpoch: number | null;
  /**
   * Folders whose logs are not open and should be: they could not be opened, or renamed when they were to go. With what
   * was known of them, which stays in the checkpoint files.
   */
  readonly #unopened = new Map<string, TopicPartition & { readonly offsets: LogOffsets }>();
  /** There was one: what it held is not here, however the broker stopped or stops. */
  #isIncomplete = false;

  /**
   * Opens every log in the folder, with recovery where the last stop was none. Throws LogDirectoryError when the
   * folder is another broker's, DiskError when it cannot be read.
   */
  static async open(world: World, options: LogDirectoryOptions): Promise<LogDirectory> {
    const { disk } = world;
    disk.makeDirectory(options.path);
    const directoryId = await identify(world, options);
    const brokerEpoch = readCleanShutdown(disk, options.path);
    const trusted = readTrustedTime(world, options.path);
    const guardedClock = new GuardedClock(world.clock, trusted);
    const found = { directoryId, previousBrokerEpoch: brokerEpoch, guardedClock };
    const directory = new LogDirectory(world, options, found);
    // Before anything is there that may grow old: a clock that jumps before the second start is not believed.
    if (trusted === null) await directory.#saveTrustedTime();
    if (brokerEpoch !== null) await removeCleanShutdown(disk, options.path);
    await directory.#openLogs(brokerEpoch !== null);
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
    },
  ) {
    this.#world = world;
    this.#options = options;
    this.directoryId = found.directoryId;
    this.#previousBrokerEpoch = found.previousBrokerEpoch;
    this.shared = new SharedStorage(world, options, found.guardedClock);
    this.#trustedTime = trustedTimeFile(world, options.path, found.guardedClock);
    this.#checkpoints = new LogCheckpoints(world, options.path, (name) => this.#checkpointed(name));
    this.#housekeeping = new LogHousekeeping(world, {
      logs: () => [...this.#logs.values()].map((stored) => stored.log),
      checkpoint: (name) => this.checkpoint(name),
      saveTrustedTime: () => this.#saveTrustedTime(),
      intervals: options.intervals ?? {},
    });
    this.#cleaner = new LogCleaner(world, {
      logs: () => [...this.#logs.values()].map((stored) => stored.log),
      checkpoint: () => this.checkpoint('cleanedUpTo'),
      limits: options.cleaner ?? (() => ({})),
    });
  }

  get path(): string {
    return this.#options.path;
  }

  /** The epoch with which the broker stopped in order, and all its logs are here; otherwise null (KIP-966). */
  get previousBrokerEpoch(): number | null {
    return this.#isIncomplete ? null : this.#previousBrokerEpoch;
  }

  /** By which everything of this broker that deletes because of age tells the time. */
  get guardedClock(): GuardedClock {
    return this.shared.guardedClock;
  }

  all(): IterableIterator<StoredLog> {
    return this.#logs.values();
  }

  get(topic: string, partition: number): StoredLog | undefined {
    return this.#logs.get(folderName({ topic, partition }));
  }

  /**
   * The log of a partition, made when there is none. One that could not be opened before is tried again, with the
   * checkpoints it had; so is one to which a write failed since, and one whose sync failed stays shut. A folder that belongs to another topic of the same name is refused, and so is one whose topic is
   * not known, since a power loss took its id before any of its records were synced: the caller makes it a stray.
   * The files of a new folder speak of nothing that was there before under its name: until the device has them so,
   * NOT_READY.
   */
  create(of: TopicPartition, topicId: Uuid): StoredLog | NotStored {
    const name = folderName(of);
    const known = this.#logs.get(name);
    if (known?.topicId === topicId) {
      const fault = known.log.fault?.fault;
      if (fault !== 'write' && fault !== 'sync') return known;
      if (fault === 'sync') return { error: 'KAFKA_STORAGE_ERROR', message: `${name}: a sync failed` };
      this.#shut(known);
    }
    try {
      const { disk } = this.#world;
      const folder = `${this.path}/${name}`;
      const exists = disk.exists(folder);
      const idFile = exists ? TopicIdFile.read(disk, folder) : null;
      const isNameless = exists && !idFile && !isBlank(disk, folder);
      if (this.#logs.has(name) || isNameless || (idFile && idFile.topicId !== topicId)) {
        const owner = idFile ? `topic id ${idFile.topicId}` : 'a topic whose id was lost';
        return { error: 'INCONSISTENT_TOPIC_ID', message: `${name} belongs to ${owner}` };
      }
      if (!exists && this.#unopened.has(name)) this.#unopened.set(name, { ...of, offsets: {} });
      const earlier = exists ? this.#unopened.get(name) : undefined;
      const ready = earlier ? null : this.#checkpoints.forgotten(name);
      if (ready) return { error: 'NOT_READY', message: `${name} had an earlier life`, ready };
      disk.makeDirectory(folder);
      const owner = idFile ?? TopicIdFile.write(disk, folder, topicId);
      const log = this.#open(of, { clean: false, owner, offsets: earlier?.offsets ?? {} });
      const stored = { ...of, topicId, log };
      this.#logs.set(name, stored);
      this.#unopened.delete(name);
      this.#syncSoon(owner, stored);
      if (log.isUnsettled) supervise(this.#world, this.#settle([stored]));
      return stored;
    } catch (cause) {
      this.#notOpen(of, this.#unopened.get(name)?.offsets ?? {}, cause);
      return { error: 'KAFKA_STORAGE_ERROR', message: `${name} cannot be opened` };
    }
  }

  /** A write to it failed: only a recovery tells what it has, so that it must be opened anew. */
  #shut({ topic, partition, log }: StoredLog): void {
    const name = folderName({ topic, partition });
    log.abandon();
    this.#logs.delete(name);
    this.#unopened.set(name, { topic, partition, offsets: offsetsOf(log) });
  }

  /** Whether anything is there under this name: an open log, or a folder. */
  holds(of: TopicPartition): boolean {
    const name = folderName(of);
    return this.#logs.has(name) || this.#world.disk.exists(`${this.path}/${name}`);
  }

  /** Folders that should be open and are not. The id is null when it cannot be read either. */
  *unopened(): IterableIterator<TopicPartition & { readonly topicId: Uuid | null }> {
    for (const [name, { topic, partition }] of this.#unopened)
      yield { topic, partition, topicId: this.#readTopicId(name) };
  }

  /**
   * The partition is gone from the cluster. The folder is renamed at once and emptied after this turn; nothing happens
   * when it is another topic's.
   */
  delete(of: TopicPartition, topicId: Uuid): void {
    const name = folderName(of);
    const owner = this.#logs.get(name)?.topicId ?? this.#readTopicId(name);
    if (owner !== null && owner !== topicId) return;
    const retired = this.#retire(of, DELETE_SUFFIX);
    if (retired) this.#world.clock.soon(() => this.#remove(retired));
  }

  /** Nobody knows this partition, or not as this topic's: kept aside under a name that is not opened again. */
  makeStray(of: TopicPartition): void {
    this.#retire(of, STRAY_SUFFIX);
  }

  /** What all open logs have. */
  get sizeInBytes(): number {
    let bytes = 0;
    for (const { log } of this.#logs.values()) bytes += log.sizeInBytes;
    return bytes;
  }

  /** Deletes what retention lets go, without waiting for its interval. */
  retain(): Promise<void> {
    return this.#housekeeping.retain();
  }

  /** Resolves when the checkpoint file has what holds now. */
  async checkpoint(name: CheckpointName): Promise<void> {
    // What is clean falls when a log is cut. A recovery point that passes the cut must not make it look clean again.
    if (name === 'recoveryPoint') await this.#checkpoints.save('cleanedUpTo');
    await this.#checkpoints.save(name);
  }

  /** Before anything is in the place of what was cut off a log. */
  async #lowerCheckpoints(of: TopicPartition): Promise<void> {
    const name = folderName(of);
    const stored = this.#logs.get(name);
    if (stored) await this.#checkpoints.lowered(name, offsetsOf(stored.log));
  }

  /**
   * Stops in order: every log is written, synced and closed, and the next start needs no recovery. When one of them
   * could not be, or could not even be opened, the mark of a clean stop is not set. Resolves in any case.
   */
  async close(brokerEpoch: number): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#housekeeping.stop();
    await this.#cleaner.stop();
    const logs = [...this.#logs.values()].map((stored) => stored.log);
    let sound = !this.#isIncomplete;
    for (let i = 0; i < logs.length; i += CLOSING_AT_ONCE) {
      const closed = await Promise.all(logs.slice(i, i + CLOSING_AT_ONCE).map((log) => this.#closeLog(log)));
      sound &&= closed.every(Boolean);
    }
    try {
      await this.#idsSynced;
      for (const name of ['recoveryPoint', 'logStartOffset', 'highWatermark'] as const) {
        await this.checkpoint(name);
      }
      await this.#saveTrustedTime();
      if (sound) await writeCleanShutdown(this.#world.disk, this.path, brokerEpoch);
    } catch (error) {
      reportFailure(this.#world, 'the stop is not marked as clean', { directory: this.path, error });
    }
  }

  /** As after a kill: nothing more is written. */
  abandon(): void {
    this.#closed = true;
    this.#housekeeping.stop();
    this.#cleaner.abandon();
    for (const { log } of this.#logs.values()) log.abandon();
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

  async #openLogs(clean: boolean): Promise<void> {
    const { disk, clock, log: logger } = this.#world;
    const startedAt = clock.monotonic();
    let pausedAt = startedAt;
    for (const name of disk.list(this.path)) {
      const folder = `${this.path}/${name}`;
      if (name.endsWith(DELETE_SUFFIX)) this.#remove(folder);
      const of = replicaInName(name);
      if (!of) continue;
      const offsets = this.#checkpoints.onDevice(name);
      try {
        const owner = TopicIdFile.read(disk, folder);
        const log = this.#open(of, { clean, isConfigProvisional: true, owner, offsets });
        this.#logs.set(name, { ...of, topicId: owner?.topicId ?? null, log });
      } catch (cause) {
        this.#notOpen(of, offsets, cause);
      }
      if (clock.monotonic() - pausedAt < OPENING_SLICE_MS) continue;
      await new Promise<void>((done) => {
        clock.soon(done);
      });
      pausedAt = clock.monotonic();
    }
    await this.#settle([...this.#logs.values()].filter(({ log }) => log.isUnsettled));
    const ms = Math.round(clock.monotonic() - startedAt);
    logger.info('logs are open', { directory: this.path, logs: this.#logs.size, clean, ms });
  }

  /** Logs that recovery cut. One that cannot is left with its fault; it takes no append. */
  async #settle(cut: readonly StoredLog[]): Promise<void> {
    const settled = await Promise.allSettled(cut.map(({ log }) => log.settle()));
    for (const [i, result] of settled.entries()) {
      if (result.status === 'fulfilled') continue;
      reportFailure(this.#world, 'a log that recovery cut cannot go on', {
        directory: cut[i]?.log.directory,
        error: result.reason,
      });
    }
  }

  #open(
    of: TopicPartition,
    known: {
      readonly clean: boolean;
      readonly isConfigProvisional?: boolean;
      readonly owner: TopicIdFile | null;
      readonly offsets: LogOffsets;
    },
  ): PartitionLog {
    const { offsets, owner, ...more } = known;
    return PartitionLog.open(this.#world, {
      ...more,
      ...offsets,
      recoveryPoint: offsets.recoveryPoint ?? 0,
      lowerCheckpoints: () => this.#lowerCheckpoints(of),
      ...(owner ? { syncOwner: () => owner.synced() } : {}),
      directory: `${this.path}/${folderName(of)}`,
      config: this.#options.configOf(of.topic),
      onStorageError: this.#options.onStorageError,
      shared: this.shared,
    });
  }

  #checkpointed(name: CheckpointName): { topic: string; partition: number; offset: number }[] {
    const entries = [];
    for (const { topic, partition, log } of this.#logs.values()) {
      const offset = offsetsOf(log)[name];
      const implied = name === 'logStartOffset' && log.logStartOffset <= (log.segmentBaseOffsets[0] ?? 0);
      if (!implied && offset !== undefined) entries.push({ topic, partition, offset });
    }
    for (const { topic, partition, offsets } of this.#unopened.values()) {
      const offset = offsets[name];
      if (offset !== undefined) entries.push({ topic, partition, offset });
    }
    return entries;
  }

  #retire(of: TopicPartition, ending: string): string | null {
    const name = folderName(of);
    const stored = this.#logs.get(name);
    const folder = `${this.path}/${name}`;
    if (!stored && !this.#world.disk.exists(folder)) return null;
    const offsets = stored ? offsetsOf(stored.log) : this.#unopened.get(name)?.offsets;
    stored?.log.abandon();
    const id = Buffer.from(this.#world.random.bytes(16)).toString('hex');
    const retired = `${this.path}/${retiredName(of, id, ending)}`;
    try {
      this.#world.disk.rename(folder, retired);
      this.#logs.delete(name);
      this.#unopened.delete(name);
      return retired;
    } catch (cause) {
      this.#notOpen(of, offsets ?? {}, cause);
      return null;
    }
  }

  /** Told once, however often it is tried again. */
  #notOpen({ topic, partition }: TopicPartition, offsets: LogOffsets, cause: unknown): void {
    crashOnProgrammerError(this.#world, cause);
    const name = folderName({ topic, partition });
    this.#logs.delete(name);
    this.#isIncomplete = true;
    const isKnown = this.#unopened.has(name);
    this.#unopened.set(name, { topic, partition, offsets });
    if (!isKnown) this.#options.onStorageError(new StorageError('open', `${this.path}/${name}`, { cause }));
  }

  #readTopicId(name: string): Uuid | null {
    try {
      return TopicIdFile.read(this.#world.disk, `${this.path}/${name}`)?.topicId ?? null;
    } catch (error) {
      if (error instanceof DiskError) return null;
      throw error;
    }
  }

  #remove(folder: string): void {
    try {
      this.#world.disk.removeDirectory(folder);
    } catch (error) {
      // The next start finds it by its name and tries again.
      this.#world.log.warn('a deleted log could not be removed', { folder, error });
    }
  }

  /** Also of a partition that is not written to: without its id it would be a stray after a power loss. */
  #syncSoon(idFile: TopicIdFile, stored: StoredLog): void {
    const { log } = stored;
    this.#idsSynced = this.#idsSynced
      .then(() => (log.isClosed ? undefined : idFile.synced()))
      .catch((error: unknown) => {
        const { directory } = log;
        if (!log.isClosed)
          reportFailure(this.#world, 'partition.metadata was not synced', { directory, error });
      });
  }
}

function offsetsOf(log: PartitionLog): LogOffsets {
  return {
    recoveryPoint: log.recoveryPoint,
    logStartOffset: log.logStartOffset,
    highWatermark: log.highWatermark,
    cleanedUpTo: log.cleanedUpTo ?? undefined,
  };
}
