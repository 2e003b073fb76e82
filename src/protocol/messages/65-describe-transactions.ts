import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, offset, string } from '../field.ts';

export const describeTransactions = api({
  name: 'DescribeTransactions',
  key: 65,
  versions: [0, 0],
  flexible: 0,
  request: {
    transactionalIds: array(string),
  },
  response: {
    throttleTimeMs: int32.default(0),
    transactionStates: array({
      errorCode: int16,
      transactionalId: string,
      transactionState: string,
      transactionTimeoutMs: int32,
      // -1 before the first transaction.
      transactionStartTimeMs: offset,
      producerId: offset,
      producerEpoch: int16,
      topics: array({
        topic: string,
        partitions: array(int32),
      }),
    }),
  },
});

export type DescribeTransactionsRequest = RequestOf<typeof describeTransactions>;
export type DescribeTransactionsResponse = ResponseOf<typeof describeTransactions>;
