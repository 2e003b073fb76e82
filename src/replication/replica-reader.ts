import type { BrokerId, Offset } from '../base/brand.ts';
import type { ErrorName } from '../protocol/errors.ts';
import type { Partition } from './partition.ts';

/** What a consumer or a follower wants of one partition. */
export interface ReadRequest {
  readonly fetchOffset: Offset;
  readonly maxBytes: number;
  /** Give a first batch that is larger than `maxBytes` all the same (KIP-74). */
  readonly minOneBatch: boolean;
  readonly currentLeaderEpoch: number;
  /** The epoch of the last record the reader has; -1 when it does not say. */
  readonly lastFetchedEpoch: number;
  /** `log` is for followers: everything that is written. */
  readonly upTo: 'log' | 'highWatermark' | 'lastStable';
  /** The reader may be served by a follower: a consumer that knows of closest replicas (KIP-392). */
  readonly followersToo: boolean;
}

export type ReadResult =
  | { readonly error: ErrorName; readonly leaderId: BrokerId; readonly leaderEpoch: number }
  | {
      readonly highWatermark: Offset;
      readonly lastStableOffset: Offset;
      readonly logStartOffset: Offset;
      /** The reader's log ends differently: it must cut back to here before it goes on (KIP-595). */
      readonly divergingEpoch: { readonly epoch: number; readonly endOffset: Offset } | null;
      readonly parts: readonly Buffer[];
      readonly sizeInBytes: number;
      /** Memory that the parts keep from being used again. */
      readonly heldBytes: number;
      readonly abortedTransactions: readonly { readonly producerId: number; readonly firstOffset: Offset }[];
      readonly release: () => void;
    };

/** A read of what lies only in files, off the event loop. */
export interface ColdRead {
  /**
   * Resolves with what a read says at its end: `readPartition` again when the replica or its log became
   * another meanwhile.
   */
  readonly finish: (options: { readonly isUrgent: boolean }) => Promise<ReadResult>;
}

/**
 * After so many reads that came to nothing because the replica changed, the answer has no records, and the
 * reader asks again.
 */
const COLD_ATTEMPTS = 3;

const nothing = () => {};

/**
 * Reads a partition that this broker leads, or follows if the reader may read from followers: from memory at
 * once, else off the loop.
 */
export function readPartition(partition: Partition, request: ReadRequest): ReadResult | ColdRead {
  const state = lookAtPartition(partition, request);
  if ('error' in state || state.divergingEpoch) return state;
  const upTo = readableEnd(partition, request.upTo);
  if (request.fetchOffset >= upTo || (request.maxBytes <= 0 && !request.minOneBatch)) return state;
  const { log } = partition;
  const { maxBytes, minOneBatch } = request;
  const read = log.reads.readTail(request.fetchOffset, { maxBytes, upTo, minOneBatch });
  if (read === null)
    return { finish: ({ isUrgent }) => readCold(partition, request, { isUrgent, attempts: COLD_ATTEMPTS }) };
  if ('error' in read) return failed(partition, read.error);
  const abortedTransactions =
    request.upTo === 'lastStable' && read.sizeInBytes > 0
      ? log.reads.abortedTransactions(request.fetchOffset, upTo)
      : [];
  return { ...state, ...read, abortedTransactions };
}

/**
 * What there is to say of the partition beside its records. A follower whose high watermark is behind has
 * nothing to give yet. Of an offset beyond its log it may know that it is committed elsewhere
 * (OFFSET_NOT_AVAILABLE: try again); otherwise the reader must ask the leader whether it exists
 * (OFFSET_OUT_OF_RANGE).
 */
export function lookAtPartition(partition: Partition, request: ReadRequest): ReadResult {
  const { log } = partition;
  const epochError = partition.checkLeaderEpoch(request.currentLeaderEpoch);
  if (epochError) return failed(partition, epochError);
  if (!partition.isLeader && !(request.followersToo && partition.isFollower))
    return failed(partition, 'NOT_LEADER_OR_FOLLOWER');
  // No divergence: a follower's log may just not be so long yet.
  if (partition.isFollower && request.fetchOffset > log.endOffset) {
    const isElsewhere = request.fetchOffset <= partition.leaderHighWatermark;
    return failed(partition, isElsewhere ? 'OFFSET_NOT_AVAILABLE' : 'OFFSET_OUT_OF_RANGE');
  }
  const divergingEpoch =
    request.lastFetchedEpoch >= 0
      ? divergence(partition, request.lastFetchedEpoch, request.fetchOffset)
      : null;
  if (divergingEpoch === 'OFFSET_OUT_OF_RANGE') return failed(partition, divergingEpoch);
  if (!divergingEpoch && (request.fetchOffset < log.logStartOffset || request.fetchOffset > log.endOffset))
    return failed(partition, 'OFFSET_OUT_OF_RANGE');
  return {
    highWatermark: log.highWatermark,
    lastStableOffset: log.lastStableOffset,
    logStartOffset: log.logStartOffset,
    divergingEpoch,
    parts: [],
    sizeInBytes: 0,
    heldBytes: 0,
    abortedTransactions: [],
    release: nothing,
  };
}

/**
 * The records hold only for the replica and the log that they were read from. When either became another
 * during the read, the reader gets what the new ones say.
 */
async function readCold(
  partition: Partition,
  request: ReadRequest,
  options: { readonly isUrgent: boolean; readonly attempts: number },
): Promise<ReadResult> {
  const { isUrgent, attempts } = options;
  const { log, leaderEpoch, isLeader } = partition;
  const read = await log.reads.readCold(request.fetchOffset, {
    maxBytes: request.maxBytes,
    minOneBatch: request.minOneBatch,
    upTo: readableEnd(partition, request.upTo),
    isUrgent,
    withAborted: request.upTo === 'lastStable',
  });
  const isTheSame = partition.leaderEpoch === leaderEpoch && partition.isLeader === isLeader;
  if (read && isTheSame) {
    if ('error' in read) return failed(partition, read.error);
    const state = lookAtPartition(partition, request);
    if (!('error' in state) && !state.divergingEpoch) return { ...state, ...read };
  }
  if (read && !('error' in read)) read.release();
  if (attempts === 1) return lookAtPartition(partition, request);
  const again = readPartition(partition, request);
  return 'finish' in again ? readCold(partition, request, { isUrgent, attempts: attempts - 1 }) : again;
}

function failed(partition: Partition, error: ErrorName): ReadResult {
  return { error, leaderId: partition.leaderId, leaderEpoch: partition.leaderEpoch };
}

/** The offset at which reads of this kind end. */
export function readableEnd(partition: Partition, upTo: ReadRequest['upTo']): Offset {
  switch (upTo) {
    case 'log':
      return partition.readableEndOffset;
    case 'highWatermark':
      return partition.log.highWatermark;
    case 'lastStable':
      return partition.log.lastStableOffset;
  }
}

/**
 * Whether a reader whose last record has this epoch, at this offset, holds what the leader holds. When the
 * leader's records of that epoch end earlier, or it never had the epoch, the answer is where the reader's log
 * is cut back to.
 */
function divergence(
  partition: Partition,
  lastFetchedEpoch: number,
  fetchOffset: Offset,
): { readonly epoch: number; readonly endOffset: Offset } | 'OFFSET_OUT_OF_RANGE' | null {
  const end = epochEnd(partition, lastFetchedEpoch);
  if (!end) return 'OFFSET_OUT_OF_RANGE';
  return end.epoch < lastFetchedEpoch || end.endOffset < fetchOffset ? end : null;
}

/**
 * The last epoch at or before `epoch` that the log has, and where it ends; null when the log is younger than
 * it.
 */
export function epochEnd(
  partition: Partition,
  epoch: number,
): { readonly epoch: number; readonly endOffset: Offset } | null {
  // The epoch being led may have no record yet.
  if (partition.isLeader && epoch === partition.leaderEpoch)
    return { epoch, endOffset: partition.log.endOffset };
  const end = partition.log.endOffsetForEpoch(epoch);
  return end.endOffset < 0 ? null : end;
}
