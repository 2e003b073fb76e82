import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, offset, records, string, struct, uint16, uuid } from '../field.ts';

/**
 * The snapshots of the metadata log, in slices (KIP-630).
 */
export const fetchSnapshot = api({
  name: 'FetchSnapshot',
  key: 59,
  versions: [0, 1],
  flexible: 0,
  request: {
    clusterId: string.nullable().default(null).tagged(0),
    replicaId: int32.default(-1),
    maxBytes: int32.default(2147483647),
    topics: array({
      name: string,
      partitions: array({
        partition: int32,
        currentLeaderEpoch: int32,
        snapshotId: struct({
          endOffset: offset,
          epoch: int32,
        }),
        position: offset,
        replicaDirectoryId: uuid.since(1).tagged(0).ignorable(),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32.default(0).ignorable(),
    errorCode: int16,
    topics: array({
      name: string,
      partitions: array({
        index: int32,
        errorCode: int16,
        snapshotId: struct({
          endOffset: offset,
          epoch: int32,
        }),
        currentLeader: struct({
          leaderId: int32,
          leaderEpoch: int32,
        }).tagged(0),
        size: offset,
        position: offset,
        // A slice of the file: it may begin and end inside a batch.
        unalignedRecords: records,
      }),
    }),
    nodeEndpoints: array({
      nodeId: int32,
      host: string,
      port: uint16,
    })
      .since(1)
      .tagged(0),
  },
});

export type FetchSnapshotRequest = RequestOf<typeof fetchSnapshot>;
export type FetchSnapshotResponse = ResponseOf<typeof fetchSnapshot>;
