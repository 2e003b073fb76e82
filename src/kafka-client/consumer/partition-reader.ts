import { ZERO_UUID } from '../../base/brand.ts';
import type { TopicPartition } from '../../base/topic-partition.ts';
import { type LogRecord, readRecords } from '../../protocol/records/record.ts';
import { RecordError } from '../../protocol/records/record-error.ts';
import type { TopicView } from '../connections/cluster-view.ts';
import { answerError, type KafkaClientError } from '../kafka-client-error.ts';
import { committedBatches } from './committed-batches.ts';
import type { ConsumedRecord } from './consumer-options.ts';

interface Fetched {
  readonly records: Buffer;
  readonly aborted: readonly { readonly producerId: number; readonly firstOffset: number }[] | null;
  readonly highWatermark: number;
  /** Runs once, where there are records, when none of them is to be handed out any more. */
  readonly release: () => void;
}

/** Where a consumer is in one partition, and what it has fetched of it and not handed out yet. */
export class PartitionReader {
  readonly target: TopicPartition;
  isPaused = false;
  /** Not asked again before this time, in monotonic milliseconds. */
  retryAt = 0;
  /** What the application has to be told. */
  failure: KafkaClientError | null = null;
  /** Of the last answer; null before the first. */
  highWatermark: number | null = null;
  /** Which answer of all had records for it last: who has waited longest is asked for first. */
  servedAt = 0;
  /** Counts the moves: an answer that was asked for before one is of no use. */
  era = 0;
  /** It had a position before: what the group has committed is older than that. */
  wasLocated = false;
  #topicId = ZERO_UUID;
  #position: number | null = null;
  #positionEpoch = -1;
  /** Of the leader that has what was read before the position; -1: of none. */
  #checkedEpoch = -1;
  #batches: ReturnType<typeof committedBatches> | null = null;
  #records: readonly LogRecord[] = [];
  #at = 0;
  #recordsEpoch = -1;
  /** The position after the last of `#records`. */
  #after = 0;
  #release: (() => void) | null = null;

  constructor(target: TopicPartition) {
    this.target = target;
  }

  /** Of the next record to hand out; null while it is not known. */
  get position(): number | null {
    return this.#position;
  }

  /** The epoch of the last record that was handed out, -1 before. */
  get positionEpoch(): number {
    return this.#positionEpoch;
  }

  get hasRecords(): boolean {
    return this.#batches !== null || this.#at < this.#records.length;
  }

  /** Whether a leader of this epoch has to be asked if it has what was read. */
  mustCheck(leaderEpoch: number): boolean {
    return this.#positionEpoch >= 0 && leaderEpoch > Math.max(this.#checkedEpoch, this.#positionEpoch);
  }

  /** The leader of this epoch has it. */
  checked(leaderEpoch: number): void {
    this.#checkedEpoch = leaderEpoch;
  }

  /** Null: where it begins has to be found out again. */
  seek(offset: number | null, epoch = -1): void {
    this.era++;
    if (offset !== null) this.wasLocated = true;
    this.#position = offset;
    this.#positionEpoch = epoch;
    this.#checkedEpoch = -1;
    this.failure = null;
    this.retryAt = 0;
    this.forget();
  }

  /** What was fetched is fetched again when it is to be handed out. */
  forget(): void {
    this.#batches = null;
    this.#records = [];
    this.#at = 0;
    this.#release?.();
    this.#release = null;
  }

  /** It is read no longer: an answer that comes still is of no use. */
  end(): void {
    this.era++;
    this.forget();
  }

  /** A topic that was deleted and made again has other records at the same offsets. */
  checkTopic({ id }: TopicView): void {
    if (this.#topicId !== ZERO_UUID && this.#topicId !== id) this.seek(null);
    this.#topicId = id;
  }

  received({ records, aborted, highWatermark, release }: Fetched): void {
    this.highWatermark = highWatermark;
    if (records.length === 0) return;
    // The same records may have come from the leader before, too.
    this.forget();
    this.#batches = committedBatches(records, aborted);
    this.#release = release;
  }

  /** At most `max` records, in order. What is damaged becomes the `failure`. */
  take(max: number): ConsumedRecord[] {
    const taken: ConsumedRecord[] = [];
    const { topic, partition } = this.target;
    try {
      while (taken.length < max && this.#load()) {
        const record = this.#records[this.#at++];
        if (!record) continue;
        // Spread, the objects would take twice the time of everything else here.
        const { offset, timestamp, key, value, headers } = record;
        const leaderEpoch = this.#recordsEpoch;
        taken.push({ topic, partition, offset, timestamp, key, value, headers, leaderEpoch });
        this.#positionEpoch = this.#recordsEpoch;
        this.#position = this.#at < this.#records.length ? record.offset + 1 : this.#after;
      }
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      const what = `${topic}-${partition} at offset ${this.#position}`;
      this.seek(this.#position, this.#positionEpoch);
      this.failure = answerError(what, error.error, `${error.message}; seek to another offset to go on`);
    }
    return taken;
  }

  /** Whether there is a record; moves over batches that have none for the application. */
  #load(): boolean {
    while (this.#at >= this.#records.length) {
      const next = this.#batches?.next();
      if (!next || next.done) {
        this.forget();
        return false;
      }
      const { header, bytes, isData } = next.value;
      const position = this.#position ?? 0;
      if (header.nextOffset <= position) continue;
      this.#records = isData ? readRecords(bytes).filter(({ offset }) => offset >= position) : [];
      this.#at = 0;
      this.#after = header.nextOffset;
      this.#recordsEpoch = header.partitionLeaderEpoch;
      if (this.#records.length === 0) this.#position = header.nextOffset;
    }
    return true;
  }
}
