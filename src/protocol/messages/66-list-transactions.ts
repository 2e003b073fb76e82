import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, offset, string } from '../field.ts';

/**
 * 1: by duration. 2: by a pattern of the transactional id.
 */
export const listTransactions = api({
  name: 'ListTransactions',
  key: 66,
  versions: [0, 2],
  flexible: 0,
  request: {
    stateFilters: array(string),
    producerIdFilters: array(offset),
    durationFilter: offset.since(1).default(-1),
    transactionalIdPattern: string.nullable().since(2).default(null),
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    unknownStateFilters: array(string),
    transactionStates: array({
      transactionalId: string,
      producerId: offset,
      transactionState: string,
    }),
  },
});

export type ListTransactionsRequest = RequestOf<typeof listTransactions>;
export type ListTransactionsResponse = ResponseOf<typeof listTransactions>;
