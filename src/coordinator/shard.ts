import type { ImageDelta } from '../metadata/delta.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { CoordinatorRecord, ProducerIdentity } from './coordinator-log.ts';
import type { CoordinatorTimer } from './coordinator-timer.ts';

/**
 * The state machine of one coordinator partition. Its commands are methods that return a Decision; the
 * runtime appends the records and calls `replay` with them at once, so that the next command sees them.
 * `replay` does the same on the shard that decided and on one that loads the log.
 */
export interface CoordinatorShard<Record> {
  replay(record: Record, at: RecordPosition): void;
  /** A producer's transaction ended: its records count, or they do not. */
  replayMarker(producer: ProducerIdentity, committed: boolean): void;
  /** Once, after the whole log was replayed and before the first command: timers start here. */
  onLoaded(): void;
  /** After `onLoaded`, for every image that follows. Decides nothing: whoever asks next sees what it left. */
  onImage(image: ClusterImage, delta: ImageDelta): void;
  /** Once, when the shard is thrown away: what it has set going elsewhere ends. */
  onUnloaded(): void;
}

export interface RecordPosition {
  readonly offset: number;
  /** Set when the record counts only once this producer's transaction is committed. */
  readonly transaction?: ProducerIdentity;
}

/** What makes a coordinator of one kind: its state machine, and how its records are written. */
export interface CoordinatorKind<Shard extends CoordinatorShard<Record>, Record> {
  /** For log lines: `group` or `transaction`. */
  readonly name: string;
  /** `image`: the newest there is, whenever it is asked. */
  createShard(partition: number, timer: CoordinatorTimer<Record>, image: () => ClusterImage): Shard;
  encode(record: Record): CoordinatorRecord;
  /** Null for a record this version does not know: a newer broker led the partition before. It is skipped. */
  decode(key: Buffer, value: Buffer | null): Record | null;
}
