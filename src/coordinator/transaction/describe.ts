import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import type { DescribeTransactionsResponse } from '../../protocol/messages/65-describe-transactions.ts';
import type { ListTransactionsResponse } from '../../protocol/messages/66-list-transactions.ts';
import type { Transaction } from './transaction.ts';

export type DescribedTransaction = DescribeTransactionsResponse['transactionStates'][number];
export type ListedTransaction = ListTransactionsResponse['transactionStates'][number];

export function describeTransaction(transaction: Transaction): DescribedTransaction {
  return {
    errorCode: 0,
    transactionalId: transaction.transactionalId,
    transactionState: transaction.state,
    transactionTimeoutMs: transaction.timeoutMs,
    transactionStartTimeMs: transaction.startTimestamp,
    producerId: transaction.producerId,
    producerEpoch: transaction.producerEpoch,
    topics: [...transaction.partitions].map(([topic, ids]) => ({ topic, partitions: [...ids] })),
  };
}

export function undescribedTransaction(transactionalId: string, error: ErrorName): DescribedTransaction {
  return {
    errorCode: errorCode(error),
    transactionalId,
    transactionState: '',
    transactionTimeoutMs: 0,
    transactionStartTimeMs: 0,
    producerId: 0,
    producerEpoch: 0,
    topics: [],
  };
}

export interface TransactionFilter {
  /** None: any. */
  readonly states: ReadonlySet<string>;
  /** None: any. */
  readonly producerIds: ReadonlySet<number>;
  /** Milliseconds a transaction has been open at least; negative: any. */
  readonly durationMs: number;
  readonly matches: (transactionalId: string) => boolean;
}

export function listsTransaction(transaction: Transaction, filter: TransactionFilter, now: number): boolean {
  const { state, producerId, startTimestamp } = transaction;
  if (filter.producerIds.size > 0 && !filter.producerIds.has(producerId)) return false;
  if (filter.states.size > 0 && !filter.states.has(state)) return false;
  if (filter.durationMs >= 0 && (startTimestamp === -1 || now - startTimestamp < filter.durationMs))
    return false;
  return filter.matches(transaction.transactionalId);
}

export function listedTransaction({ transactionalId, producerId, state }: Transaction): ListedTransaction {
  return { transactionalId, producerId, transactionState: state };
}
