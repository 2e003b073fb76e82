import { inPortions } from '../../base/portions.ts';
import { errorCode } from '../../protocol/errors.ts';
import { writeTxnMarkers } from '../../protocol/messages/27-write-txn-markers.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { writeMarker } from '../peers/write-markers.ts';

/**
 * WriteTxnMarkers v1-2: the leaders of a transaction's partitions are told how it ended, by its coordinator,
 * or by Admin.abortTransaction (KIP-664) where nobody ends it. The answer leaves when all replicas in sync
 * have the marker. v2 says of which version the transaction is.
 */
export const writeTxnMarkersHandler = handle(
  writeTxnMarkers,
  { versions: [1, 2], operations: ['CLUSTER:ALTER', 'CLUSTER:CLUSTER_ACTION'] },
  async (context: BrokerContext, request, info) => {
    const allowed =
      info.authorize('ALTER', 'CLUSTER', CLUSTER_NAME) ||
      info.authorize('CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME);
    // One list of all partitions: portions of portions of portions would be all at once again.
    const asked = request.markers.flatMap(({ topics, transactionResult, ...marker }) =>
      topics.flatMap(({ name, partitionIndexes }) =>
        partitionIndexes.map((partition) => ({
          marker: { ...marker, committed: transactionResult },
          at: { topic: name, partition },
        })),
      ),
    );
    const errors = await inPortions(context.world.clock, asked, ({ marker, at }) =>
      allowed ? writeMarker(context, marker, at) : 'CLUSTER_AUTHORIZATION_FAILED',
    );
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
