import { KafkaClientError } from '../../kafka-client/kafka-client-error.ts';

/** What a transaction may take beside the time in which it takes records: Kafka's default. */
const ENDING_MS = 60_000;

/** How long a transaction of a source may be open that takes records for `collectMs`. */
export function transactionMs(collectMs: number): number {
  return collectMs + ENDING_MS;
}

/** The error itself, or where the brokers do not allow that time, one that says what to change. */
export function explained(error: unknown, collectMs: number): unknown {
  if (!(error instanceof KafkaClientError && error.code === 'INVALID_TRANSACTION_TIMEOUT')) return error;
  const shorter =
    collectMs === 0
      ? ''
      : ', or make transaction.boundary.interval.ms of the connector smaller (without it, offset.flush.interval.ms of the worker counts)';
  return new Error(
    `A transaction of this connector may last ${transactionMs(collectMs)} ms, and transaction.max.timeout.ms of the brokers is smaller: raise it${shorter}.`,
    { cause: error },
  );
}
