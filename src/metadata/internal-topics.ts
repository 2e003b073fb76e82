export const CONSUMER_OFFSETS = '__consumer_offsets';
export const TRANSACTION_STATE = '__transaction_state';
export const SHARE_GROUP_STATE = '__share_group_state';

/**
 * Topics that brokers keep their own state in: clients read them, and write only through requests of their
 * own.
 */
export const INTERNAL_TOPICS: ReadonlySet<string> = new Set([
  CONSUMER_OFFSETS,
  TRANSACTION_STATE,
  SHARE_GROUP_STATE,
]);
