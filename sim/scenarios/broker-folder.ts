import { DiskError, type DiskErrorCode } from '../../src/base/disk.ts';
import { below, type Random } from '../../src/base/random.ts';
import { formatOffsets, parseOffsets } from '../../src/storage/checkpoint-file.ts';
import { writeCleanShutdown } from '../../src/storage/clean-shutdown.ts';
import { type CheckpointName, checkpointFiles } from '../../src/storage/log-checkpoints.ts';
import { defaultLogConfig, type LogConfig } from '../../src/storage/log-config.ts';
import { LogDirectory } from '../../src/storage/log-directory.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import { CheckpointError, StorageError } from '../../src/storage/storage-error.ts';
import { chance, pick } from '../chance.ts';
import type { SimHost } from '../sim-host.ts';
import type { Simulation } from '../simulation.ts';

const DATA = '/data';
const PARTITION = { topic: 'topic', partition: 0 } as const;
/** The folder of the one partition's log. */
export const FOLDER = `${DATA}/topic-0`;
const CHECKPOINTS = Object.keys(checkpointFiles) as CheckpointName[];
const REFUSALS: readonly [DiskErrorCode, DiskErrorCode] = ['EMFILE', 'EIO'];
/** Attempts to make a log; after these the life ends. */
const TRIES = 5;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface BrokerFolderOptions {
  /** The config of the topic. */
  readonly config: LogConfig;
  readonly tailBytes: number;
  /** The wall clock may be set days ahead or back between two lives. */
  readonly clockJumps: boolean;
}

/**
 * The data folder of a broker with one partition, over the lives of its process. It does what a broker does:
 * opens logs with their checkpoint files, which may be old or missing, before any topic's config is known;
 * some logs do not open; a folder of another topic is put aside; clocks are wrong by days.
 */
export class BrokerFolder {
  readonly #simulation: Simulation;
  readonly #host: SimHost;
  readonly #random: Random;
  readonly #options: BrokerFolderOptions;
  #directory: LogDirectory | null = null;
  #topics = 1;
  /** The contents of the checkpoint files; nothing is known of files that were lost. */
  readonly #saved = { logStartOffset: 0, highWatermark: 0 };

  constructor(simulation: Simulation, host: SimHost, options: BrokerFolderOptions) {
    this.#simulation = simulation;
    this.#host = host;
    this.#random = simulation.fork('broker folder');
    this.#options = options;
  }

  get directory(): LogDirectory {
    if (!this.#directory) throw new Error('the folder is not open');
    return this.#directory;
  }

  /** The id of the topic that has the name now. */
  get topicId(): string {
    return `topic-${String(this.#topics).padStart(16, '0')}`;
  }

  /** Opens the log of the topic; null if the process died before that. */
  async open(more: { readonly pretendClean?: boolean } = {}): Promise<PartitionLog | null> {
    const random = this.#random;
    this.#loseCheckpoints();
    const world = this.#host.start();
    // No broker can detect a clock that was wrong from its very first start.
    if (this.#options.clockJumps && this.#directory && chance(random, 0.3))
      this.#host.clockSkewMs = (below(random, 15) - 7) * DAY_MS;
    if (more.pretendClean) {
      world.disk.makeDirectory(DATA);
      await writeCleanShutdown(world.disk, DATA, 1);
    }
    if (chance(random, 0.05)) this.#becomeAnother();
    if (chance(random, 0.2)) this.#host.crashAfter(1 + below(random, 60), { isKill: chance(random, 0.4) });
    if (chance(random, 0.1)) {
      this.#host.faults.refused = { folder: FOLDER, code: pick(random, REFUSALS) };
      if (chance(random, 0.5)) this.#becomeAnother();
    }
    const directory = await this.#alive(this.#openDirectory());
    this.#host.faults.refused = null;
    if (!directory) return null;
    this.#directory = directory;
    const log = await this.#take(directory);
    if (!log || !this.#host.alive) return this.#die();
    // A log that did not open at first may have been truncated by its recovery.
    if (log.isUnsettled) await this.#alive(log.settle());
    if (!this.#host.alive) return this.#die();
    this.#checkSaved(log);
    log.updateConfig(this.#options.config);
    if (!this.#host.alive) return this.#die();
    this.#host.crashAfter(Number.POSITIVE_INFINITY);
    return log;
  }

  /**
   * Deletes the topic and makes it again, or, with the same id, moves the partition away and back. Null if a
   * failing disk ended the broker.
   */
  async remake(sameId: boolean): Promise<PartitionLog | null> {
    const { directory } = this;
    if (chance(this.#random, 0.1)) this.#host.faults.renameEio = 1;
    if (chance(this.#random, 0.5)) directory.delete(PARTITION, this.topicId);
    else directory.makeStray(PARTITION);
    if (sameId) this.#forget();
    else this.#becomeAnother();
    const log = await this.again();
    this.#host.faults.renameEio = 0;
    return log;
  }

  /**
   * Asks for the log once more: one to which a write failed is opened anew. Null if a failing disk ended the
   * broker.
   */
  async again(): Promise<PartitionLog | null> {
    const log = await this.#take(this.directory);
    if (!log) return this.#die();
    log.updateConfig(this.#options.config);
    return log;
  }

  /** Writes some checkpoint files, as a broker's timers do at different times. */
  async checkpoint(log: PartitionLog): Promise<void> {
    const name = CHECKPOINTS[below(this.#random, CHECKPOINTS.length)] ?? 'recoveryPoint';
    const { logStartOffset, highWatermark } = log;
    try {
      await this.#alive(this.directory.checkpoint(name));
    } catch (error) {
      if (!isOfDisk(error)) throw error;
      return;
    }
    if (!this.#host.alive) return;
    // The log start is not written when the first segment begins with it: then a power loss may bring back
    // deleted records.
    const isWritten = log.logStartOffset > (log.segmentBaseOffsets[0] ?? 0);
    if (name === 'logStartOffset' && isWritten) {
      this.#saved.logStartOffset = Math.max(this.#saved.logStartOffset, logStartOffset);
    }
    if (name === 'highWatermark') this.#saved.highWatermark = highWatermark;
  }

  /** The log was truncated: the saved offsets may lie beyond its end. */
  cut(): void {
    this.#forget();
  }

  /** Whether it was stopped in order, so that the next start trusts what it finds. */
  async close(): Promise<boolean> {
    await this.#alive(this.directory.close(1));
    return this.#host.alive && this.#host.world.disk.exists(`${DATA}/.kafka_cleanshutdown`);
  }

  /** Waits for work of the process; null if the process dies before it is done. */
  async #alive<T>(work: Promise<T>): Promise<T | null> {
    const dead = this.#simulation
      .until(() => !this.#host.alive, 1_000_000)
      .then(
        () => null,
        () => null,
      );
    const result = await Promise.race([work, dead]);
    return this.#host.alive ? result : null;
  }

  #openDirectory(): Promise<LogDirectory> {
    return LogDirectory.open(this.#host.world, {
      path: DATA,
      clusterId: 'simulated',
      brokerId: 1,
      configOf: () => defaultLogConfig,
      onStorageError: () => {},
      tailBytes: this.#options.tailBytes,
      cleaner: () => ({ enabled: false }),
    });
  }

  /**
   * Does what a broker does after it has read which topics exist: puts folders of other topics aside, and
   * asks again for logs that must wait.
   */
  async #take(directory: LogDirectory): Promise<PartitionLog | null> {
    for (let tries = 0; tries < TRIES && this.#host.alive; tries++) {
      const made = directory.create(PARTITION, this.topicId);
      if (!('error' in made)) return made.log;
      this.#simulation.note(`not made: ${made.error}`);
      if (made.error === 'INCONSISTENT_TOPIC_ID') {
        directory.makeStray(PARTITION);
        // The saved offsets belong to the folder that is put aside. The log's model decides whether that may
        // be lost.
        this.#forget();
      }
      if (made.error === 'NOT_READY') await this.#alive(made.ready.catch(() => {}));
    }
    return null;
  }

  #die(): null {
    this.#host.kill();
    this.#host.crashAfter(Number.POSITIVE_INFINITY);
    return null;
  }

  #checkSaved(log: PartitionLog): void {
    const { logStartOffset, highWatermark } = this.#saved;
    if (log.logStartOffset < logStartOffset) {
      throw new Error(`the log starts at ${log.logStartOffset}, though ${logStartOffset} was saved`);
    }
    if (log.highWatermark < Math.min(highWatermark, log.endOffset)) {
      throw new Error(`the high watermark is ${log.highWatermark}, though ${highWatermark} was saved`);
    }
    // A recovery that truncated the log lowers the saved offsets.
    this.#saved.logStartOffset = Math.min(logStartOffset, log.logStartOffset);
    this.#saved.highWatermark = Math.min(highWatermark, log.highWatermark);
  }

  /** The topic is made again under its name. */
  #becomeAnother(): void {
    this.#topics++;
    this.#forget();
  }

  #forget(): void {
    this.#saved.logStartOffset = 0;
    this.#saved.highWatermark = 0;
  }

  /**
   * Removes checkpoint files, or replaces them by older ones: each entry has a lower offset or is missing.
   */
  #loseCheckpoints(): void {
    const random = this.#random;
    const { files } = this.#host;
    if (!chance(random, 0.2)) return;
    for (const name of Object.values(checkpointFiles)) {
      const file = files.file(`${DATA}/${name}`);
      if (!file || chance(random, 0.5)) continue;
      this.#simulation.note(`${name} is lost`);
      this.#forget();
      if (chance(random, 0.5)) {
        files.remove(`${DATA}/${name}`);
        files.settle(files.position(DATA));
        continue;
      }
      const bytes = Buffer.alloc(file.size);
      file.read(0, bytes);
      const entries = parseOffsets(bytes.toString()) ?? [];
      const older = entries.map((entry) => ({ ...entry, offset: below(random, entry.offset + 1) }));
      file.truncate(0);
      file.write(0, Buffer.from(formatOffsets(older)));
      file.settle(file.position());
    }
  }
}

/**
 * Whether a disk that fails can cause this error. A log that is closed during a flush reports the disk's
 * error as it is.
 */
export function isOfDisk(error: unknown): boolean {
  return error instanceof StorageError || error instanceof CheckpointError || error instanceof DiskError;
}
