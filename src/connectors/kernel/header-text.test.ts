import { expect, test } from 'vitest';
import { headerText } from './header-text.ts';
import { type ConnectValue, LOGICAL_NAMES, type Schema } from './schema.ts';

const TEXT: Schema = { type: 'STRING', optional: true };
const INT: Schema = { type: 'INT32', optional: true };

// As org.apache.kafka.connect.data.Values.convertToString of Kafka Connect 4.3.1 writes them.
test.each<[ConnectValue, Schema | null, string]>([
  ['a "b"', TEXT, 'a "b"'],
  [['a "b"', 'c\\'], { type: 'ARRAY', optional: false, valueSchema: TEXT }, '["a \\"b\\"","c\\\\"]'],
  [new Map([['k', 1]]), { type: 'MAP', optional: false, keySchema: TEXT, valueSchema: INT }, '{"k":1}'],
  [Buffer.from([1, 2]), { type: 'BYTES', optional: false }, 'AQI='],
  [0, { ...INT, name: LOGICAL_NAMES.date }, '00:00:00.000Z'],
  [2, { ...INT, name: LOGICAL_NAMES.date }, '1970-01-03'],
  // Beyond the dates of JavaScript, and before today's calendar.
  [
    9_007_199_254_740_993n,
    { type: 'INT64', optional: false, name: LOGICAL_NAMES.timestamp },
    '287396-10-12T08:59:00.993Z',
  ],
  [-(2n ** 63n), { type: 'INT64', optional: false, name: LOGICAL_NAMES.timestamp }, '16:47:04.192Z'],
  [1.5, { type: 'FLOAT64', optional: false }, '1.5'],
])('%o is written as text', (value, schema, text) => {
  expect(headerText(value, schema)).toBe(text);
});
