import { type ConnectValue, LOGICAL_NAMES, type Schema } from './schema.ts';

export const DAY_MS = 86_400_000n;

/** The milliseconds since 1970 of a Date, a Time or a Timestamp; null for values of other schemas. */
export function millisecondsOf({ name }: Schema, value: ConnectValue): bigint | null {
  if (typeof value !== 'number' && typeof value !== 'bigint') return null;
  switch (name) {
    case LOGICAL_NAMES.date:
      return BigInt(value) * DAY_MS;
    case LOGICAL_NAMES.time:
    case LOGICAL_NAMES.timestamp:
      return BigInt(value);
    default:
      return null;
  }
}

/** As Kafka Connect writes a time whose kind it does not look at: the first day of 1970 is a time of the day, and midnight a day. */
export function isoText(milliseconds: bigint): string {
  const text = new Date(Number(milliseconds)).toISOString();
  const [day = '', time = ''] = text.split('T');
  if (milliseconds < DAY_MS) return time;
  return milliseconds % DAY_MS === 0n ? day : text;
}
