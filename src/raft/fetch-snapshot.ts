import { type ErrorName, errorCode } from '../protocol/errors.ts';
import type { FetchSnapshotRequest, FetchSnapshotResponse } from '../protocol/messages/59-fetch-snapshot.ts';
import { checkEpoch, nodeEndpointsSince } from './fetch.ts';
import type { RaftLeader } from './leader.ts';
import { METADATA_PARTITION, METADATA_TOPIC } from './metadata-topic.ts';

/** A piece of a snapshot in one answer. */
const PIECE_BYTES_MAX = 1024 * 1024;

/** FetchSnapshot (KIP-630): a snapshot's file, piece by piece; pieces need not end where batches do. */
export function fetchSnapshotPiece(
  leader: RaftLeader,
  request: FetchSnapshotRequest,
  apiVersion: number,
): FetchSnapshotResponse {
  if (request.clusterId !== null && request.clusterId !== leader.clusterId)
    return { throttleTimeMs: 0, errorCode: errorCode('INCONSISTENT_CLUSTER_ID'), topics: [] };
  const topics = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((wanted) => {
      const known = name === METADATA_TOPIC && wanted.partition === METADATA_PARTITION;
      const error: ErrorName | null = known
        ? leader.failure
          ? 'NOT_LEADER_OR_FOLLOWER'
          : checkEpoch(leader, wanted.currentLeaderEpoch)
        : 'UNKNOWN_TOPIC_OR_PARTITION';
      const piece = error
        ? null
        : leader.log.readSnapshotBytes(
            wanted.snapshotId,
            wanted.position,
            Math.min(request.maxBytes, PIECE_BYTES_MAX),
          );
      const refusal = error ?? refusalOf(piece, wanted.position);
      return {
        index: wanted.partition,
        errorCode: errorCode(refusal ?? 'NONE'),
        snapshotId: wanted.snapshotId,
        currentLeader: { leaderId: leader.failure ? -1 : leader.nodeId, leaderEpoch: leader.epoch },
        size: refusal ? 0 : (piece?.size ?? 0),
        position: wanted.position,
        unalignedRecords: refusal ? Buffer.alloc(0) : (piece?.bytes ?? Buffer.alloc(0)),
      };
    }),
  }));
  return {
    throttleTimeMs: 0,
    errorCode: errorCode('NONE'),
    topics,
    ...nodeEndpointsSince(1, apiVersion, leader),
  };
}

function refusalOf(piece: { readonly size: number } | null, position: number): ErrorName | null {
  if (!piece) return 'SNAPSHOT_NOT_FOUND';
  return position < 0 || position >= piece.size ? 'POSITION_OUT_OF_RANGE' : null;
}
