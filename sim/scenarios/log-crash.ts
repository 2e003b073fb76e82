import { sleep } from '../../src/base/clock.ts';
import { below, type Random } from '../../src/base/random.ts';
import { batches, batchSizeAt, HEADER_BYTES, LOG_OVERHEAD_BYTES } from '../../src/protocol/records/batch.ts';
import { buildBatch, type NewBatch } from '../../src/protocol/records/record.ts';
import { defaultLogConfig, type LogConfig } from '../../src/storage/log-config.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import { chance, pick } from '../chance.ts';
import { noDiskFaults } from '../disk-faults.ts';
import type { SimHost } from '../sim-host.ts';
import type { SimInode } from '../sim-inode.ts';
import { Simulation } from '../simulation.ts';
import { BrokerFolder, FOLDER, isOfDisk } from './broker-folder.ts';
import { firstAtOrAfter, LogModel, type ModelBatch } from './log-model.ts';

const PRODUCERS = 3;

/** An invariant broken on purpose: the checkers must notice. */
export type LogCanary = 'the device lies about syncs' | 'folders are not synced' | 'recovery is skipped';

/**
 * One partition's log lives several lives on one disk: appends with and without producers, flushes,
 * truncations, retention, faults of the disk. Each life ends by power loss (often in the middle of a call),
 * by a kill or cleanly. What the next life finds is compared with what it may find.
 */
export async function logCrash(seed: number, canary?: LogCanary): Promise<void> {
  const simulation = new Simulation(seed);
  const host = simulation.host('broker');
  await simulation.run(() => new Scenario(simulation, host, canary).run());
}

class Scenario {
  readonly #simulation: Simulation;
  readonly #host: SimHost;
  readonly #canary: LogCanary | undefined;
  readonly #random: Random;
  readonly #reopenings: Random;
  readonly #cuts: Random;
  #model = new LogModel();
  /**
   * The models of the partition from before each time it was moved away and back, the newest last. A power
   * loss may undo all those moves until something is synced.
   */
  #formers: readonly LogModel[] = [];
  readonly #config: LogConfig;
  readonly #folder: BrokerFolder;
  #topicId = '';
  #leaderEpoch = 0;
  #timestamp = 1_750_000_000_000;
  #damaged = false;
  #nextValue = 0;
  #firstProducer = 0;

  constructor(simulation: Simulation, host: SimHost, canary: LogCanary | undefined) {
    this.#simulation = simulation;
    this.#host = host;
    this.#canary = canary;
    this.#random = simulation.fork('log-crash');
    this.#reopenings = simulation.fork('reopenings');
    this.#cuts = simulation.fork('cuts');
    const random = this.#random;
    this.#config = {
      ...defaultLogConfig,
      segmentBytes: 2000 + below(random, 14_000),
      indexIntervalBytes: 100 + below(random, 2000),
      segmentIndexBytes: pick(random, [64, 1024, 1_000_000]),
      retentionBytes: chance(random, 0.3) ? 10_000 : -1,
      flushMessages: chance(random, 0.2) ? 1 + below(random, 5) : Number.MAX_SAFE_INTEGER,
    };
    this.#folder = new BrokerFolder(simulation, host, {
      config: this.#config,
      tailBytes: pick(simulation.fork('tail'), [0, 64 * 1024, 256 * 1024]),
      clockJumps: true,
    });
    this.#topicId = this.#folder.topicId;
  }

  async run(): Promise<void> {
    const lives = 2 + below(this.#random, 4);
    for (let life = 0; life < lives && !this.#damaged; life++) {
      const log = await this.#open();
      await this.#live(log);
    }
    const log = await this.#open();
    log.abandon();
  }

  /** Opens the log until that succeeds, though power may fail during it, and checks what is there. */
  async #open(): Promise<PartitionLog> {
    for (;;) {
      const log = await this.#folder.open({ pretendClean: this.#canary === 'recovery is skipped' });
      if (this.#topicId !== this.#folder.topicId) this.#becomesAnother(false);
      if (!log) {
        this.#model.crashed();
        continue;
      }
      this.#simulation.note(
        `opened [${log.logStartOffset}, ${log.endOffset}) recovery point=${log.recoveryPoint} floor=${this.#model.floor}`,
      );
      const found = this.#readAll(log);
      if (found) {
        this.#recovered(log, found);
        // A log that is open has settled what was cut, by an earlier process too.
        this.#model.settled();
        // The log has no readable record that tells what the producers wrote last.
        if (found.length === 0) this.#firstProducer += PRODUCERS;
        await this.#checkLookups(log, found);
      }
      return log;
    }
  }

  #recovered(log: PartitionLog, found: readonly ModelBatch[]): void {
    try {
      // An earlier state may still come back if only the process ended.
      this.#model.recovered(found, log);
    } catch (error) {
      const before = this.#formers.findLastIndex((former) => allows(former, found, log));
      const model = this.#formers[before];
      if (!model) throw error;
      this.#model = model;
      this.#formers = this.#formers.slice(0, before);
    }
  }

  /**
   * The topic was made again, or the partition moved away and back: no earlier record may show in the new
   * log.
   */
  #becomesAnother(sameId: boolean): void {
    this.#model.crashed();
    this.#formers = sameId ? [...this.#formers, this.#model] : [];
    this.#model = new LogModel();
    this.#firstProducer += PRODUCERS;
    this.#topicId = this.#folder.topicId;
  }

  #untilDead(): Promise<void> {
    return this.#simulation.until(() => !this.#host.alive, 1_000_000).catch(() => {});
  }

  async #live(opened: PartitionLog): Promise<void> {
    const random = this.#random;
    let log = opened;
    this.#leaderEpoch += below(random, 2);
    this.#watch(log);
    if (chance(random, 0.5)) this.#host.crashAfter(1 + below(random, 150));
    this.#setFaults();
    const actions = 5 + below(random, 60);
    for (let n = 0; n < actions && this.#host.alive; n++) {
      if (chance(random, 0.01)) {
        const made = await this.#remake();
        if (!made) break;
        log = made;
      }
      await this.#act(log);
      if (chance(random, 0.6))
        await sleep(this.#simulation.clock, chance(random, 0.8) ? 0 : below(random, 4));
      if (!log.fault || log.fault.fault === 'full') continue;
      const again = await this.#reopen(log);
      if (!again) break;
      log = again;
    }
    await this.#end(log);
    this.#host.crashAfter(Number.POSITIVE_INFINITY);
    Object.assign(this.#host.faults, noDiskFaults());
    await sleep(this.#simulation.clock, 5);
  }

  #watch(log: PartitionLog): void {
    const model = this.#model;
    log.onFailed((error) => {
      this.#simulation.note(`failed: ${error.fault}`);
      model.lost(log.writtenEndOffset);
    });
  }

  async #remake(): Promise<PartitionLog | null> {
    const sameId = chance(this.#random, 0.5);
    const log = await this.#folder.remake(sameId);
    this.#becomesAnother(sameId);
    // A folder that could not be renamed is still there and belongs to the same partition.
    if (log && log.endOffset > 0) this.#recovered(log, this.#readAll(log) ?? []);
    if (log) this.#watch(log);
    return log;
  }

  /**
   * A log to which a write or a sync failed is opened anew, as in a broker that has not registered yet; one
   * that has ends. Null when it is to end, or ended meanwhile.
   */
  async #reopen(failed: PartitionLog): Promise<PartitionLog | null> {
    const fault = failed.fault?.fault;
    const mayGoOn = this.#host.alive && (fault === 'write' || fault === 'sync');
    if (!mayGoOn || chance(this.#reopenings, 0.3)) return null;
    this.#model.killed(failed.writtenEndOffset);
    const log = await this.#folder.again();
    if (!log) {
      this.#model.crashed();
      return null;
    }
    this.#simulation.note(`opened again [${log.logStartOffset}, ${log.endOffset})`);
    const found = this.#readAll(log) ?? [];
    this.#recovered(log, found);
    if (found.length === 0) this.#firstProducer += PRODUCERS;
    this.#watch(log);
    if (log.isUnsettled) void this.#flush(log, () => log.settle());
    return log;
  }

  #setFaults(): void {
    const random = this.#random;
    const { faults, files } = this.#host;
    faults.shortWrite = pick(random, [0, 0, 0.1]);
    faults.writeEio = pick(random, [0, 0, 0, 0.01]);
    faults.syncEio = pick(random, [0, 0, 0, 0.05]);
    faults.syncLies = this.#canary === 'the device lies about syncs';
    faults.folderSyncLies = this.#canary === 'folders are not synced';
    if (chance(random, 0.1)) faults.capacityBytes = files.usedBytes() + below(random, 20_000);
  }

  async #act(log: PartitionLog): Promise<void> {
    const random = this.#random;
    const dice = below(random, 100);
    if (dice < 54) this.#append(log);
    else if (dice < 60) await this.#follow(log);
    else if (dice < 75) void this.#flush(log);
    else if (dice < 80) this.#retry(log);
    else if (dice < 84) await this.#truncate(log);
    else if (dice < 87) this.#trim(log);
    else if (dice < 90) log.roll();
    else if (dice < 93) this.#leaderEpoch++;
    else if (dice < 96)
      this.#model.check(this.#readAll(log) ?? [], { ...offsets(log), endOffset: log.writtenEndOffset });
    else await this.#folder.checkpoint(log);
  }

  #append(log: PartitionLog): void {
    const producerId = chance(this.#random, 0.2) ? -1 : this.#firstProducer + below(this.#random, PRODUCERS);
    const sequence = this.#nextSequence(producerId);
    const bytes = Buffer.concat(
      Array.from({ length: chance(this.#random, 0.1) ? 2 : 1 }, (_, i) =>
        this.#batch(
          producerId >= 0 && i === 0 ? { producerId, producerEpoch: 0, baseSequence: sequence } : {},
        ),
      ),
    );
    const before = log.endOffset;
    const appended = log.append(bytes, { origin: 'client', leaderEpoch: this.#leaderEpoch });
    if ('error' in appended) {
      if (appended.error !== 'KAFKA_STORAGE_ERROR' && appended.error !== 'RECORD_LIST_TOO_LARGE') {
        throw new Error(`a good batch was refused: ${appended.error} ${appended.message}`);
      }
      return;
    }
    if (appended.duplicate || appended.baseOffset !== before) {
      throw new Error(
        `a new batch got offset ${appended.baseOffset} at end ${before}, duplicate ${appended.duplicate}`,
      );
    }
    this.#model.appended(bytes);
  }

  /** Appends as a follower of a leader that compacted: the batches that it gets leave offsets out. */
  async #follow(log: PartitionLog): Promise<void> {
    const leaderEpoch = this.#leaderEpoch;
    const baseOffset = log.endOffset + below(this.#random, 8);
    const bytes = this.#batch({ baseOffset, leaderEpoch });
    try {
      await Promise.race([log.admit(bytes), this.#untilDead()]);
    } catch (error) {
      if (!isOfDisk(error)) throw error;
      return;
    }
    if (!this.#host.alive || log.fault) return;
    const appended = log.append(bytes, { origin: 'replication', leaderEpoch });
    if (!('error' in appended)) this.#model.appended(bytes);
    else if (appended.error !== 'KAFKA_STORAGE_ERROR' && appended.error !== 'RECORD_LIST_TOO_LARGE') {
      throw new Error(`a good batch was refused: ${appended.error} ${appended.message}`);
    }
  }

  #batch(more: Partial<NewBatch>): Buffer {
    const random = this.#random;
    const records = Array.from({ length: 1 + below(random, 4) }, () => {
      this.#timestamp += below(random, 20) - 5;
      const length = chance(random, 0.05) ? 3000 : 5 + below(random, 300);
      const value = Buffer.alloc(length, `value ${this.#nextValue++} `);
      return { timestamp: this.#timestamp, key: null, value };
    });
    return buildBatch({ records, ...more });
  }

  #nextSequence(producerId: number): number {
    const last = this.#model.batches.findLast(({ header }) => header.producerId === producerId);
    return last ? last.header.baseSequence + last.header.recordCount : 0;
  }

  /**
   * A producer without an answer sends its last batch again: the log must recognize it, and must refuse a
   * gap.
   */
  #retry(log: PartitionLog): void {
    const last = this.#model.batches.findLast(({ header }) => header.producerId >= 0);
    if (!last || last.header.baseOffset < log.logStartOffset || log.fault) return;
    const { header } = last;
    const again = log.append(Buffer.from(last.bytes), { origin: 'client', leaderEpoch: this.#leaderEpoch });
    if (
      'error' in again
        ? again.error !== 'KAFKA_STORAGE_ERROR'
        : !again.duplicate || again.baseOffset !== header.baseOffset
    ) {
      throw new Error(`a retry of ${header.baseOffset} was taken for ${JSON.stringify(again)}`);
    }
    const { producerId, producerEpoch } = header;
    const gap = this.#batch({ producerId, producerEpoch, baseSequence: this.#nextSequence(producerId) + 1 });
    const refused = log.append(gap, { origin: 'client', leaderEpoch: this.#leaderEpoch });
    if (!('error' in refused)) throw new Error(`a gap in the sequences of producer ${producerId} was taken`);
  }

  #flush(log: PartitionLog, flush = () => log.flush()): Promise<void> {
    const succeeded = this.#model.flushing();
    const model = this.#model;
    return flush().then(
      () => {
        if (model === this.#model) this.#formers = [];
        this.#simulation.note(`flushed to ${log.syncedEndOffset}`);
        succeeded(!log.isUnsettled);
      },
      (error: unknown) => {
        if (!isOfDisk(error)) throw error;
        this.#simulation.note(`flush failed: ${String(error)}`);
      },
    );
  }

  async #truncate(log: PartitionLog): Promise<void> {
    const range = log.endOffset - log.logStartOffset;
    const to = log.endOffset - below(this.#random, Math.min(range, 30) + 1);
    log.writeNow();
    if (!log.truncateTo(to)) return;
    this.#simulation.note(`truncated to ${to}, ends at ${log.endOffset}`);
    this.#model.truncated(log.endOffset);
    this.#folder.cut();
    // A new leader caused the truncation, and the next records are its own.
    this.#leaderEpoch++;
    const settled = this.#flush(log, () => log.settle());
    if (this.#host.alive && chance(this.#cuts, 0.1)) {
      // The device does not know of the cut.
      this.#model.killed(log.writtenEndOffset);
      this.#host.kill();
      return;
    }
    await Promise.race([settled, this.#untilDead()]);
  }

  #trim(log: PartitionLog): void {
    log.updateHighWatermark(log.writtenEndOffset);
    if (chance(this.#random, 0.5)) this.#retain(log);
    else log.trimming.advanceLogStartOffset(log.logStartOffset + below(this.#random, 10));
    this.#model.logStartOffset = Math.max(this.#model.logStartOffset, log.logStartOffset);
  }

  /** Wall clocks jump by days here, and no record is older than minutes. */
  #retain(log: PartitionLog): void {
    const before = log.logStartOffset;
    log.trimming.deleteOldSegments();
    if (this.#config.retentionBytes >= 0 || log.logStartOffset === before) return;
    throw new Error(`retention deleted up to ${log.logStartOffset}, and nothing is old`);
  }

  async #end(log: PartitionLog): Promise<void> {
    const random = this.#random;
    if (!this.#host.alive) return;
    const dice = below(random, 10);
    if (dice < 2 && !log.fault) {
      await this.#stop(log);
    } else if (dice < 4 || (dice < 7 && log.fault?.fault === 'sync')) {
      // A broker ends after a failed sync, and is started again: the page cache shows it all that was written.
      this.#model.killed(log.writtenEndOffset);
      this.#host.kill();
    } else {
      this.#host.crash();
      if (chance(random, 0.1)) this.#damage();
    }
  }

  async #stop(log: PartitionLog): Promise<void> {
    const succeeded = this.#model.flushing();
    if (await this.#folder.close()) {
      succeeded(true);
      this.#model.killed(log.endOffset);
      this.#host.kill();
    } else {
      this.#host.crash();
    }
  }

  /**
   * Flips one bit of one segment on the disk. What was there may be gone now, but nothing else may replace
   * it.
   */
  #damage(): void {
    const names = this.#host.files.has(FOLDER) ? this.#host.files.list(FOLDER) : [];
    const name = names.filter((one) => one.endsWith('.log'))[below(this.#random, names.length)];
    const inode = name && this.#host.files.file(`${FOLDER}/${name}`);
    if (!inode || inode.size === 0) return;
    const at = this.#checkedByte(inode);
    if (at === null) return;
    inode.flipBit(at, below(this.#random, 8));
    this.#simulation.note(`flipped a bit of ${name} at ${at}`);
    this.#damaged = true;
    for (const model of [...this.#formers, this.#model]) model.damaged();
  }

  /**
   * A byte that the checksum or the length of its batch covers: the offset and the leader epoch are not
   * covered.
   */
  #checkedByte(inode: SimInode): number | null {
    const content = Buffer.alloc(inode.size);
    inode.read(0, content);
    const { length } = content;
    let start = 0;
    const wanted = below(this.#random, length);
    while (start + LOG_OVERHEAD_BYTES < length && start + batchSizeAt(content, start) <= wanted) {
      const bytes = batchSizeAt(content, start);
      if (bytes < HEADER_BYTES) return null;
      start += bytes;
    }
    const field = wanted - start;
    return field >= 8 && (field < 12 || field >= 16) ? wanted : null;
  }

  /**
   * Reads every batch from the start to the end, in reads of odd sizes. Null if the disk was damaged and the
   * log reported it.
   */
  #readAll(log: PartitionLog): ModelBatch[] | null {
    const found: ModelBatch[] = [];
    let next = log.logStartOffset;
    while (next < log.writtenEndOffset) {
      const read = log.reads.read(next, { maxBytes: 1 + below(this.#random, 5000), minOneBatch: true });
      if ('error' in read) {
        if (read.error === 'CORRUPT_MESSAGE' && this.#damaged) return null;
        throw new Error(`reading at ${next} of [${log.logStartOffset}, ${log.endOffset}): ${read.error}`);
      }
      const bytes = Buffer.concat(read.parts);
      read.release();
      const got = [...batches(bytes)];
      const last = got.at(-1);
      if (!last || last.header.nextOffset <= next)
        throw new Error(
          `reading at ${next} gave nothing further: segments ${log.segmentBaseOffsets}, end ${log.writtenEndOffset}`,
        );
      found.push(...got);
      next = last.header.nextOffset;
    }
    return found;
  }

  /** Lookups by offset, time and epoch find the right batches. */
  async #checkLookups(log: PartitionLog, found: readonly ModelBatch[]): Promise<void> {
    for (let i = 0; i < Math.min(8, found.length); i++) {
      const batch = found[below(this.#random, found.length)];
      if (!batch) continue;
      const { header } = batch;
      const offset = Math.max(
        log.logStartOffset,
        header.lastOffset - below(this.#random, header.recordCount),
      );
      this.#checkOffset(log, offset, batch);

      const timestamp = header.maxTimestamp - below(this.#random, 20);
      const expected = firstAtOrAfter(found, log.logStartOffset, timestamp);
      const search = await log.reads.findTimestamp(timestamp);
      const actual = search !== 'changed' && 'found' in search ? (search.found?.offset ?? null) : search;
      if (actual !== expected)
        throw new Error(`time ${timestamp} leads to ${JSON.stringify(actual)}, not ${expected}`);

      // The log start is checkpointed later than the epochs that it removed.
      if (header.baseOffset < this.#model.logStartOffset) continue;
      const epoch = header.partitionLeaderEpoch;
      const end =
        found.find((other) => other.header.partitionLeaderEpoch > epoch)?.header.baseOffset ?? log.endOffset;
      // Where offsets are left out, the next epoch may have begun with one of them.
      const least = found.findLast((other) => other.header.partitionLeaderEpoch === epoch)?.header.nextOffset;
      const answer = log.endOffsetForEpoch(epoch);
      if (answer.epoch !== epoch || answer.endOffset < (least ?? end) || answer.endOffset > end) {
        throw new Error(`epoch ${epoch} ends at ${JSON.stringify(answer)}, not ${end}`);
      }
    }
  }

  #checkOffset(log: PartitionLog, offset: number, batch: ModelBatch): void {
    const read = log.reads.read(offset, { maxBytes: 1, minOneBatch: true });
    if ('error' in read) throw new Error(`reading at ${offset}: ${read.error}`);
    if (!Buffer.concat(read.parts).equals(batch.bytes))
      throw new Error(`offset ${offset} leads to another batch`);
    read.release();
  }
}

/** Whether the model allows what was found; if so, it becomes the model's state. */
function allows(model: LogModel, found: readonly ModelBatch[], log: PartitionLog): boolean {
  try {
    model.recovered(found, log);
    return true;
  } catch {
    return false;
  }
}

function offsets(log: PartitionLog): { logStartOffset: number; endOffset: number } {
  return { logStartOffset: log.logStartOffset, endOffset: log.endOffset };
}
