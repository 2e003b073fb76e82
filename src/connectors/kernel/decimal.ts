import type { Schema } from './schema.ts';
import { DataError } from './task-errors.ts';

/**
 * The bytes of a Decimal: the unscaled integer, big-endian two's complement, as short as it goes. `text` as
 * Java's BigDecimal reads it. Throws DataError where digits would be lost.
 */
export function decimalOf(schema: Schema, text: string): Uint8Array {
  const scale = scaleOf(schema);
  const [, sign = '', amount = '', exponent = '0'] =
    /^([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const [whole = '', fraction = ''] = amount.split('.');
  const zeros = scale - fraction.length + Number(exponent);
  if (amount === '' || !(Math.abs(zeros) <= MOST_DIGITS)) throw new DataError(`${text} is no decimal number`);
  let digits = BigInt(`${whole}${fraction}`);
  if (zeros >= 0) digits *= 10n ** BigInt(zeros);
  else {
    const divisor = 10n ** BigInt(-zeros);
    if (digits % divisor !== 0n)
      throw new DataError(`${text} has more than ${scale} digits behind its point`);
    digits /= divisor;
  }
  return bytesOf(sign === '-' ? -digits : digits);
}

/** As JSON has it. */
export function decimalText(schema: Schema, bytes: Uint8Array): string {
  const scale = scaleOf(schema);
  const unscaled = integerOf(bytes);
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(Math.max(0, scale) + 1, '0');
  const sign = unscaled < 0n ? '-' : '';
  if (scale <= 0) return `${sign}${digits}${scale < 0 && unscaled !== 0n ? '0'.repeat(-scale) : ''}`;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Beyond all that databases have. */
const MOST_DIGITS = 10_000;

function scaleOf({ parameters }: Schema): number {
  const scale = Number(parameters?.scale ?? Number.NaN);
  if (!Number.isInteger(scale) || Math.abs(scale) > MOST_DIGITS)
    throw new DataError('Invalid Decimal schema: scale parameter not found.');
  return scale;
}

function integerOf(bytes: Uint8Array): bigint {
  const hex = Buffer.from(bytes).toString('hex');
  return hex === '' ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`));
}

function bytesOf(value: bigint): Uint8Array {
  let length = 1;
  while (BigInt.asIntN(length * 8, value) !== value) length++;
  const hex = BigInt.asUintN(length * 8, value)
    .toString(16)
    .padStart(length * 2, '0');
  return Buffer.from(hex, 'hex');
}
