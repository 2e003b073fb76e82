import type { S3Client } from '../../aws/s3/s3-client.ts';
import { assert } from '../../base/assert.ts';
import type { TopicPartition } from '../../base/topic-partition.ts';
import { schemaText } from '../converters/json-schema.ts';
import type { SinkRecord } from '../kernel/connect-record.ts';
import type { Schema } from '../kernel/schema.ts';
import type { SinkTaskContext } from '../kernel/sink-task.ts';
import { DataError } from '../kernel/task-errors.ts';
import { LEAST_PART_BYTES, ObjectFile, type ObjectFileOptions } from './object-file.ts';
import { type NameStyle, objectFolder, objectKey } from './object-names.ts';
import type { Partitioner } from './partitioners/partitioner.ts';
import { type Rotation, scheduledEnd } from './rotation.ts';
import { UnitEnds, type UnitMark } from './unit-ends.ts';

/** What all partitions of a task have in common. */
export interface WriterOptions extends Omit<ObjectFileOptions, 'metadata'> {
  readonly bucket: string;
  readonly names: NameStyle;
  readonly partitioner: Partitioner;
  readonly rotation: Rotation;
  /** Null values are left out; else they are reported as bad records. */
  readonly ignoresNull: boolean;
}

/** Records from `start` on that are stored together: all of their objects, or none is committed. */
interface Unit extends UnitMark {
  /** By folder, in the order of their first records: the first has the record at `start`. */
  readonly files: Map<string, ObjectFile>;
  /** Of its first record. */
  readonly timestamp: number | null;
  /** Of its records, where the format has one for each object. */
  readonly schema: Schema | null;
  /** By the clock; null: not. */
  readonly scheduledEnd: number | null;
  records: number;
  /** One of its objects can have no more parts. */
  isFull: boolean;
  isEnding: boolean;
}

/**
 * One partition of Kafka on its way to S3, exactly once. A unit of records begins at a committed offset; its
 * objects have names that follow from their first records, and are made only where there are none. The first
 * object of a unit is made first, and says where the unit ends. A task that finds it there, because it or
 * another one died before the offset was committed, reads the unit again and ends it at the same offset: the
 * other objects become the same, or are there already.
 */
export class TopicPartitionWriter {
  readonly #s3: S3Client;
  readonly #options: WriterOptions;
  readonly #context: SinkTaskContext;
  readonly #partition: TopicPartition;
  readonly #ends: UnitEnds;
  #unit: Unit | null = null;
  /** The first offset that is not taken yet; 0 before the first record. */
  #next = 0;
  /** Where the unit that is read again must end. */
  #decidedEnd: number | null = null;
  #committable: number | null = null;
  /** The first offset of the last call of `write`. */
  #batchStart: number | null = null;
  /**
   * Records from here on were put before those that are read again, and may be put once more before they
   * come.
   */
  #staleFrom: number | null = null;

  constructor(s3: S3Client, options: WriterOptions, context: SinkTaskContext, partition: TopicPartition) {
    this.#s3 = s3;
    this.#options = options;
    this.#context = context;
    this.#partition = partition;
    this.#ends = new UnitEnds(s3, options, partition);
  }

  /**
   * The offset that may be committed; null: none that is newer than the one it began at. `taken`: all records
   * before it were put, or were left out by the kernel.
   */
  committable(taken: number): number | null {
    const holdsNothing = this.#unit === null && this.#decidedEnd === null && this.#staleFrom === null;
    if (holdsNothing && taken >= this.#next) this.#committable = taken;
    return this.#committable;
  }

  get heldBytes(): number {
    let bytes = 0;
    for (const file of this.#unit?.files.values() ?? []) bytes += file.heldBytes;
    return bytes;
  }

  /**
   * May be called with the same records again after it rejected: those that were taken are not taken twice.
   */
  async write(records: readonly SinkRecord[]): Promise<void> {
    this.#batchStart = records[0]?.offset ?? null;
    if (this.#unit?.isEnding && !(await this.#store(this.#unit))) return;
    for (const record of records) {
      if (record.offset < this.#next) continue;
      if (this.#staleFrom !== null && record.offset >= this.#staleFrom) continue;
      this.#staleFrom = null;
      if (this.#unit && this.#mustEndBefore(record, this.#unit) && !(await this.#store(this.#unit))) return;
      await this.#take(record);
      if (this.#unit && this.#mustEnd(this.#unit) && !(await this.#store(this.#unit))) return;
    }
  }

  /** Ends what the clock says, also when no record comes. */
  async tick(): Promise<void> {
    const unit = this.#unit;
    if (!unit) return;
    if (unit.isEnding || (this.#decidedEnd === null && this.#isOver(unit))) await this.#store(unit);
  }

  /** Gives memory back: by uploading parts where there is enough for one, else by ending the unit. */
  async relieve(): Promise<void> {
    const unit = this.#unit;
    if (!unit) return;
    const before = this.heldBytes;
    for (const file of unit.files.values())
      if (file.heldBytes >= LEAST_PART_BYTES) await file.flush(LEAST_PART_BYTES);
    // An encoder that gathers rows before it writes them gives out nothing.
    if (this.heldBytes >= before && this.#decidedEnd === null) await this.#store(unit);
  }

  /** Forgets what is not stored. */
  async abandon(): Promise<void> {
    const files = [...(this.#unit?.files.values() ?? [])];
    this.#unit = null;
    await Promise.all(files.map((file) => file.abandon()));
  }

  async #take(record: SinkRecord): Promise<void> {
    if (record.value === null && this.#options.ignoresNull) return this.#taken(record);
    try {
      if (record.value === null)
        throw new DataError(
          'The value is null, and behavior.on.null.values is fail: such records are not written.',
        );
      const folder = objectFolder(
        this.#options.names,
        record.topic,
        this.#options.partitioner.folder(record),
      );
      const unit = this.#unit ?? this.#newUnit(record);
      const file = unit.files.get(folder) ?? this.#newFile(unit, folder, record);
      file.add(record);
      unit.files.set(folder, file);
      unit.records++;
      this.#unit = unit;
      this.#next = record.offset + 1;
      if (!file.isDue) return;
      await file.flush();
      unit.isFull ||= file.isFull;
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      await this.#context.report(record, error);
      this.#taken(record);
    }
  }

  /** A record that is in no object. */
  #taken(record: SinkRecord): void {
    this.#next = record.offset + 1;
    if (this.#unit === null) this.#committable = this.#next;
  }

  #newUnit(first: SinkRecord): Unit {
    const { partitioner, rotation } = this.#options;
    return {
      ...this.#ends.mark(first),
      files: new Map(),
      timestamp: rotation.intervalMs === null ? null : partitioner.timestamp(first),
      schema: first.valueSchema,
      scheduledEnd: scheduledEnd(rotation, this.#context.world.clock.now()),
      ...{ records: 0, isFull: false, isEnding: false },
    };
  }

  #newFile(unit: Unit, folder: string, first: SinkRecord): ObjectFile {
    const object = { bucket: this.#options.bucket, key: objectKey(this.#options.names, folder, first) };
    return new ObjectFile(this.#s3, object, { ...this.#options, metadata: unit.metadata });
  }

  #mustEndBefore(record: SinkRecord, unit: Unit): boolean {
    if (this.#decidedEnd !== null) return record.offset >= this.#decidedEnd;
    if (
      this.#options.format.hasSchema &&
      record.value !== null &&
      !sameSchema(record.valueSchema, unit.schema)
    )
      return true;
    const { intervalMs } = this.#options.rotation;
    if (intervalMs === null || unit.timestamp === null) return this.#isOver(unit);
    try {
      return this.#options.partitioner.timestamp(record) - unit.timestamp >= intervalMs || this.#isOver(unit);
    } catch (error) {
      // It is reported when it is taken.
      if (!(error instanceof DataError)) throw error;
      return false;
    }
  }

  #mustEnd(unit: Unit): boolean {
    if (this.#decidedEnd !== null) return this.#next >= this.#decidedEnd;
    return unit.isFull || unit.records >= this.#options.rotation.flushSize;
  }

  #isOver(unit: Unit): boolean {
    const { intervalMs, isByClock } = this.#options.rotation;
    const now = this.#context.world.clock.now();
    if (unit.scheduledEnd !== null && now >= unit.scheduledEnd) return true;
    return isByClock && intervalMs !== null && unit.timestamp !== null && now - unit.timestamp >= intervalMs;
  }

  /** False when the unit must be read again, to end where an earlier task has ended it. */
  async #store(unit: Unit): Promise<boolean> {
    unit.isEnding = true;
    const files = [...unit.files.values()];
    const [first, ...others] = files;
    assert(first !== undefined, 'a unit has the object of its first record');
    for (const file of files) await file.end();
    // Offsets behind its last record may have had none that reached a task.
    const next = this.#decidedEnd ?? this.#next;
    const end = await this.#ends.decide(unit, first, next);
    const isRead = end === next;
    if (isRead) {
      await Promise.all(others.map((file) => this.#ends.store(unit, file, end)));
      this.#committable = end;
      this.#next = end;
    } else this.#readAgain(unit, end);
    this.#decidedEnd = isRead ? null : end;
    // What was found there is not kept twice.
    await this.abandon();
    return isRead;
  }

  #readAgain({ start }: Unit, end: number): void {
    this.#context.world.log.info('records are read again, to end where an earlier task ended', {
      ...this.#partition,
      from: start,
      until: end,
    });
    this.#next = start;
    this.#staleFrom = this.#batchStart !== null && this.#batchStart > start ? this.#batchStart : null;
    this.#context.offset({ ...this.#partition, offset: start });
  }
}

/** Most are the same object: converters keep those that they know. */
function sameSchema(one: Schema | null, other: Schema | null): boolean {
  if (one === other) return true;
  return one !== null && other !== null && schemaText(one) === schemaText(other);
}
