import { expect, test } from 'vitest';
import { decimalOf, decimalText } from './decimal.ts';
import { LOGICAL_NAMES, type Schema } from './schema.ts';

const DECIMAL: Schema = {
  ...{ type: 'BYTES', optional: false, name: LOGICAL_NAMES.decimal, parameters: { scale: '2' } },
};

// All of them are texts that `new BigDecimal(text)` takes.
test.each([
  ['12', '12.00'],
  ['+5', '5.00'],
  ['.5', '0.50'],
  ['5.', '5.00'],
  ['-1e2', '-100.00'],
  ['1.50E+1', '15.00'],
])('%s is the Decimal %s', (text, decimal) => {
  expect(decimalText(DECIMAL, decimalOf(DECIMAL, text))).toBe(decimal);
});

test.each(['', '.', '+', '1e', '0x1', ' 1', 'abc'])('"%s" is no Decimal', (text) => {
  expect(() => decimalOf(DECIMAL, text)).toThrow('is no decimal number');
});

test('digits that the scale does not hold are not cut off', () => {
  expect(() => decimalOf(DECIMAL, '1.005')).toThrow('1.005 has more than 2 digits behind its point');
});
