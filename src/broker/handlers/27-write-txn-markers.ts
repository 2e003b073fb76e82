import type { Clock } from '../../base/clock.ts';
import { inPortions } from '../../base/portions.ts';
import { errorCode } from '../../protocol/errors.ts';
import { writeTxnMarkers } from '../../protocol/messages/27-write-txn-markers.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import { type MarkerParts, writeMarker } from '../peers/write-markers.ts';

/** What of the broker this handler works with. */
export interface MarkersContext extends MarkerParts {
  readonly world: { readonly clock: Pick<Clock, 'now' | 'soon'> };
}

/**
 * WriteTxnMarkers v1-2: the leaders of a transaction's partitions are told how it ended, by its coordinator,
 * or by Admin.abortTransaction (KIP-664) where nobody ends it. The answer leaves when all replicas in sync
 * have the marker. v2 says of which version the transaction is.
 */
export const writeTxnMarkersHandler = handle(
  writeTxnMarkers,
  { versions: [1, 2], operations: ['CLUSTER:ALTER', 'CLUSTER:CLUSTER_ACTION'] },
  async (context: MarkersContext, request, info) => {
    const allowed =
      info.allows('CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME) ||
      info.authorize('ALTER', 'CLUSTER', CLUSTER_NAME);
    // One list of all partitions: portions of portions of portions would be all at once again.
    const asked = request.markers.flatMap(({ topics, transactionResult, ...marker }) =>
      topics.flatMap(({ name, partitionIndexes }) =>
        partitionIndexes.map((partition) => ({
          marker: { ...marker, committed: transactionResult },
          at: { topic: name, partition },
        })),
      ),
    );
    // A portion does not wait for the markers of the one before: a partition in which one cannot be
    // replicated now would keep the transaction open in the others.
    const begun = await inPortions(context.world.clock, asked, ({ marker, at }) => ({
      written: allowed ? writeMarker(context, marker, at, info) : ('CLUSTER_AUTHORIZATION_FAILED' as const),
    }));
    const errors = await Promise.all(begun.map(({ written }) => written));
    let next = 0;
    return {
      markers: request.markers.map(({ producerId, topics }) => ({
        producerId,
        topics: topics.map(({ name, partitionIndexes }) => ({
          name,
          partitions: partitionIndexes.map((partitionIndex) => ({
            partitionIndex,
            errorCode: errorCode(errors[next++] ?? 'NONE'),
          })),
        })),
      })),
    };
  },
);
