import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, int8, int16, int32, offset, string } from '../field.ts';

/**
 * From the transaction coordinator to the leaders. 2: the transaction version, by which epochs are checked
 * strictly (KIP-1228).
 */
export const writeTxnMarkers = api({
  name: 'WriteTxnMarkers',
  key: 27,
  versions: [1, 2],
  flexible: 1,
  request: {
    markers: array({
      producerId: offset,
      producerEpoch: int16,
      // True commits.
      transactionResult: bool,
      topics: array({
        name: string,
        partitionIndexes: array(int32),
      }),
      coordinatorEpoch: int32,
      transactionVersion: int8.since(2).default(0).ignorable(),
    }),
  },
  response: {
    markers: array({
      producerId: offset,
      topics: array({
        name: string,
        partitions: array({
          partitionIndex: int32,
          errorCode: int16,
        }),
      }),
    }),
  },
});

export type WriteTxnMarkersRequest = RequestOf<typeof writeTxnMarkers>;
export type WriteTxnMarkersResponse = ResponseOf<typeof writeTxnMarkers>;
