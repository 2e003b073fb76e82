import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, offset, string } from '../field.ts';

/**
 * The producers whose state a partition's leader keeps (KIP-664).
 */
export const describeProducers = api({
  name: 'DescribeProducers',
  key: 61,
  versions: [0, 0],
  flexible: 0,
  request: {
    topics: array({
      name: string,
      partitionIndexes: array(int32),
    }),
  },
  response: {
    throttleTimeMs: int32.default(0),
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        errorMessage: string.nullable().default(null),
        activeProducers: array({
          producerId: offset,
          producerEpoch: int32,
          lastSequence: int32.default(-1),
          lastTimestamp: offset.default(-1),
          coordinatorEpoch: int32,
          // -1 outside of a transaction.
          currentTxnStartOffset: offset.default(-1),
        }),
      }),
    }),
  },
});

export type DescribeProducersRequest = RequestOf<typeof describeProducers>;
export type DescribeProducersResponse = ResponseOf<typeof describeProducers>;
