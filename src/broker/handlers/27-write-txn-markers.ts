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
    const markers = await Promise.all(
      request.markers.map(async ({ topics, transactionResult, ...marker }) => ({
        producerId: marker.producerId,
        topics: await Promise.all(
          topics.map(async ({ name, partitionIndexes }) => ({
            name,
            partitions: await Promise.all(
              partitionIndexes.map(async (partitionIndex) => {
                const error = allowed
                  ? await writeMarker(
                      context,
                      { ...marker, committed: transactionResult },
                      { topic: name, partition: partitionIndex },
                    )
                  : 'CLUSTER_AUTHORIZATION_FAILED';
                return { partitionIndex, errorCode: errorCode(error ?? 'NONE') };
              }),
            ),
          })),
        ),
      })),
    );
    return { markers };
  },
);
