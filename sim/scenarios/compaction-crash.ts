import { sleep } from '../../src/base/clock.ts';
import { below, type Random } from '../../src/base/random.ts';
import { SLOT_BYTES } from '../../src/storage/key-offsets.ts';
import { LogCleaner } from '../../src/storage/log-cleaner.ts';
import { defaultLogConfig, type LogConfig } from '../../src/storage/log-config.ts';
import { PartitionLog } from '../../src/storage/partition-log.ts';
import { SharedStorage } from '../../src/storage/shared-storage.ts';
import { chance, pick } from '../chance.ts';
import { noDiskFaults } from '../disk-faults.ts';
import type { SimHost } from '../sim-host.ts';
import { Simulation } from '../simulation.ts';
import { BrokerFolder, FOLDER, isOfDisk } from './broker-folder.ts';
import { type CompactionCanary, compactWrongly } from './compaction-canary.ts';
import { CompactionModel, type ReadFrom } from './compaction-model.ts';
import { KeyedWrites } from './keyed-writes.ts';
import { readFrom } from './read-from.ts';

/**
 * One compacted log lives several lives on one disk: appends of keys, deletions and transactions in every
 * codec, with compactions that run during everything else: flushes, truncations, retention, faults of the
 * disk, power losses. What readers get from any offset, and what each life finds, is compared with all that
 * was appended.
 */
export async function compactionCrash(seed: number, canary?: CompactionCanary): Promise<CompactionCounts> {
  const simulation = new Simulation(seed);
  const scenario = new Scenario(simulation, canary);
  await simulation.run(() => scenario.run());
  return scenario.counts;
}

/** Counts of what happened, so that a test can prove that the scenario does what it is for. */
export interface CompactionCounts {
  compactions: number;
  crashes: number;
  settled: number;
  droppedBytes: number;
}

class Scenario {
  readonly counts: CompactionCounts = { compactions: 0, crashes: 0, settled: 0, droppedBytes: 0 };
  readonly #simulation: Simulation;
  readonly #host: SimHost;
  readonly #canary: CompactionCanary | undefined;
  readonly #random: Random;
  readonly #cuts: Random;
  readonly #config: LogConfig;
  #model: CompactionModel;
  readonly #folder: BrokerFolder;
  #topicId: string;
  /**
   * The models of the partition from before each time it was moved away and back, the newest last. A power
   * loss may undo all those moves until something is synced.
   */
  #formers: readonly CompactionModel[] = [];
  readonly #clockJumps: boolean;
  readonly #retentionMs: number;
  readonly #writes: KeyedWrites;
  readonly #keyBytes: number;
  #leaderEpoch = 0;
  #cleaner: LogCleaner | null = null;
  #cleaning: Promise<unknown> | null = null;
  #flushingAfterCut = false;

  constructor(simulation: Simulation, canary: CompactionCanary | undefined) {
    this.#simulation = simulation;
    this.#host = simulation.host('broker');
    this.#canary = canary;
    this.#random = simulation.fork('compaction-crash');
    this.#cuts = simulation.fork('cuts');
    const random = this.#random;
    const deleteRetentionMs = pick(random, [0, 200, 5000]);
    this.#config = {
      ...defaultLogConfig,
      cleanupPolicy: chance(random, 0.2) ? ['compact', 'delete'] : ['compact'],
      retentionBytes: 12_000,
      segmentBytes: 1500 + below(random, 5000),
      indexIntervalBytes: 100 + below(random, 1000),
      segmentIndexBytes: pick(random, [128, 1024, 1_000_000]),
      deleteRetentionMs: canary === 'tombstones go at once' ? 0 : deleteRetentionMs,
      minCleanableDirtyRatio: pick(random, [0, 0, 0.3]),
      minCompactionLagMs: pick(random, [0, 0, 0, 300]),
      maxCompactionLagMs: pick(random, [defaultLogConfig.maxCompactionLagMs, 500]),
    };
    this.#clockJumps = chance(random, 0.3);
    // After a jump of the clock, time may seem to pass twice as fast.
    const leastMs = this.#clockJumps ? deleteRetentionMs / 2 : deleteRetentionMs;
    this.#retentionMs = canary === 'tombstones go at once' ? 60_000 : leastMs;
    this.#model = new CompactionModel(this.#retentionMs);
    this.#folder = new BrokerFolder(simulation, this.#host, {
      config: this.#config,
      tailBytes: pick(random, [0, 64 * 1024]),
      clockJumps: this.#clockJumps,
    });
    this.#topicId = this.#folder.topicId;
    this.#writes = new KeyedWrites(simulation.clock, { random, keys: 3 + below(random, 30) });
    this.#keyBytes = SLOT_BYTES * pick(random, [16, 40, 1000]);
  }

  async run(): Promise<void> {
    const lives = 2 + below(this.#random, 4);
    for (let life = 0; life < lives; life++) await this.#live(await this.#open());
    const log = await this.#open();
    // After a jump the clock is believed again only days later, which the scenario does not wait for.
    if (this.#canary || this.#clockJumps) log.abandon();
    else await this.#settle(log);
  }

  async #open(): Promise<PartitionLog> {
    for (;;) {
      this.#lookAtSwaps();
      const log = await this.#folder.open();
      if (this.#topicId !== this.#folder.topicId) this.#becomesAnother(false);
      if (!log) {
        this.#model.crashed();
        continue;
      }
      this.#simulation.note(
        `opened [${log.logStartOffset}, ${log.endOffset}) recovery point=${log.recoveryPoint}`,
      );
      this.#recovered(log);
      this.#flushingAfterCut = false;
      // After a restart followers report their offsets again; until then a leader may not show records that
      // replaced others.
      log.updateHighWatermark(log.endOffset);
      this.#check(log, log.logStartOffset);
      this.#checkProducers(log);
      this.#model.checkEpochs(log);
      return log;
    }
  }

  #lookAtSwaps(): void {
    const { files } = this.#host;
    if (!files.isFolder(FOLDER)) return;
    const swaps = files.list(FOLDER).filter((name) => name.endsWith('.swap'));
    if (swaps.length > 0) this.counts.settled++;
    // The effect of a recovery that does not know of swaps.
    if (this.#canary === 'swaps are not settled') for (const name of swaps) files.remove(`${FOLDER}/${name}`);
  }

  #recovered(log: PartitionLog): void {
    const { bytes } = this.#read(log, log.logStartOffset);
    // After a kill an earlier state may still come back: a kill makes nothing durable.
    // An empty log that begins later than this one ends is of a folder that could not be renamed.
    const isOf = (model: CompactionModel) => model.knows(bytes) && log.endOffset <= model.endOffset;
    if (!isOf(this.#model)) {
      const before = this.#formers.findLastIndex(isOf);
      this.#model = this.#formers[before] ?? this.#model;
      this.#formers = this.#formers.slice(0, Math.max(0, before));
    }
    this.#model.recovered(log);
  }

  /**
   * The topic was made again, or the partition moved away and back: no earlier record may show in the new
   * log.
   */
  #becomesAnother(sameId: boolean): void {
    this.#model.crashed();
    this.#formers = sameId ? [...this.#formers, this.#model] : [];
    this.#model = new CompactionModel(this.#retentionMs);
    this.#topicId = this.#folder.topicId;
  }

  #untilDead(): Promise<void> {
    return this.#simulation.until(() => !this.#host.alive, 1_000_000).catch(() => {});
  }

  async #live(opened: PartitionLog): Promise<void> {
    const random = this.#random;
    let log = opened;
    this.#leaderEpoch += below(random, 2);
    this.#cleaner = new LogCleaner(this.#host.world, {
      logs: () => [log],
      checkpoint: () => this.#folder.directory.checkpoint('cleanedUpTo'),
      limits: () => ({ keyBytes: this.#keyBytes }),
    });
    this.#cleaning = null;
    if (chance(random, 0.6)) this.#host.crashAfter(1 + below(random, 300));
    this.#setFaults();
    const actions = 20 + below(random, 80);
    for (let n = 0; n < actions && this.#host.alive; n++) {
      if (chance(random, 0.005)) {
        const sameId = chance(random, 0.5);
        const made = await this.#folder.remake(sameId);
        this.#becomesAnother(sameId);
        this.#flushingAfterCut = false;
        if (!made) break;
        log = made;
        // A folder that could not be renamed is still there and belongs to the same partition.
        if (log.endOffset > 0) this.#recovered(log);
      }
      await this.#act(log);
      if (!this.#host.alive) break;
      this.#touched(log);
      if (chance(random, 0.5))
        await sleep(this.#simulation.clock, chance(random, 0.9) ? 0 : below(random, 300));
      // A failed append is truncated, and a power loss may bring it back: nothing is appended in its place.
      if (log.fault) break;
    }
    await this.#end(log);
    this.#host.crashAfter(Number.POSITIVE_INFINITY);
    Object.assign(this.#host.faults, noDiskFaults());
    await sleep(this.#simulation.clock, 5);
  }

  #setFaults(): void {
    const random = this.#random;
    const { faults, files } = this.#host;
    faults.shortWrite = pick(random, [0, 0, 0.05]);
    faults.writeEio = pick(random, [0, 0, 0, 0.01]);
    faults.syncEio = pick(random, [0, 0, 0, 0.03]);
    if (chance(random, 0.1)) faults.capacityBytes = files.usedBytes() + below(random, 20_000);
  }

  async #act(log: PartitionLog): Promise<void> {
    // The log has settled by itself the truncation that `#truncate` saw fail: producers go on with what is left.
    if (this.#flushingAfterCut && !log.isUnsettled) this.#isCut(log.endOffset);
    const random = this.#random;
    const dice = below(random, 100);
    if (dice < 60) this.#append(log);
    else if (dice < 68) this.#mark(log);
    else if (dice < 74) this.#replicate(log);
    else if (dice < 84) this.#compact(log);
    else if (dice < 86) log.roll();
    else if (dice < 87) this.#leaderEpoch++;
    else if (dice < 88) this.#flush(log);
    else if (dice < 89) await this.#truncate(log);
    else if (dice < 91) this.#trim(log);
    else if (dice < 97)
      this.#check(log, log.logStartOffset + below(random, log.endOffset - log.logStartOffset + 1));
    else await this.#folder.checkpoint(log);
  }

  #append(log: PartitionLog): void {
    this.#put(log, this.#writes.batch(this.#model), 'client');
  }

  /** Ends a producer's transaction. */
  #mark(log: PartitionLog): void {
    const open = this.#model.openTransactions();
    const producerId = open[below(this.#random, Math.max(1, open.length))];
    if (producerId !== undefined) this.#endTransaction(log, producerId);
  }

  #endTransaction(log: PartitionLog, producerId: number): void {
    this.#put(log, this.#writes.marker(producerId), 'coordinator');
  }

  #put(log: PartitionLog, bytes: Buffer, origin: 'client' | 'coordinator'): void {
    const appended = log.append(bytes, { origin, leaderEpoch: this.#leaderEpoch });
    if ('error' in appended) {
      if (appended.error !== 'KAFKA_STORAGE_ERROR' && appended.error !== 'RECORD_LIST_TOO_LARGE') {
        throw new Error(`a good batch was refused: ${appended.error} ${appended.message}`);
      }
      return;
    }
    if (appended.duplicate) throw new Error(`a new batch was taken for that at ${appended.baseOffset}`);
    // The log has retried by itself the truncation whose flush `#truncate` saw fail, and accepts no batch
    // before that succeeded.
    if (this.#flushingAfterCut) this.#isCut(appended.baseOffset);
    this.#model.appended(bytes, this.#simulation.clock.now());
  }

  #compact(log: PartitionLog): void {
    if (this.#cleaning || !this.#cleaner) return;
    // The host often crashes during compaction, so that swaps are interrupted at every step.
    const often = this.#canary === 'swaps are not settled' ? 0.8 : 0.15;
    if (chance(this.#random, often)) this.#host.crashAfter(1 + below(this.#random, 50));
    const before = log.sizeInBytes;
    const cleaning = this.#canary
      ? compactWrongly(this.#host.world, log, {
          canary: this.#canary,
          config: this.#config,
          clock: this.#simulation.clock,
        })
      : this.#cleaner.cleanFilthiest();
    this.#cleaning = cleaning
      .then((done) => {
        if (!done) return;
        this.counts.compactions++;
        this.counts.droppedBytes += Math.max(0, before - log.sizeInBytes);
        this.#simulation.note(`compacted up to ${log.cleaning.cleanedUpTo}`);
      })
      .catch((error: unknown) => {
        if (!isOfDisk(error)) throw error;
        this.#simulation.note(`compaction failed: ${String(error)}`);
      })
      .finally(() => {
        this.#cleaning = null;
      });
  }

  #touched(log: PartitionLog): void {
    const limit = Math.min(log.lastStableOffset, log.segments.at(-1)?.baseOffset ?? 0);
    this.#model.touched(limit, log.logStartOffset);
  }

  #replicate(log: PartitionLog): void {
    const lag = chance(this.#random, 0.3) ? below(this.#random, 5) : 0;
    log.updateHighWatermark(Math.max(log.highWatermark, log.writtenEndOffset - lag));
  }

  #flush(log: PartitionLog): void {
    const cuts = log.truncations;
    const end = log.endOffset;
    const model = this.#model;
    log.flush().then(
      () => {
        if (model !== this.#model) return;
        this.#formers = [];
        if (cuts === log.truncations && this.#host.alive)
          this.#model.flushed(Math.min(end, log.syncedEndOffset));
      },
      (error: unknown) => {
        if (!isOfDisk(error)) throw error;
      },
    );
  }

  /**
   * Truncates the log, now and then below the high watermark, and flushes before anything else is appended.
   */
  async #truncate(log: PartitionLog): Promise<void> {
    const random = this.#random;
    log.writeNow();
    const least = chance(random, 0.3) ? log.logStartOffset : log.highWatermark;
    const to = log.endOffset - below(random, Math.min(60, log.endOffset - least) + 1);
    this.#touched(log);
    if (!log.truncateTo(to)) return;
    this.#folder.cut();
    this.#simulation.note(`truncated to ${to}, ends at ${log.endOffset}`);
    this.#leaderEpoch++;
    this.#model.mayEndAt(log.endOffset);
    const flushing = log.settle().then(
      () => true,
      () => false,
    );
    if (this.#host.alive && chance(this.#cuts, 0.2)) {
      // The device does not know of the cut.
      this.#model.killed(log.writtenEndOffset);
      this.#host.kill();
      return;
    }
    const flushed = await Promise.race([flushing, this.#untilDead().then(() => false)]);
    // Before the flush a power loss may bring back the truncated records.
    if (flushed && this.#host.alive) this.#isCut(log.endOffset);
    else this.#flushingAfterCut = true;
  }

  /** The truncation is on the device too. */
  #isCut(end: number): void {
    this.#model.cut(end);
    this.#flushingAfterCut = false;
  }

  #trim(log: PartitionLog): void {
    log.updateHighWatermark(log.writtenEndOffset);
    if (chance(this.#random, 0.5)) log.trimming.deleteOldSegments();
    else log.trimming.advanceLogStartOffset(log.logStartOffset + below(this.#random, 10));
    this.#touched(log);
  }

  /** Ends the life. */
  async #end(log: PartitionLog): Promise<void> {
    const random = this.#random;
    if (!this.#host.alive) {
      this.counts.crashes++;
      return;
    }
    const dice = below(random, 10);
    if (dice < 2 && !log.fault) {
      await this.#stop(log);
    } else if (dice < 5 && (log.fault?.fault ?? 'sync') === 'sync') {
      this.#model.killed(log.writtenEndOffset);
      this.#host.kill();
    } else {
      this.counts.crashes++;
      this.#host.crash();
    }
  }

  async #stop(log: PartitionLog): Promise<void> {
    await Promise.race([this.#cleaner?.stop(), this.#untilDead()]);
    if (!this.#host.alive) return;
    if (await this.#folder.close()) {
      this.#model.flushed(log.endOffset);
      this.#host.kill();
    } else {
      this.counts.crashes++;
      this.#host.crash();
    }
  }

  /**
   * Decides every transaction, replicates everything and lets time pass: then compaction has dropped all that
   * it may, and kept the rest.
   */
  async #settle(log: PartitionLog): Promise<void> {
    const { clock } = this.#simulation;
    // Waits until the trusted time has caught up with what a kill made it forget.
    while (log.guardedClock.now() < clock.now()) await sleep(clock, 100);
    log.updateConfig({ ...this.#config, minCleanableDirtyRatio: 0, minCompactionLagMs: 0 });
    const world = this.#host.world;
    const cleaner = new LogCleaner(world, {
      logs: () => [log],
      checkpoint: async () => {},
      limits: () => ({}),
    });
    for (const producerId of this.#model.openTransactions()) this.#endTransaction(log, producerId);
    const end = log.endOffset;
    // The first round gives tombstones their deletion time, the second drops them.
    for (let round = 0; round < 3; round++) {
      this.#append(log);
      for (const producerId of this.#model.openTransactions()) this.#endTransaction(log, producerId);
      log.roll();
      log.updateHighWatermark(log.writtenEndOffset);
      this.#touched(log);
      while (await cleaner.cleanFilthiest()) this.counts.compactions++;
      if (log.cleaning.cleanedUpTo !== log.endOffset)
        throw new Error(`compacted up to ${log.cleaning.cleanedUpTo} of ${log.endOffset}`);
      this.#check(log, log.logStartOffset);
      await sleep(clock, this.#config.deleteRetentionMs + 1);
    }
    // The log is opened again, because an unchanged segment may be read from memory and this check is about
    // the files.
    await log.close();
    const again = this.#reopen(log);
    this.#model.checkCompacted(this.#read(again, again.logStartOffset), end);
    again.abandon();
  }

  #reopen({ endOffset: recoveryPoint, logStartOffset }: PartitionLog): PartitionLog {
    const shared = new SharedStorage(this.#host.world, { tailBytes: 0 });
    const config = this.#config;
    return PartitionLog.open(this.#host.world, {
      directory: FOLDER,
      config,
      recoveryPoint,
      logStartOffset,
      clean: true,
      shared,
    });
  }

  /** A producer without an answer sends its last batch again: the log must recognize it. */
  #checkProducers(log: PartitionLog): void {
    for (const batch of this.#model.lastOfProducers(log.logStartOffset)) {
      const again = log.append(batch, { origin: 'client', leaderEpoch: this.#leaderEpoch });
      if ('error' in again || !again.duplicate) {
        throw new Error(`a retry was taken for ${JSON.stringify(again)}`);
      }
    }
  }

  #check(log: PartitionLog, offset: number): void {
    this.#model.check(this.#read(log, offset));
  }

  #read(log: PartitionLog, offset: number): ReadFrom {
    return readFrom(log, offset, { random: this.#random, now: this.#simulation.clock.now() });
  }
}
