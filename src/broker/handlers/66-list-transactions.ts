import { linearPattern } from '../../base/linear-pattern.ts';
import { isTransactionState } from '../../coordinator/transaction/transaction.ts';
import { errorCode } from '../../protocol/errors.ts';
import {
  type ListTransactionsResponse,
  listTransactions,
} from '../../protocol/messages/66-list-transactions.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

/** Every transactional id is compared in one turn of the loop. */
const PATTERN_SIZE_MAX = 500;

/**
 * ListTransactions v0-2: the transactions this broker coordinates and the caller may describe, by state,
 * producer id, from v1 on age (KIP-994), and from v2 on a pattern of the transactional id (KIP-1152). States
 * that do not exist are named in the answer.
 */
export const listTransactionsHandler = handle(
  listTransactions,
  { versions: [0, 2], operations: ['TRANSACTIONAL_ID:DESCRIBE'] },
  async (context: BrokerContext, request, info): Promise<ListTransactionsResponse> => {
    const unknownStateFilters = request.stateFilters.filter((state) => !isTransactionState(state));
    const states = request.stateFilters.filter(isTransactionState);
    // Asked only for states that do not exist, there is nothing to find.
    if (states.length === 0 && unknownStateFilters.length > 0) {
      return { errorCode: 0, unknownStateFilters, transactionStates: [] };
    }
    const { transactionalIdPattern: text } = request;
    const pattern = text === null || text === '' ? null : await linearPattern(text);
    if (pattern && ('error' in pattern || pattern.size > PATTERN_SIZE_MAX))
      return {
        errorCode: errorCode('INVALID_REGULAR_EXPRESSION'),
        unknownStateFilters: [],
        transactionStates: [],
      };
    const found = await context.transactions.list({
      states: new Set(states),
      producerIds: new Set(request.producerIdFilters),
      durationMs: request.durationFilter,
      matches: (id) =>
        (pattern === null || pattern.matches(id)) && info.allows('DESCRIBE', 'TRANSACTIONAL_ID', id),
    });
    if ('error' in found)
      return { errorCode: errorCode(found.error), unknownStateFilters, transactionStates: [] };
    return { errorCode: 0, unknownStateFilters, transactionStates: found };
  },
);
