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
      readonly abortedTransactions: readonly { readonly producerId: number; readonly firstOffset: Offset }[];
      readonly release: () => void;
    };

const nothing = () => {};

/**
 * Reads a partition that this broker leads, or follows if the reader may read from followers. A follower whose high
 * watermark is behind has nothing to give yet. Of an offset beyond its log it may know that it is committed elsewhere
 * (OFFSET_NOT_AVAILABLE: try again); otherwise the reader must ask the leader whether it exists (OFFSET_OUT_OF_RANGE).
 */
export function readPartition(partition: Partition, request: ReadRequest): ReadResult {
  const failed = (error: ErrorName): ReadResult => ({
    error,
    leaderId: partition.leaderId,
    leaderEpoch: partition.leaderEpoch,
  });
  const { log } = partition;
  const epochError = partition.checkLeaderEpoch(request.currentLeaderEpoch);
  if (epochError) return failed(epochError);
  if (!partition.isLeader && !(request.followersToo && partition.isFollower))
    return failed('NOT_LEADER_OR_FOLLOWER');
  const state = {
    highWatermark: log.highWatermark,
    lastStableOffset: log.lastStableOffset,
    logStartOffset: log.logStartOffset,
  };
  const empty = { parts: [], sizeInBytes: 0, abortedTransactions: [], release: nothing };
  // No divergence: a follower's log may just not be so long yet.
  if (partition.isFollower && request.fetchOffset > log.endOffset)
    return failed(
      request.fetchOffset <= partition.leaderHighWatermark ? 'OFFSET_NOT_AVAILABLE' : 'OFFSET_OUT_OF_RANGE',
    );
  if (request.lastFetchedEpoch >= 0) {
    const divergingEpoch = divergence(partition, request.lastFetchedEpoch, request.fetchOffset);
    if (divergingEpoch === 'OFFSET_OUT_OF_RANGE') return failed(divergingEpoch);
    if (divergingEpoch) return { ...state, divergingEpoch, ...empty };
  }
  if (request.fetchOffset < log.logStartOffset || request.fetchOffset > log.endOffset)
    return failed('OFFSET_OUT_OF_RANGE');
  const upTo = readableEnd(partition, request.upTo);
  if (request.fetchOffset >= upTo || (request.maxBytes <= 0 && !request.minOneBatch))
    return { ...state, divergingEpoch: null, ...empty };
  const read = log.read(request.fetchOffset, {
    maxBytes: request.maxBytes,
    upTo,
    minOneBatch: request.minOneBatch,
  });
  if ('error' in read) return failed(read.error);
  const abortedTransactions =
    request.upTo === 'lastStable' && read.sizeInBytes > 0
      ? log.abortedTransactions(request.fetchOffset, upTo)
      : [];
  return { ...state, divergingEpoch: null, ...read, abortedTransactions };
}

/** Where reads of this kind end. */
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
 * Whether a reader whose last record has this epoch, at this offset, holds what the leader holds. When the leader's
 * records of that epoch end earlier, or it never had the epoch, the answer is where the reader's log is cut back to.
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

/** The last epoch at or before `epoch` that the log has, and where it ends; null when the log is younger than it. */
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
