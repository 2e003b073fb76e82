import type { Uuid } from '../base/brand.ts';
import { crashOnProgrammerError, reportFailure } from '../base/programmer-error.ts';
import type { TopicPartition } from '../base/topic-partition.ts';
import type { World } from '../base/world.ts';
import type { LogCheckpoints, LogOffsets } from './log-checkpoints.ts';
import type { LogConfig } from './log-config.ts';
import type { NotStored } from './not-stored.ts';
import { folderName, replicaInName } from './partition-folder.ts';
import { PartitionLog } from './partition-log.ts';
import { ReopeningInDoubt } from './reopening-in-doubt.ts';
import type { SharedStorage } from './shared-storage.ts';
import { StorageError } from './storage-error.ts';
import { offsetsOf, type StoredLog, type StoredLogs } from './stored-logs.ts';
import type { SyncMarks } from './sync-marks.ts';
import { isBlank, TopicIdFile } from './topic-id-file.ts';

/** At start, as long as logs are opened without letting anything else run. */
const OPENING_SLICE_MS = 20;

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
  /** Logs that were opened in doubt or cut by recovery, until they are settled: see `#settle`. */
  readonly #settling = new Map<PartitionLog, Promise<void>>();
  readonly #reopening: ReopeningInDoubt;

  constructor(world: World, folder: DataFolder) {
    this.#world = world;
    this.#folder = folder;
    this.#stored = folder.stored;
    this.#reopening = new ReopeningInDoubt(world, folder, (of, topicId) => this.create(of, topicId));
  }

  /** Resolves when the device has the topic id of every folder that was made, as far as it takes them. */
  get idsSynced(): Promise<void> {
    return this.#idsSynced;
  }

  /**
   * Opens every log that lies in the folder; one that cannot be opened, or not be settled, is told to
   * `onStorageError`. `clean`: the last stop was in order, and no log needs recovery. Resolves when no log
   * waits to be settled. Throws DiskError when the folder cannot be listed.
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
    const unsettled = [...this.#stored.all()].filter(({ log }) => log.isUnsettled);
    await Promise.allSettled(unsettled.map((stored) => this.#settle(stored)));
    const ms = Math.round(clock.monotonic() - startedAt);
    logger.info('logs are open', { directory: path, logs: this.#stored.size, clean, ms });
  }

  /** `LogDirectory.create`. */
  create(of: TopicPartition, topicId: Uuid): StoredLog | NotStored {
    const name = folderName(of);
    const known = this.#stored.get(name);
    if (known?.topicId === topicId) {
      const settling = this.#settling.get(known.log);
      if (settling) return notSettled(name, settling);
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
      const reopened = earlier ? this.#reopening.begin(of, topicId, earlier.offsets) : null;
      if (reopened) return notSettled(name, reopened);
      disk.makeDirectory(folder);
      const owner = idFile ?? TopicIdFile.write(disk, folder, topicId);
      const log = this.#open(of, {
        clean: false,
        owner,
        offsets: earlier?.offsets ?? {},
        isReopened: earlier !== undefined,
        isRewritten: this.#reopening.takeRewritten(name),
      });
      const stored = { ...of, topicId, log };
      this.#stored.opened(stored);
      this.#syncSoon(owner, stored);
      return log.isUnsettled ? notSettled(name, this.#settle(stored)) : stored;
    } catch (cause) {
      this.failed(of, this.#stored.unopenedAt(name)?.offsets ?? {}, cause);
      return { error: 'KAFKA_STORAGE_ERROR', message: `${name} cannot be opened` };
    }
  }

  /** Nothing is written anew any more. */
  stop(): void {
    this.#reopening.stop();
  }

  /** A log that should be open is not. Told to `onStorageError`, once as long as it is not even opened. */
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
      readonly isRewritten?: boolean;
      readonly owner: TopicIdFile | null;
      readonly offsets: LogOffsets;
    },
  ): PartitionLog {
    const { offsets, owner, ...more } = known;
    const { path, configOf, shared } = this.#folder;
    return PartitionLog.open(this.#world, {
      ...more,
      ...offsets,
      recoveryPoint: offsets.recoveryPoint ?? 0,
      lowerCheckpoints: () => this.#lowerCheckpoints(of),
      ...(owner ? { syncOwner: () => owner.synced() } : {}),
      syncMark: this.#folder.syncMarks.of(folderName(of)),
      directory: `${path}/${folderName(of)}`,
      config: configOf(of.topic),
      onStorageError: (error) => this.#faultOf(of, error),
      shared,
    });
  }

  /** Of a log that is not settled, `#settle` tells that it cannot be opened; nothing worse has happened. */
  #faultOf(of: TopicPartition, error: StorageError): void {
    const log = this.#stored.get(folderName(of))?.log;
    if (log && this.#settling.has(log) && refusesAppends(error)) return;
    this.#folder.onStorageError(error);
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

  /**
   * A log that is in doubt, or that recovery cut, is open when it is settled: until then it has taken no
   * append in the life of this process, and counts for nothing. When its device refuses, it is shut again and
   * waits to be opened anew, as one that could not be opened; the process goes on with the other logs.
   * Rejects then, with StorageError; concurrent calls share.
   */
  #settle(stored: StoredLog): Promise<void> {
    const { log } = stored;
    const known = this.#settling.get(log);
    if (known) return known;
    const settled = this.#settleOrShut(stored).finally(() => this.#settling.delete(log));
    this.#settling.set(log, settled);
    // Whoever is not told of it here asks again.
    settled.catch(() => {});
    return settled;
  }

  async #settleOrShut(stored: StoredLog): Promise<void> {
    const { log } = stored;
    try {
      await log.settle();
      // Another flush may have failed since the one that settled it.
      if (log.fault && refusesAppends(log.fault)) throw log.fault;
    } catch (cause) {
      crashOnProgrammerError(this.#world, cause);
      // It is deleted, or the process stops: nothing has failed.
      if (log.isClosed) return;
      log.abandon();
      this.failed(stored, offsetsOf(log), cause);
      throw new StorageError('open', log.directory, { cause });
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

function refusesAppends({ fault }: StorageError): boolean {
  return fault === 'write' || fault === 'sync' || fault === 'full';
}

function notSettled(name: string, ready: Promise<void>): NotStored {
  return { error: 'NOT_READY', message: `${name} was cut or is in doubt, and is not settled yet`, ready };
}
