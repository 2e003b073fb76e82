import type { Refusal } from '../protocol/refusal.ts';

/** Kafka's MAX_RECORDS_PER_USER_OP: what one request may add to the log, so that one batch can hold it. */
export const RECORDS_MAX = 10_000;
export const TOO_MANY: Refusal = {
  error: 'POLICY_VIOLATION',
  message: 'Unable to perform excessively large batch operation.',
};

/**
 * Whether the client's quota allows so many partitions more or less; those that it allows count (KIP-599).
 */
export type Admits = (partitions: number) => boolean;

export const OVER_QUOTA: Refusal = {
  error: 'THROTTLING_QUOTA_EXCEEDED',
  message: 'The throttling quota has been exceeded.',
};
