import { type ConnectValue, LOGICAL_NAMES, type Schema } from './schema.ts';
import { simpleDateFormat } from './simple-date-format.ts';

/** What is written needs no clock, which tells years of two digits apart that are read. */
const NO_CLOCK = { now: () => 0 };
const ISO = {
  time: simpleDateFormat("HH:mm:ss.SSS'Z'", NO_CLOCK),
  day: simpleDateFormat('yyyy-MM-dd', NO_CLOCK),
  both: simpleDateFormat("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", NO_CLOCK),
};

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

/**
 * As Kafka Connect writes a time whose kind it does not look at: the first day of 1970 is a time of the day,
 * and midnight a day.
 */
export function isoText(milliseconds: bigint): string {
  if (milliseconds < DAY_MS) return ISO.time.format(milliseconds);
  return (milliseconds % DAY_MS === 0n ? ISO.day : ISO.both).format(milliseconds);
}
