import { assert } from '../base/assert.ts';
import type { LeaderEpoch } from '../base/brand.ts';
import { assignPlaces, readPlaces } from './incoming.ts';
import type { LogDurability } from './log-durability.ts';
import { faultOf } from './log-faults.ts';
import type { LogRoller } from './log-roller.ts';
import type { LogState } from './log-state.ts';
import type { LogWriter } from './log-writer.ts';
import { type OffsetPromise, promiseAfter } from './offset-layout.ts';
import type { AppendOrigin, ProducerError } from './producer-append.ts';
import type { StorageError } from './storage-error.ts';

export interface Appended {
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** -1 under CreateTime. */
  readonly logAppendTime: number;
  readonly logStartOffset: number;
  /** True: a retry of a batch that is in the log already, at these offsets; nothing was appended. */
  readonly duplicate: boolean;
}

export interface AppendRefused {
  readonly error:
    | ProducerError
    | 'KAFKA_STORAGE_ERROR'
    | 'RECORD_LIST_TOO_LARGE'
    | 'CORRUPT_MESSAGE'
    | 'OFFSET_OUT_OF_RANGE';
  readonly message: string;
}

/** Checks batches, gives them their place and leaves them to the writer: all or none. */
export class LogAppender {
  readonly #state: LogState;
  readonly #writer: LogWriter;
  readonly #durability: LogDurability;
  readonly #roller: LogRoller;

  constructor(state: LogState, writer: LogWriter, durability: LogDurability, roller: LogRoller) {
    this.#state = state;
    this.#writer = writer;
    this.#durability = durability;
    this.#roller = roller;
  }

  /** See `PartitionLog.append`. */
  append(
    bytes: Buffer,
    { origin, leaderEpoch }: { readonly origin: AppendOrigin; readonly leaderEpoch: LeaderEpoch },
  ): Appended | AppendRefused {
    const state = this.#state;
    const { faults, bounds, config, epochs } = state;
    assert(!state.isClosed, 'append to a closed log');
    if (faults.current && !this.#writer.mayGoOn(bytes.length)) return refused(faults.current);
    state.shared.makeRoom(bytes.length);
    if (faults.current) return refused(faults.current);
    if (this.#durability.holdsAppends) {
      this.#durability.settleInBackground();
      return {
        error: 'KAFKA_STORAGE_ERROR',
        message: 'the log was cut, and the device does not know it yet',
      };
    }
    if (origin === 'replication' && !this.#isAdmitted(bytes)) {
      return {
        error: 'OFFSET_OUT_OF_RANGE',
        message: 'the batches leave offsets out, and this log has none',
      };
    }
    const logAppendTime = origin === 'client' || origin === 'coordinator' ? this.#logAppendTime() : undefined;
    const incoming =
      origin === 'replication'
        ? readPlaces(bytes, { endOffset: bounds.endOffset, leaderEpoch })
        : assignPlaces(bytes, { baseOffset: bounds.endOffset, leaderEpoch, logAppendTime });
    if ('error' in incoming) return incoming;
    const { produced, sizeInBytes } = incoming;
    const first = produced[0]?.header;
    const last = produced.at(-1)?.header;
    if (!first || !last) return this.#appended(bounds.endOffset, bounds.endOffset - 1, -1);
    assert(
      first.baseOffset === bounds.endOffset ||
        (origin === 'replication' && first.baseOffset > bounds.endOffset),
      'a batch begins where the log ends, or behind it on a follower',
    );
    if (sizeInBytes > config.segmentBytes) {
      const message = `${sizeInBytes} bytes do not fit a segment of ${config.segmentBytes}`;
      return { error: 'RECORD_LIST_TOO_LARGE', message };
    }
    const rollError = this.#roller.rollIfDue(incoming, { first: first.baseOffset, last: last.lastOffset });
    if (rollError) return refused(rollError);
    const checked = state.producers.append(produced, origin, (txn) => state.pending.addAborted(txn));
    if ('error' in checked) return checked;
    if ('duplicate' in checked) {
      const { baseOffset, lastOffset, timestamp } = checked.duplicate;
      return { ...this.#appended(baseOffset, lastOffset, timestamp), duplicate: true };
    }
    for (const { header } of produced) {
      epochs.assign({ epoch: header.partitionLeaderEpoch, startOffset: header.baseOffset });
    }
    this.#writer.place(bytes, incoming);
    assert(bounds.endOffset === last.nextOffset, 'a log ends after its last batch');
    return this.#appended(first.baseOffset, last.lastOffset, logAppendTime ?? -1);
  }

  /** See `PartitionLog.admit`. */
  admit(batches: Buffer): Promise<void> | null {
    return this.#isAdmitted(batches)
      ? null
      : this.#weakenTo(promiseAfter(batches, this.#state.bounds.endOffset));
  }

  /** Before a compaction leaves offsets out. Rejects with StorageError. */
  admitGaps(): Promise<void> {
    return this.#weakenTo('adjoining');
  }

  #isAdmitted(batches: Buffer): boolean {
    const { layout, bounds } = this.#state;
    return layout.promise === 'unknown' || layout.allows(promiseAfter(batches, bounds.endOffset));
  }

  async #weakenTo(promise: OffsetPromise): Promise<void> {
    try {
      await this.#state.layout.weakenTo(promise);
    } catch (error) {
      throw this.#state.isClosed ? error : this.#writer.fail(faultOf(error), error);
    }
  }

  #appended(baseOffset: number, lastOffset: number, logAppendTime: number): Appended {
    const { logStartOffset } = this.#state.bounds;
    return { baseOffset, lastOffset, logAppendTime, logStartOffset, duplicate: false };
  }

  #logAppendTime(): number | undefined {
    const { config, world } = this.#state;
    return config.messageTimestampType === 'LogAppendTime' ? world.clock.now() : undefined;
  }
}

function refused(error: StorageError): AppendRefused {
  return { error: 'KAFKA_STORAGE_ERROR', message: error.message };
}
