import { transactionsConfigs } from '../../../../metadata/configs/broker/transactions-configs.ts';
import { type ConfigEffect, effect } from '../config-effect.ts';

/** Transactions and what logs remember of producers. */
export const transactionsEffects: readonly ConfigEffect[] = [
  effect(transactionsConfigs.addPartitionsToTxnRetryBackoffMaxMs, '7', (c) => c.addRetry.maxMs, 7),
  effect(transactionsConfigs.addPartitionsToTxnRetryBackoffMs, '7', (c) => c.addRetry.backoffMs, 7),
  effect(
    transactionsConfigs.producerIdExpirationCheckIntervalMs,
    '7',
    (c) => c.intervals.producerExpiryMs,
    7,
  ),
  effect(transactionsConfigs.producerIdExpirationMs, '7', (c) => c.log.producerIdExpirationMs, 7),
  effect(
    transactionsConfigs.transactionAbortTimedOutTransactionCleanupIntervalMs,
    '7',
    (c) => c.transactions.abortTimedOutIntervalMs,
    7,
  ),
  effect(transactionsConfigs.transactionMaxTimeoutMs, '7', (c) => c.transactions.maxTimeoutMs, 7),
  effect(
    transactionsConfigs.transactionRemoveExpiredTransactionCleanupIntervalMs,
    '7',
    (c) => c.transactions.removeExpiredIntervalMs,
    7,
  ),
  effect(transactionsConfigs.transactionalIdExpirationMs, '7', (c) => c.transactions.idExpirationMs, 7),
];
