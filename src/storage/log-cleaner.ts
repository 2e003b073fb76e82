import type { Timer } from '../base/clock.ts';
import { DiskError } from '../base/disk.ts';
import { reportFailure } from '../base/programmer-error.ts';
import type { World } from '../base/world.ts';
import { RecordError } from '../protocol/records/record-error.ts';
import { Compaction } from './compaction.ts';
import { type CleanableRange, cleanableRange, dirtyRatio, isWorthCleaning } from './compaction-rules.ts';
import { HASH_BYTES } from './key-hash.ts';
import { KeyOffsets } from './key-offsets.ts';
import type { PartitionLog } from './partition-log.ts';
import { StorageError } from './storage-error.ts';

/**
 * Under Kafka's config names. Its threads and their buffers have no counterpart here: one log at a time, in
 * steps.
 */
export interface CleanerLimits {
  /** log.cleaner.enable */
  readonly enabled: boolean;
  /** log.cleaner.backoff.ms: how long after a look that found nothing to do. */
  readonly backoffMs: number;
  /**
   * log.cleaner.dedupe.buffer.size: memory for keys while one log is compacted; a larger log takes several
   * rounds.
   */
  readonly keyBytes: number;
}

const DEFAULTS: CleanerLimits = {
  enabled: true,
  backoffMs: 15 * 1000,
  // Two million keys; Kafka takes 128 MiB, and several of our brokers share a machine.
  keyBytes: 64 * 1024 * 1024,
};

/** Logs that are looked at before other work gets its turn. */
const SLICE = 25;
/** A disk that refused is not asked again at once. */
const RETRY_MS = 60 * 1000;

interface Candidate {
  readonly log: PartitionLog;
  readonly range: CleanableRange;
}

/** Compacts the logs of a data folder, one at a time, the one with the largest dirty share first. */
export class LogCleaner {
  readonly #world: World;
  readonly #logs: () => readonly PartitionLog[];
  readonly #checkpoint: () => Promise<void>;
  readonly #limits: () => Partial<CleanerLimits>;
  readonly #secret: Uint8Array;
  /** Logs with a batch that cannot be read; they are not cleaned until they are opened again. */
  readonly #uncleanable = new WeakSet<PartitionLog>();
  /** Monotonic time before which a log is not tried again. */
  readonly #retryAt = new WeakMap<PartitionLog, number>();
  #timer: Timer | null = null;
  #round: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(
    world: World,
    directory: {
      readonly logs: () => readonly PartitionLog[];
      /** Writes cleaner-offset-checkpoint from `cleanedUpTo` of the logs. */
      readonly checkpoint: () => Promise<void>;
      /** Asked before each look, so that a change is in force at once. */
      readonly limits: () => Partial<CleanerLimits>;
    },
  ) {
    this.#world = world;
    this.#logs = directory.logs;
    this.#checkpoint = directory.checkpoint;
    this.#limits = directory.limits;
    this.#secret = world.random.bytes(HASH_BYTES);
  }

  start(): void {
    const { enabled, backoffMs } = { ...DEFAULTS, ...this.#limits() };
    if (this.#stopped || !enabled) return;
    this.#timer = this.#world.clock.after(backoffMs, () => {
      this.#round = this.#cleanAll()
        .catch((error: unknown) => {
          reportFailure(this.#world, 'the log cleaner failed', { error });
        })
        .finally(() => this.start());
    });
  }

  /** Resolves when it has let go of the log it was at. */
  async stop(): Promise<void> {
    this.abandon();
    await this.#round;
  }

  /** Stops as after a kill: nothing more is written. */
  abandon(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /**
   * Compacts the filthiest log that is worth it; false when there is none, or when something came in between.
   */
  async cleanFilthiest(): Promise<boolean> {
    const candidate = await this.#filthiest();
    if (!candidate || this.#stopped) return false;
    return this.#clean(candidate);
  }

  async #cleanAll(): Promise<void> {
    while (!this.#stopped && (await this.cleanFilthiest()));
  }

  async #filthiest(): Promise<Candidate | null> {
    let filthiest: Candidate | null = null;
    for (const [i, log] of this.#logs().entries()) {
      if (i % SLICE === SLICE - 1) await this.#pause();
      const candidate = this.#candidate(log);
      if (!candidate) continue;
      if (!filthiest || dirtyRatio(candidate.range) > dirtyRatio(filthiest.range)) filthiest = candidate;
    }
    return filthiest;
  }

  #candidate(log: PartitionLog): Candidate | null {
    const { config } = log;
    if (!config.cleanupPolicy.includes('compact') || log.segments.length < 2) return null;
    if (log.isClosed || log.isConfigProvisional || log.fault || this.#uncleanable.has(log)) return null;
    if ((this.#retryAt.get(log) ?? 0) > this.#world.clock.monotonic()) return null;
    try {
      const range = this.#rangeOf(log);
      return isWorthCleaning(range, config) ? { log, range } : null;
    } catch (error) {
      this.#failed(log, error);
      return null;
    }
  }

  #rangeOf(log: PartitionLog): CleanableRange {
    const { config, logStartOffset, lastStableOffset, endOffset } = log;
    const { cleanedUpTo } = log.cleaning;
    const now = log.guardedClock.now();
    return cleanableRange(log.segments, {
      config,
      now,
      logStartOffset,
      lastStableOffset,
      endOffset,
      cleanedUpTo,
    });
  }

  async #clean({ log, range }: Candidate): Promise<boolean> {
    const startedAt = this.#world.clock.monotonic();
    try {
      // Nothing is replaced that a sync may be at, or that a power loss may take back.
      if (log.recoveryPoint < range.firstUncleanableOffset) await log.flush();
      if (log.isClosed || log.recoveryPoint < range.firstUncleanableOffset) return false;
      const keys = new KeyOffsets(this.#secret, {
        keys: range.firstUncleanableOffset - range.firstDirtyOffset,
        maxBytes: this.#limits().keyBytes ?? DEFAULTS.keyBytes,
      });
      const isStopped = () => this.#stopped;
      const compacted = await new Compaction(this.#world, { log, range, keys, isStopped }).run();
      if (!compacted) return false;
      log.cleaning.cleanedUpTo = compacted.cleanedUpTo;
      await this.#checkpoint();
      const ms = Math.round(this.#world.clock.monotonic() - startedAt);
      this.#world.log.info('a log was compacted', { directory: log.directory, ...compacted, ms });
      return true;
    } catch (error) {
      this.#failed(log, error);
      return false;
    }
  }

  #failed(log: PartitionLog, error: unknown): void {
    const { directory } = log;
    if (error instanceof RecordError) {
      this.#uncleanable.add(log);
      this.#world.log.error('a log holds what cannot be read and is no longer compacted', {
        directory,
        error,
      });
    } else if (error instanceof DiskError || error instanceof StorageError) {
      this.#retryAt.set(log, this.#world.clock.monotonic() + RETRY_MS);
      this.#world.log.warn('a log was not compacted: the disk refused', { directory, error });
    } else {
      throw error;
    }
  }

  #pause(): Promise<void> {
    return new Promise((done) => {
      this.#world.clock.soon(done);
    });
  }
}
