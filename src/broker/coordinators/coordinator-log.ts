import type { Turns } from '../../base/turns.ts';
import type { World } from '../../base/world.ts';
import {
  type CoordinatorLog,
  type CoordinatorLogEntry,
  CoordinatorLogError,
  type CoordinatorRecord,
  type ProducerIdentity,
  type TransactionMarker,
} from '../../coordinator/coordinator-log.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { batches } from '../../protocol/records/batch.ts';
import { endTransactionBatch, readEndTransaction } from '../../protocol/records/control.ts';
import { buildBatch, readRecords } from '../../protocol/records/record.ts';
import type { Partition } from '../../replication/partition.ts';
import { storedBatch } from '../../storage/stored-batch.ts';

/**
 * Of the keys and values of one batch: less than what followers take in one answer, or nobody could ever
 * replicate the partition again. Kafka's limit is the topic's `max.message.bytes`, which a classic group of
 * some thousand members outgrows.
 */
const BATCH_BYTES_MAX = 100 * 1024 * 1024;
/** What is read and visited at a time; the loop serves others in between. */
const LOAD_BYTES = 1024 * 1024;

/** A partition of an internal topic, led by this broker, as its coordinator's log. */
export class PartitionCoordinatorLog implements CoordinatorLog {
  readonly #world: World;
  readonly #partition: Partition;
  readonly #turns: Turns;
  readonly #subscriptions: (() => void)[] = [];

  /** `turns`: shared by all partitions that may be loaded at once. */
  constructor(world: World, partition: Partition, turns: Turns) {
    this.#world = world;
    this.#partition = partition;
    this.#turns = turns;
  }

  get committedOffset(): number {
    return this.#partition.log.highWatermark;
  }

  append(records: readonly CoordinatorRecord[], transaction?: ProducerIdentity): number {
    const bytes = records.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0);
    if (bytes > BATCH_BYTES_MAX) {
      const message = `${bytes} bytes are more than one batch of a coordinator has, ${BATCH_BYTES_MAX}`;
      throw new CoordinatorLogError('MESSAGE_TOO_LARGE', message);
    }
    const timestamp = this.#world.clock.now();
    return this.#append(
      buildBatch({
        records: records.map(({ key, value }) => ({
          timestamp,
          key: Buffer.from(key.buffer, key.byteOffset, key.byteLength),
          value: value && Buffer.from(value.buffer, value.byteOffset, value.byteLength),
        })),
        ...(transaction && { ...transaction, isTransactional: true }),
      }),
    );
  }

  appendMarker(marker: TransactionMarker): number | null {
    if (this.#partition.isLeader && this.#partition.log.producers.hasMarker(marker)) return null;
    return this.#append(
      endTransactionBatch({
        outcome: marker.committed ? 'COMMIT' : 'ABORT',
        producerId: marker.producerId,
        producerEpoch: marker.producerEpoch,
        coordinatorEpoch: marker.coordinatorEpoch,
        timestamp: this.#world.clock.now(),
      }),
    );
  }

  #append(batch: Buffer): number {
    const { topic, index, log } = this.#partition;
    const stored = storedBatch(batch, log.config);
    if ('error' in stored) throw new CoordinatorLogError(stored.error, stored.message);
    const result = this.#partition.append({
      records: stored,
      origin: 'coordinator',
      // Commit and loss are told to the listeners below, for all appends alike.
      acks: 'all',
    });
    if ('error' in result) {
      throw new CoordinatorLogError(result.error, `${topic}-${index} took no append`);
    }
    return result.lastOffset + 1;
  }

  onCommitted(listener: () => void): void {
    this.#subscriptions.push(this.#partition.onCommitted(listener));
  }

  onFailed(listener: (error: CoordinatorLogError) => void): void {
    const { topic, index } = this.#partition;
    const onLost = (error: ErrorName) =>
      listener(new CoordinatorLogError(error, `${topic}-${index} lost what was appended`));
    this.#subscriptions.push(this.#partition.onLost(onLost));
  }

  /** Stops all calls of its listeners. */
  close(): void {
    for (const stop of this.#subscriptions.splice(0)) stop();
  }

  async load(visit: (entry: CoordinatorLogEntry) => void): Promise<void> {
    const { log } = this.#partition;
    let offset = log.logStartOffset;
    while (offset < log.writtenEndOffset) {
      // After a failover many partitions are loaded at once; together they must not hold up the broker
      // either.
      await this.#turns.next();
      const wish = { maxBytes: LOAD_BYTES, minOneBatch: true, isUrgent: true, withAborted: false };
      const read = log.reads.readTail(offset, wish) ?? (await log.reads.readCold(offset, wish));
      // Compacted or cut meanwhile; what was visited is there as before, or this coordinator's time is over.
      if (read === null) {
        if (log.isClosed)
          throw new CoordinatorLogError('NOT_LEADER_OR_FOLLOWER', `${log.directory} is closed`);
        offset = Math.max(offset, log.logStartOffset);
        continue;
      }
      if ('error' in read)
        throw new CoordinatorLogError(read.error, `cannot read ${log.directory} at ${offset}`);
      const bytes = Buffer.concat(read.parts);
      read.release();
      if (bytes.length === 0) break;
      for (const { header, bytes: batch } of batches(bytes)) {
        const producer = { producerId: header.producerId, producerEpoch: header.producerEpoch };
        if (header.isControl) {
          const [record] = readRecords(batch);
          const marker = record && readEndTransaction(record);
          visit({
            key: NOTHING,
            value: null,
            offset: header.lastOffset,
            timestamp: header.maxTimestamp,
            marker: marker ? { ...producer, committed: marker.outcome === 'COMMIT' } : undefined,
          });
        } else {
          let least: number = header.baseOffset;
          for (const { key, value, offset: at, timestamp } of readRecords(batch)) {
            // Kafka's admin tools may write here, and a compressed batch is not opened when it comes.
            if (at < least || at > header.lastOffset)
              throw new CoordinatorLogError(
                'CORRUPT_MESSAGE',
                `the records of the batch at ${header.baseOffset} of ${log.directory} do not count up`,
              );
            least = at + 1;
            visit({
              key: key ?? NOTHING,
              value,
              offset: at,
              timestamp: Number(timestamp),
              transaction: header.isTransactional ? producer : undefined,
            });
          }
        }
        offset = header.nextOffset;
      }
    }
  }
}

const NOTHING = Buffer.alloc(0);
