import type { Uuid } from '../base/brand.ts';
import { crashOnProgrammerError, reportFailure, supervise } from '../base/programmer-error.ts';
import type { TopicPartition } from '../base/topic-partition.ts';
import type { World } from '../base/world.ts';
import type { LogCheckpoints, LogOffsets } from './log-checkpoints.ts';
import type { LogConfig } from './log-config.ts';
import { folderName, replicaInName } from './partition-folder.ts';
import { PartitionLog } from './partition-log.ts';
import type { SharedStorage } from './shared-storage.ts';
import { StorageError } from './storage-error.ts';
import { offsetsOf, type StoredLog, type StoredLogs } from './stored-logs.ts';
import type { SyncMarks } from './sync-marks.ts';
import { isBlank, TopicIdFile } from './topic-id-file.ts';

/** At start, as long as logs are opened without letting anything else run. */
const OPENING_SLICE_MS = 20;

/** Why a log was not made or opened. */
export type NotStored =
  | { readonly error: 'INCONSISTENT_TOPIC_ID' | 'KAFKA_STORAGE_ERROR'; readonly message: string }
  /**
   * Checkpoint files still speak of an earlier life of the folder, or a sync of that is under way. To be
   * asked again when `ready` resolves.
   */
  | { readonly error: 'NOT_READY'; readonly message: string; readonly ready: Promise<void> };

/** The data folder in which logs are opened. */
interface DataFolder {
  readonly path: string;
  /**
   * The config of a topic, as far as it is known; at the start no topic's is, and the logs that are opened
   * then wait for `updateConfig`.
   */
  readonly configOf: (topic: string) => LogConfig;
  readonly onStorageError: (error: StorageError) => void;
  readonly shared: SharedStorage;
  readonly checkpoints: LogCheckpoints;
  readonly stored: StoredLogs;
  readonly syncMarks: SyncMarks;
}

/** Opens and makes the logs of one data folder, and keeps `stored` of it true. */
export class LogOpening {
  readonly #world: World;
  readonly #folder: DataFolder;
  readonly #stored: StoredLogs;
  /** `partition.metadata` files of new folders, one after the other. */
  #idsSynced: Promise<void> = Promise.resolve();

  constructor(world: World, folder: DataFolder) {
    this.#world = world;
    this.#folder = folder;
    this.#stored = folder.stored;
  }

  /** Resolves when the device has the topic id of every folder that was made, as far as it takes them. */
  get idsSynced(): Promise<void> {
    return this.#idsSynced;
  }

  /**
   * Opens every log that lies in the folder; one that cannot be opened is told to `onStorageError`. `clean`:
   * the last stop was in order, and no log needs recovery. Resolves when those that recovery cut are settled.
   * Throws DiskError when the folder cannot be listed.
   */
  async openAll(clean: boolean): Promise<void> {
    const { disk, clock, log: logger } = this.#world;
    const { path, checkpoints } = this.#folder;
    const startedAt = clock.monotonic();
    let pausedAt = startedAt;
    for (const name of disk.list(path)) {
      const of = replicaInName(name);
      if (!of) continue;
      const offsets = checkpoints.onDevice(name);
      try {
        const owner = TopicIdFile.read(disk, `${path}/${name}`, { clean });
        const log = this.#open(of, { clean, isConfigProvisional: true, owner, offsets });
        this.#stored.opened({ ...of, topicId: owner?.topicId ?? null, log });
      } catch (cause) {
        this.failed(of, offsets, cause);
      }
      if (clock.monotonic() - pausedAt < OPENING_SLICE_MS) continue;
      await new Promise<void>((done) => {
        clock.soon(done);
      });
      pausedAt = clock.monotonic();
    }
    await this.#settle([...this.#stored.all()].filter(({ log }) => log.isUnsettled));
    const ms = Math.round(clock.monotonic() - startedAt);
    logger.info('logs are open', { directory: path, logs: this.#stored.size, clean, ms });
  }

  /** `LogDirectory.create`. */
  create(of: TopicPartition, topicId: Uuid): StoredLog | NotStored {
    const name = folderName(of);
    const known = this.#stored.get(name);
    if (known?.topicId === topicId) {
      const fault = known.log.fault?.fault;
      if (fault !== 'write' && fault !== 'sync') return known;
      // Only a recovery tells what it has, so that it must be opened anew. What a failed sync may have left
      // out is then written once more: see `SyncMarks`.
      known.log.abandon();
      this.#stored.shut(known);
    }
    try {
      const { disk } = this.#world;
      const folder = `${this.#folder.path}/${name}`;
      const exists = disk.exists(folder);
      const idFile = exists ? TopicIdFile.read(disk, folder, { clean: false }) : null;
      const isNameless = exists && !idFile && !isBlank(disk, folder);
      if (this.#stored.get(name) || isNameless || (idFile && idFile.topicId !== topicId)) {
        const owner = idFile ? `topic id ${idFile.topicId}` : 'a topic whose id was lost';
        return { error: 'INCONSISTENT_TOPIC_ID', message: `${name} belongs to ${owner}` };
      }
      if (!exists) {
        this.#stored.forgetOffsets(of);
        this.#folder.syncMarks.left(name);
      }
      // It may fail, and only then is what it should have written to be written anew.
      const syncing = this.#folder.syncMarks.of(name).ended;
      if (syncing) return { error: 'NOT_READY', message: `a sync of ${name} is under way`, ready: syncing };
      const earlier = exists ? this.#stored.unopenedAt(name) : undefined;
      const ready = earlier ? null : this.#folder.checkpoints.forgotten(name);
      if (ready) return { error: 'NOT_READY', message: `${name} had an earlier life`, ready };
      disk.makeDirectory(folder);
      const owner = idFile ?? TopicIdFile.write(disk, folder, topicId);
      const log = this.#open(of, {
        clean: false,
        owner,
        offsets: earlier?.offsets ?? {},
        isReopened: earlier !== undefined,
      });
      const stored = { ...of, topicId, log };
      this.#stored.opened(stored);
      this.#syncSoon(owner, stored);
      if (log.isUnsettled) supervise(this.#world, this.#settle([stored]));
      return stored;
    } catch (cause) {
      this.failed(of, this.#stored.unopenedAt(name)?.offsets ?? {}, cause);
      return { error: 'KAFKA_STORAGE_ERROR', message: `${name} cannot be opened` };
    }
  }

  /** A log that should be open is not. Told once to `onStorageError`, however often it is tried again. */
  failed(of: TopicPartition, offsets: LogOffsets, cause: unknown): void {
    crashOnProgrammerError(this.#world, cause);
    const { path, onStorageError } = this.#folder;
    if (this.#stored.failed(of, offsets))
      onStorageError(new StorageError('open', `${path}/${folderName(of)}`, { cause }));
  }

  #open(
    of: TopicPartition,
    known: {
      readonly clean: boolean;
      readonly isConfigProvisional?: boolean;
      readonly isReopened?: boolean;
      readonly owner: TopicIdFile | null;
      readonly offsets: LogOffsets;
    },
  ): PartitionLog {
    const { offsets, owner, ...more } = known;
    const { path, configOf, onStorageError, shared } = this.#folder;
    return PartitionLog.open(this.#world, {
      ...more,
      ...offsets,
      recoveryPoint: offsets.recoveryPoint ?? 0,
      lowerCheckpoints: () => this.#lowerCheckpoints(of),
      ...(owner ? { syncOwner: () => owner.synced() } : {}),
      syncMark: this.#folder.syncMarks.of(folderName(of)),
      directory: `${path}/${folderName(of)}`,
      config: configOf(of.topic),
      onStorageError,
      shared,
    });
  }

  /**
   * Resolves when no checkpoint file on the device counts on what was cut off: before anything takes its
   * place.
   */
  async #lowerCheckpoints(of: TopicPartition): Promise<void> {
    const name = folderName(of);
    const stored = this.#stored.get(name);
    if (stored) await this.#folder.checkpoints.lowered(name, offsetsOf(stored.log));
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

  /**
   * Syncs the topic id also of a partition that is not written to: without it the folder would be a stray
   * after a power loss.
   */
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
