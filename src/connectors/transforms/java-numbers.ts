/** How Java reads numbers of texts and makes one kind of number of another. */

const INTEGER = /^[+-]?\d+$/;
const DECIMAL = /^([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?$/;
const FLOATING = /^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?)$/;
const LONG = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
const INT = { min: -(2n ** 31n), max: 2n ** 31n - 1n };
/** No number that databases have is larger. */
const MOST_DIGITS = 10_000;

/** `Byte.parseByte`, `Short.parseShort`, `Integer.parseInt` and `Long.parseLong`; null where they fail. */
export function parseInteger(text: string, bits: number): bigint | null {
  if (!INTEGER.test(text) || text.length > MOST_DIGITS) return null;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return BigInt.asIntN(bits, value) === value ? value : null;
}

/** `Double.parseDouble` without its hexadecimal form; null where it fails. */
export function parseFloating(text: string): number | null {
  const trimmed = text.replace(/^[\0- ]+|[\0- ]+$/g, '');
  return FLOATING.test(trimmed) ? Number(trimmed.replace(/[fFdD]$/, '')) : null;
}

/**
 * The digits of `new BigDecimal(text)` before its point, as `longValue` has them; null where it is no number.
 */
export function wholePart(text: string): bigint | null {
  const [, sign = '', digits = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  const [whole = '', fraction = ''] = digits.split('.');
  const places = Number(exponent) - fraction.length;
  if (digits === '' || !(Math.abs(places) <= MOST_DIGITS)) return null;
  const unscaled = BigInt(`${whole}${fraction}`);
  const value = places >= 0 ? unscaled * 10n ** BigInt(places) : unscaled / 10n ** BigInt(-places);
  return sign === '-' ? -value : value;
}

/** `new BigDecimal(text).doubleValue()`. */
export function decimalNumber(text: string): number | null {
  return DECIMAL.test(text) ? Number(text) : null;
}

/** `Double.longValue` and `intValue`: what is too large is the largest, what is none is 0. */
export function wholeOf(value: number, kind: 'INT' | 'LONG'): bigint {
  if (Number.isNaN(value)) return 0n;
  const { min, max } = kind === 'INT' ? INT : LONG;
  if (value >= Number(max)) return max;
  if (value <= Number(min)) return min;
  return BigInt(Math.trunc(value));
}

/** As `TimeUnit` makes finer units of coarser ones. */
export function saturated(value: bigint): bigint {
  if (value > LONG.max) return LONG.max;
  return value < LONG.min ? LONG.min : value;
}
