import { DataError } from '../kernel/task-errors.ts';

/** A number that is no integer, as the text has it: a number of 64 bits cannot keep every one. */
export class JsonFraction {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /**
   * Without its fraction, exactly, as `BigDecimal.toBigInteger` makes it; of one that is longer than any type
   * of Kafka Connect, the last digits, as far as 64 bits need them.
   */
  integer(): bigint {
    const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(this.text) ?? [];
    const digits = whole + fraction;
    const length = whole.length + Number(exponent);
    if (length <= 0) return 0n;
    // 2^64 divides 10^64: with so many zeros behind it nothing is left of a number in 64 bits.
    if (length - digits.length >= LAST_DIGITS) return 0n;
    return BigInt(`${sign}${digits.slice(0, length).padEnd(length, '0')}`);
  }
}

const LAST_DIGITS = 64;
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * What JSON says. Integers are bigint, or number where they are exact in it; other numbers are JsonFraction.
 */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | JsonFraction
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };

/**
 * Where neither occurs, every number of the text is an integer that a number keeps. Both may also occur
 * within texts.
 */
const INEXACT = /\d[.eE]|\d{16}/;
const INTEGER = /^-?\d+$/;

/** Throws DataError. */
export function readJson(text: string): Json {
  try {
    if (!INEXACT.test(text)) return JSON.parse(text);
    // TypeScript does not know the text of a number, which Node has given since 21.
    const exact: (
      this: unknown,
      key: string,
      value: unknown,
      context: { readonly source: string },
    ) => unknown = (_, value, { source }) => {
      if (typeof value !== 'number') return value;
      return INTEGER.test(source) ? BigInt(source) : new JsonFraction(source);
    };
    return JSON.parse(text, exact as (this: unknown, key: string, value: unknown) => unknown);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new DataError(
      `Converting byte[] to Kafka Connect data failed due to serialization error: ${error.message}`,
      {
        cause: error,
      },
    );
  }
}

export function isJsonObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonFraction)
  );
}

/**
 * A text in quotes, with the escapes that Kafka Connect's JSON has: of control characters hexadecimal digits
 * are capitals.
 */
export function quoted(text: string): string {
  const json = JSON.stringify(text);
  return json.includes('\\u') ? json.replace(/\\(\\|u00[01][0-9a-f])/g, capitals) : json;
}

function capitals(one: string): string {
  return one === '\\\\' ? one : `\\u${one.slice(2).toUpperCase()}`;
}
