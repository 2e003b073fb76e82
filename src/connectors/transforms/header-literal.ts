import { DATE, STRING, TIME, TIMESTAMP } from '../kernel/common-schemas.ts';
import type { SchemaAndValue } from '../kernel/converter.ts';
import { decimalOf } from '../kernel/decimal.ts';
import { LOGICAL_NAMES, type Schema } from '../kernel/schema.ts';
import { DAY_MS } from '../kernel/temporal.ts';
import { decimalNumber, wholePart } from './java-numbers.ts';

const TIMES = /^(?:(\d{4}-\d\d-\d\d)|(?:(\d{4}-\d\d-\d\d)T)?(\d\d:\d\d:\d\d\.\d{3})Z)$/;
const NUMBER = /^[+-]?\d/;
const WHOLE_BITS = [8, 16, 32, 64] as const;

/** What Kafka Connect takes a text for that says the value of a header. Lists and objects stay text. */
export function literalOf(text: string): SchemaAndValue {
  const token = text.trim();
  if (token === 'null') return { schema: null, value: null };
  if (token === 'true' || token === 'false')
    return { schema: { type: 'BOOLEAN', optional: false }, value: token === 'true' };
  return timeOf(token) ?? numberOf(token) ?? { schema: STRING, value: text };
}

function timeOf(token: string): SchemaAndValue | null {
  const [, date, day, time] = TIMES.exec(token) ?? [];
  const milliseconds = Date.parse(date ?? `${day ?? '1970-01-01'}T${time}Z`);
  if (Number.isNaN(milliseconds)) return null;
  if (date !== undefined) return { schema: DATE, value: Number(BigInt(milliseconds) / DAY_MS) };
  return day === undefined
    ? { schema: TIME, value: milliseconds }
    : { schema: TIMESTAMP, value: BigInt(milliseconds) };
}

/** The smallest type that has the number. */
function numberOf(token: string): SchemaAndValue | null {
  const number = NUMBER.test(token) ? decimalNumber(token) : null;
  const whole = number === null ? null : wholePart(token);
  if (number === null || whole === null) return null;
  if (isWhole(token)) {
    const bits = WHOLE_BITS.find((size) => BigInt.asIntN(size, whole) === whole);
    if (bits !== undefined)
      return {
        schema: { type: `INT${bits}`, optional: false },
        value: bits === 64 ? whole : Number(whole),
      };
  }
  const single = Math.fround(number);
  const hasScale = /[.eE]/.test(token);
  if (hasScale && Number.isFinite(single))
    return { schema: { type: 'FLOAT32', optional: false }, value: single };
  if (hasScale && Number.isFinite(number))
    return { schema: { type: 'FLOAT64', optional: false }, value: number };
  const schema: Schema = {
    ...{ type: 'BYTES', optional: false, name: LOGICAL_NAMES.decimal, version: 1 },
    parameters: { scale: '0' },
  };
  return { schema, value: decimalOf(schema, whole.toString()) };
}

/** Whether nothing but zeros is behind its point. */
function isWhole(token: string): boolean {
  const [digits = '', exponent = '0'] = token.split(/[eE]/);
  const [, fraction = ''] = digits.replace(/0+$/, (zeros) => (digits.includes('.') ? '' : zeros)).split('.');
  return fraction.length <= Number(exponent);
}
