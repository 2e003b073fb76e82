import type { Timer } from '../base/clock.ts';
import { reportFailure } from '../base/programmer-error.ts';
import type { World } from '../base/world.ts';
import type { CheckpointName } from './log-checkpoints.ts';
import type { PartitionLog } from './partition-log.ts';

/** Kafka's defaults, under its config names. */
export interface LogIntervals {
  /** log.retention.check.interval.ms */
  readonly retentionCheckMs: number;
  /** log.flush.offset.checkpoint.interval.ms */
  readonly recoveryPointMs: number;
  /** log.flush.start.offset.checkpoint.interval.ms */
  readonly logStartOffsetMs: number;
  /** replica.high.watermark.checkpoint.interval.ms */
  readonly highWatermarkMs: number;
  /**
   * log.flush.scheduler.interval.ms. Unset, Kafka never looks; we look, so that `flush.ms` of a topic works.
   */
  readonly flushCheckMs: number;
  /** producer.id.expiration.check.interval.ms */
  readonly producerExpiryMs: number;
}

const DEFAULTS: LogIntervals = {
  retentionCheckMs: 5 * 60 * 1000,
  recoveryPointMs: 60 * 1000,
  logStartOffsetMs: 60 * 1000,
  highWatermarkMs: 5 * 1000,
  flushCheckMs: 500,
  producerExpiryMs: 10 * 60 * 1000,
};

/** Logs that are looked at before other work gets its turn. */
const SLICE = 25;
/** What a kill forgets of the trusted time, and the next process catches up with. */
const TRUSTED_TIME_MS = 60 * 1000;

/** What is done to all logs from time to time. */
export class LogHousekeeping {
  readonly #world: World;
  readonly #logs: () => PartitionLog[];
  readonly #checkpoint: (name: CheckpointName) => Promise<void>;
  readonly #saveTrustedTime: () => Promise<void>;
  readonly #intervals: LogIntervals;
  readonly #timers = new Set<Timer>();
  #stopped = false;

  constructor(
    world: World,
    directory: {
      readonly logs: () => PartitionLog[];
      readonly checkpoint: (name: CheckpointName) => Promise<void>;
      readonly saveTrustedTime: () => Promise<void>;
      readonly intervals: Partial<LogIntervals>;
    },
  ) {
    this.#world = world;
    this.#logs = directory.logs;
    this.#checkpoint = directory.checkpoint;
    this.#saveTrustedTime = directory.saveTrustedTime;
    this.#intervals = { ...DEFAULTS, ...directory.intervals };
  }

  start(): void {
    const every = this.#intervals;
    this.#repeat(every.retentionCheckMs, () => this.retain());
    this.#repeat(every.producerExpiryMs, () => this.#each((log) => log.removeExpiredProducers()));
    this.#repeat(every.recoveryPointMs, () => this.#checkpoint('recoveryPoint'));
    this.#repeat(every.logStartOffsetMs, () => this.#checkpoint('logStartOffset'));
    this.#repeat(every.highWatermarkMs, () => this.#checkpoint('highWatermark'));
    this.#repeat(every.flushCheckMs, () => this.#flushDue());
    this.#repeat(TRUSTED_TIME_MS, this.#saveTrustedTime, 0);
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  /** Deletes what retention lets go. */
  retain(): Promise<void> {
    return this.#each((log) => {
      log.trimming.deleteOldSegments();
    });
  }

  /**
   * The next round begins an interval after the last one ended; a round that fails is reported and not the
   * last.
   */
  #repeat(ms: number, round: () => Promise<void>, firstMs = ms): void {
    if (this.#stopped) return;
    const timer = this.#world.clock.after(firstMs, () => {
      this.#timers.delete(timer);
      round()
        .catch((error: unknown) => {
          reportFailure(this.#world, 'housekeeping of logs failed', { error });
        })
        .finally(() => this.#repeat(ms, round));
    });
    this.#timers.add(timer);
  }

  async #each(visit: (log: PartitionLog) => void): Promise<void> {
    for (const [i, log] of this.#logs().entries()) {
      if (this.#stopped) return;
      visit(log);
      if (i % SLICE === SLICE - 1) await this.#pause();
    }
  }

  async #flushDue(): Promise<void> {
    for (const log of this.#logs()) {
      if (this.#stopped) return;
      const flushed = log.flushIfDue();
      if (flushed) await flushed;
    }
  }

  #pause(): Promise<void> {
    return new Promise((done) => {
      this.#world.clock.soon(done);
    });
  }
}
