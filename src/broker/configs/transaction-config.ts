import type { TransactionConfig } from '../../coordinator/transaction/transaction-config.ts';
import { networkConfigs } from '../../metadata/configs/broker/network-configs.ts';
import { transactionsConfigs } from '../../metadata/configs/broker/transactions-configs.ts';
import type { AddRetry } from '../peers/transaction-partitions.ts';
import type { BrokerSettings } from './broker-settings.ts';

/** A broker's configs that rule its transactions, as they are at its start. */
export function transactionConfig(settings: BrokerSettings): TransactionConfig {
  return {
    maxTimeoutMs: settings.get(transactionsConfigs.transactionMaxTimeoutMs),
    abortTimedOutIntervalMs: settings.get(
      transactionsConfigs.transactionAbortTimedOutTransactionCleanupIntervalMs,
    ),
    idExpirationMs: settings.get(transactionsConfigs.transactionalIdExpirationMs),
    removeExpiredIntervalMs: settings.get(
      transactionsConfigs.transactionRemoveExpiredTransactionCleanupIntervalMs,
    ),
    commitTimeoutMs: settings.get(networkConfigs.requestTimeoutMs),
  };
}

/** How long a leader tries to add its partition to a transaction while the one before is being completed. */
export function addRetry(settings: BrokerSettings): AddRetry {
  return {
    backoffMs: settings.get(transactionsConfigs.addPartitionsToTxnRetryBackoffMs),
    maxMs: Math.min(
      settings.get(transactionsConfigs.addPartitionsToTxnRetryBackoffMaxMs),
      settings.get(networkConfigs.requestTimeoutMs),
    ),
  };
}
