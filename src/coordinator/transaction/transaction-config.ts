/**
 * What the transaction coordinator can be told, under the broker config that tells it. Defaults are Kafka's.
 */
export interface TransactionConfig {
  /** `transaction.max.timeout.ms` */
  readonly maxTimeoutMs: number;
  /** `transaction.abort.timed.out.transaction.cleanup.interval.ms` */
  readonly abortTimedOutIntervalMs: number;
  /** `transactional.id.expiration.ms` */
  readonly idExpirationMs: number;
  /** `transaction.remove.expired.transaction.cleanup.interval.ms` */
  readonly removeExpiredIntervalMs: number;
  /** `request.timeout.ms`: how long an answer waits until its records are replicated. */
  readonly commitTimeoutMs: number;
}

export const DEFAULT_TRANSACTION_CONFIG: TransactionConfig = {
  maxTimeoutMs: 15 * 60_000,
  abortTimedOutIntervalMs: 10_000,
  idExpirationMs: 7 * 24 * 60 * 60_000,
  removeExpiredIntervalMs: 60 * 60_000,
  commitTimeoutMs: 30_000,
};
