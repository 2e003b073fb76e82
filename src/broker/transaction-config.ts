import {
  DEFAULT_TRANSACTION_CONFIG,
  type TransactionConfig,
} from '../coordinator/transaction/transaction-config.ts';
import type { BrokerSettings } from './broker-settings.ts';
import type { AddRetry } from './transaction-partitions.ts';

/** A broker's configs that rule its transactions, as they are at its start. */
export function transactionConfig(settings: BrokerSettings): TransactionConfig {
  const d = DEFAULT_TRANSACTION_CONFIG;
  return {
    maxTimeoutMs: settings.number('transaction.max.timeout.ms', d.maxTimeoutMs),
    abortTimedOutIntervalMs: settings.number(
      'transaction.abort.timed.out.transaction.cleanup.interval.ms',
      d.abortTimedOutIntervalMs,
    ),
    idExpirationMs: settings.number('transactional.id.expiration.ms', d.idExpirationMs),
    removeExpiredIntervalMs: settings.number(
      'transaction.remove.expired.transaction.cleanup.interval.ms',
      d.removeExpiredIntervalMs,
    ),
    commitTimeoutMs: settings.number('request.timeout.ms', d.commitTimeoutMs),
  };
}

/** How long a leader tries to add its partition to a transaction while the one before is being completed. */
export function addRetry(settings: BrokerSettings): AddRetry {
  return {
    backoffMs: settings.number('add.partitions.to.txn.retry.backoff.ms', 20),
    maxMs: Math.min(
      settings.number('add.partitions.to.txn.retry.backoff.max.ms', 100),
      settings.number('request.timeout.ms', 30_000),
    ),
  };
}
