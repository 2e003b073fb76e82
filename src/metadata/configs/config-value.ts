/** The types of Kafka's ConfigDef. */
export type ConfigType =
  | 'BOOLEAN'
  | 'STRING'
  | 'INT'
  | 'SHORT'
  | 'LONG'
  | 'DOUBLE'
  | 'LIST'
  | 'CLASS'
  | 'PASSWORD';

/** A LONG is a bigint, since Kafka's defaults reach to 2^63-1. */
export type ConfigValue = string | number | bigint | boolean | readonly string[];

/** The text of a config as a value of its type, or why it is none. Spaces around it do not count. */
export function parseConfigValue(
  type: ConfigType,
  text: string,
): { readonly value: ConfigValue } | { readonly reason: string } {
  const trimmed = trimmedAsJava(text);
  switch (type) {
    case 'STRING':
    case 'CLASS':
    case 'PASSWORD':
      return { value: trimmed };
    case 'BOOLEAN': {
      const lower = trimmed.toLowerCase();
      if (lower !== 'true' && lower !== 'false')
        return { reason: 'Expected value to be either true or false' };
      return { value: lower === 'true' };
    }
    case 'LIST':
      return { value: trimmed === '' ? [] : trimmed.split(COMMA) };
    case 'DOUBLE':
      if (!DOUBLE.test(trimmed)) return { reason: 'Not a number of type DOUBLE' };
      return { value: Number(trimmed.replace(/[dDfF]$/, '')) };
    case 'INT':
    case 'SHORT':
    case 'LONG': {
      const bits = INTEGER_BITS[type];
      if (!INTEGER.test(trimmed)) return { reason: `Not a number of type ${type}` };
      const value = BigInt(trimmed.replace(/^\+/, ''));
      if (BigInt.asIntN(bits, value) !== value) return { reason: `Not a number of type ${type}` };
      return { value: type === 'LONG' ? value : Number(value) };
    }
  }
}

/**
 * The same of a text that is stored: older releases took spaces beyond ASCII around a value or its commas, as
 * they are copied from web pages, and a log of metadata has them still.
 */
export function parseStoredValue(type: ConfigType, text: string): ReturnType<typeof parseConfigValue> {
  if (!BEYOND_ASCII.test(text)) return parseConfigValue(type, text);
  return parseConfigValue(
    type,
    type === 'LIST'
      ? text
          .trim()
          .split(/\s*,\s*/)
          .join(',')
      : text.trim(),
  );
}

const BEYOND_ASCII = /[^ -~]/;
/** Java's `\s` is ASCII only. */
const COMMA = /[ \t\n\v\f\r]*,[ \t\n\v\f\r]*/;
const INTEGER_BITS = { INT: 32, SHORT: 16, LONG: 64 } as const;
const INTEGER = /^[+-]?\d+$/;
const DOUBLE = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?$/;

/** As String.trim of Java: without control characters and spaces around, but for spaces beyond ASCII. */
function trimmedAsJava(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= SPACE) start++;
  while (end > start && text.charCodeAt(end - 1) <= SPACE) end--;
  return text.slice(start, end);
}

const SPACE = 0x20;

/** How Kafka writes the value when it is asked for it. */
export function textOf(type: ConfigType, value: ConfigValue): string {
  if (typeof value === 'object') return value.join(',');
  if (type === 'DOUBLE' && typeof value === 'number') return doubleText(value);
  return String(value);
}

/** Java's Double.toString: always a fraction, and an exponent from 10^7 on and below 10^-3. */
function doubleText(value: number): string {
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-3 && size < 1e7)) {
    return Number.isInteger(value) ? `${value}.0` : String(value);
  }
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${exponent.replace('+', '')}`;
}
