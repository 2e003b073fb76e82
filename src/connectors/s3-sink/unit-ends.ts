import type { S3Client, S3Head } from '../../aws/s3/s3-client.ts';
import { S3Error } from '../../aws/s3/s3-error.ts';
import { type S3Object, s3Uri } from '../../aws/s3/s3-object.ts';
import type { TopicPartition } from '../../base/topic-partition.ts';
import type { SinkRecord } from '../kernel/connect-record.ts';
import { RetriableError } from '../kernel/task-errors.ts';
import type { ObjectFile } from './object-file.ts';
import { type NameStyle, objectFolder, objectStem, offsetText } from './object-names.ts';

/** Of an object that this connector made, behind `x-amz-meta-`. */
const META = {
  /** `TOPIC/PARTITION` in Kafka. */
  partition: 'millrace-partition',
  /** The first offset of the unit. */
  start: 'millrace-start',
  /** The timestamp of the unit's first record: a topic that was deleted and made again has other ones. */
  first: 'millrace-first-timestamp',
  /** The offset behind the unit's last record. */
  next: 'millrace-next',
};
/** Beside the topics, where what must be known of uploads in parts is kept. */
const ENDS_FOLDER = '_millrace';

/** What tells the objects of one unit from all others. */
export interface UnitMark {
  readonly start: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Where the units of one partition end, as S3 has it: the first task that stores the first object of a unit
 * decides it, and every other finds it there.
 */
export class UnitEnds {
  readonly #s3: S3Client;
  readonly #options: { readonly bucket: string; readonly names: NameStyle };
  readonly #partition: TopicPartition;

  constructor(
    s3: S3Client,
    options: { readonly bucket: string; readonly names: NameStyle },
    partition: TopicPartition,
  ) {
    this.#s3 = s3;
    this.#options = options;
    this.#partition = partition;
  }

  /** Of the unit that begins with this record. */
  mark(first: SinkRecord): UnitMark {
    const { topic, partition } = this.#partition;
    return {
      start: first.offset,
      metadata: {
        [META.partition]: `${topic}/${partition}`,
        [META.start]: String(first.offset),
        [META.first]: String(first.timestamp),
      },
    };
  }

  /**
   * Stores the first object, or finds it; resolves with where the unit ends, which is `next` unless another
   * task decided otherwise. Rejects where an object is there that is not of this unit.
   */
  async decide(unit: UnitMark, first: ObjectFile, next: number): Promise<number> {
    // What is said of an object in parts was said at its beginning: its end is beside it.
    if (first.isInParts) {
      const decided = await this.#decideBeside(unit, next);
      if (decided !== next) return decided;
    }
    if (await first.store({ [META.next]: String(next) })) return next;
    return endOf(await this.#existing(first.object, unit)) ?? next;
  }

  /**
   * Stores another object of a unit whose end is decided, unless it is there. Rejects where it is not of this
   * unit.
   */
  async store(unit: UnitMark, file: ObjectFile, end: number): Promise<void> {
    if (!(await file.store({ [META.next]: String(end) }))) await this.#existing(file.object, unit);
  }

  async #decideBeside(unit: UnitMark, next: number): Promise<number> {
    const { names, bucket } = this.#options;
    const { topic, partition } = this.#partition;
    const folder = objectFolder(names, ENDS_FOLDER, topic);
    const name = `${objectStem(names, topic, partition)}${offsetText(names, unit.start)}`;
    const object = { bucket, key: `${folder}${names.directoryDelimiter}${name}` };
    try {
      const metadata = { ...unit.metadata, [META.next]: String(next) };
      await this.#s3.put(object, new Uint8Array(), { ifNoneMatch: true, metadata });
      return next;
    } catch (error) {
      if (!(error instanceof S3Error) || !error.isPreconditionFailed) throw error;
      return endOf(await this.#existing(object, unit)) ?? next;
    }
  }

  /** What is there under a key. Rejects when it is not of this unit. */
  async #existing(object: S3Object, unit: UnitMark): Promise<S3Head> {
    const head = await this.#s3.head(object);
    if (head === null) throw new RetriableError(`${s3Uri(object)} was there, and is gone.`);
    const other = Object.entries(unit.metadata).find(([name, value]) => head.metadata[name] !== value);
    if (other)
      throw new Error(
        `${s3Uri(object)} is there and is not of these records: its ${other[0]} is ${head.metadata[other[0]] ?? 'not there'}, and not ${other[1]}. The topic may have been made again, or another connector writes there: choose another topics.dir, or move the object away.`,
      );
    return head;
  }
}

function endOf({ metadata }: S3Head): number | null {
  const end = metadata[META.next];
  return end === undefined ? null : Number(end);
}
