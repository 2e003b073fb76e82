import type { LeaderEpoch } from '../base/brand.ts';
import { assignOffsets, type BatchHeader, batches, checkIntegrity } from '../protocol/records/batch.ts';
import { RecordError } from '../protocol/records/record-error.ts';
import { markerIn } from './marker.ts';
import type { ProducedBatch } from './producer-state.ts';

/** The batches of one append with their places in the log. */
export interface Incoming {
  readonly produced: readonly ProducedBatch[];
  readonly sizeInBytes: number;
  readonly maxTimestamp: number;
}

/**
 * A leader's append: offsets, epoch and perhaps the time are given here, in place; consecutive from
 * `baseOffset`.
 */
export function assignPlaces(
  bytes: Buffer,
  place: {
    readonly baseOffset: number;
    readonly leaderEpoch: LeaderEpoch;
    readonly logAppendTime: number | undefined;
  },
): Incoming {
  const { leaderEpoch, logAppendTime } = place;
  const produced: ProducedBatch[] = [];
  let { baseOffset } = place;
  for (const { header, bytes: batch } of batches(bytes)) {
    assignOffsets(batch, { baseOffset, leaderEpoch, logAppendTime });
    const nextOffset = baseOffset + header.lastOffsetDelta + 1;
    const placed: BatchHeader = {
      ...header,
      baseOffset,
      lastOffset: nextOffset - 1,
      nextOffset,
      partitionLeaderEpoch: leaderEpoch,
      maxTimestamp: logAppendTime ?? header.maxTimestamp,
    };
    produced.push({ header: placed, marker: markerIn(placed, () => batch) });
    baseOffset = nextOffset;
  }
  return summed(produced);
}

/**
 * A replica's append: places are the leader's and must not lie below the end of the log; compaction on the
 * leader leaves gaps. Every checksum is compared: what came over the network must not be believed for
 * another's sake.
 */
export function readPlaces(
  bytes: Buffer,
  log: { readonly endOffset: number; readonly leaderEpoch: LeaderEpoch },
): Incoming | { readonly error: 'CORRUPT_MESSAGE' | 'OFFSET_OUT_OF_RANGE'; readonly message: string } {
  const produced: ProducedBatch[] = [];
  let next = log.endOffset;
  try {
    for (const { header, bytes: batch } of batches(bytes)) {
      // A leader newer than the one we follow wrote this; it will be fetched again once we know of it
      // (KIP-595).
      if (header.partitionLeaderEpoch > log.leaderEpoch) break;
      if (checkIntegrity(batch) !== null || header.lastOffsetDelta < 0) {
        return { error: 'CORRUPT_MESSAGE', message: `the batch at ${header.baseOffset} is damaged` };
      }
      if (header.baseOffset < next) {
        return {
          error: 'OFFSET_OUT_OF_RANGE',
          message: `offset ${header.baseOffset} is below the end, ${next}`,
        };
      }
      produced.push({ header, marker: markerIn(header, () => batch) });
      next = header.nextOffset;
    }
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return { error: 'CORRUPT_MESSAGE', message: error.message };
  }
  return summed(produced);
}

function summed(produced: readonly ProducedBatch[]): Incoming {
  let sizeInBytes = 0;
  let maxTimestamp = -1;
  for (const { header } of produced) {
    sizeInBytes += header.sizeInBytes;
    maxTimestamp = Math.max(maxTimestamp, header.maxTimestamp);
  }
  return { produced, sizeInBytes, maxTimestamp };
}
