/** Names inside a partition's folder: twenty digits of the first offset, then what the file holds. */
export const suffix = {
  log: '.log',
  offsetIndex: '.index',
  timeIndex: '.timeindex',
  txnIndex: '.txnindex',
  producerSnapshot: '.snapshot',
  deleted: '.deleted',
  cleaned: '.cleaned',
  swap: '.swap',
} as const;

export const LEADER_EPOCH_CHECKPOINT = 'leader-epoch-checkpoint';
export const PARTITION_METADATA = 'partition.metadata';

const OFFSET_DIGITS = 20;

export function fileName(offset: number, ending: string): string {
  return String(offset).padStart(OFFSET_DIGITS, '0') + ending;
}

/** The offset in a name with this ending; null for any other name. */
export function offsetInName(name: string, ending: string): number | null {
  if (!name.endsWith(ending)) return null;
  const digits = name.slice(0, name.length - ending.length);
  if (digits.length !== OFFSET_DIGITS || !/^\d+$/.test(digits)) return null;
  const offset = Number(digits);
  return Number.isSafeInteger(offset) ? offset : null;
}

/** `orders-7` -> orders, 7; null when the name is no partition's (deleted and stray folders are not). */
export function partitionInName(name: string): { readonly topic: string; readonly partition: number } | null {
  const match = /^([a-zA-Z0-9._-]{1,249})-(\d{1,10})$/.exec(name);
  if (!match?.[1] || match[2] === undefined) return null;
  return { topic: match[1], partition: Number(match[2]) };
}
