const DURATION =
  /^([-+]?)P(?:([-+]?\d+)D)?(T(?:([-+]?\d+)H)?(?:([-+]?\d+)M)?(?:([-+]?\d+)(?:[.,](\d{0,9}))?S)?)?$/i;
/** Java counts seconds in a long. */
const MAX_SECONDS = 2n ** 63n - 1n;
const DAY = 86_400n;
const HOUR = 3600n;
const MINUTE = 60n;

/**
 * What java.time.Duration.parse reads: ISO 8601 up to days, with a sign before each number and before all of
 * it. In milliseconds, below zero for a negative one; null when Java takes it for none, or for too long.
 */
export function javaDurationMs(text: string): number | null {
  const parts = DURATION.exec(text);
  if (!parts) return null;
  const [, sign, days, time = '', hours, minutes, seconds, fraction = ''] = parts;
  const isEmpty = [days, hours, minutes, seconds].every((part) => part === undefined);
  if (isEmpty || time.toUpperCase() === 'T') return null;
  const terms = [
    BigInt(days ?? 0) * DAY,
    BigInt(hours ?? 0) * HOUR,
    BigInt(minutes ?? 0) * MINUTE,
    BigInt(seconds ?? 0),
  ];
  const whole = terms.reduce((sum, term) => sum + term);
  if ([...terms, whole].some((term) => term > MAX_SECONDS || term < -MAX_SECONDS)) return null;
  const part = Number(`0.${fraction}`) * (seconds?.startsWith('-') ? -1 : 1);
  return (Number(whole) + part) * 1000 * (sign === '-' ? -1 : 1);
}
