import { describe, expect, test } from 'vitest';
import { javaText } from './java-text.ts';
import type { Schema } from './schema.ts';

const of = (type: Schema['type']): Schema => ({ type, optional: true });

describe('a value as text', () => {
  // As `jshell` of Java 17 prints them.
  test.each([
    [1, 'FLOAT64', '1.0'],
    [1e7, 'FLOAT64', '1.0E7'],
    [123_456_789.5, 'FLOAT64', '1.234567895E8'],
    [0.001, 'FLOAT64', '0.001'],
    [0.00012, 'FLOAT64', '1.2E-4'],
    [-0, 'FLOAT64', '-0.0'],
    [Number.NaN, 'FLOAT64', 'NaN'],
    [Math.fround(1.1), 'FLOAT32', '1.1'],
    [Math.fround(3.4028235e38), 'FLOAT32', '3.4028235E38'],
    [7, 'INT32', '7'],
    [9_007_199_254_740_993n, 'INT64', '9007199254740993'],
  ] as const)('%s of the type %s is %s', (value, type, text) => {
    expect(javaText(value, of(type))).toBe(text);
  });

  test('a struct leaves out fields that are null', () => {
    const schema: Schema = {
      type: 'STRUCT',
      optional: false,
      fields: [
        { name: 'id', schema: of('INT32') },
        { name: 'name', schema: of('STRING') },
        { name: 'tags', schema: { type: 'ARRAY', optional: true, valueSchema: of('STRING') } },
      ],
    };
    expect(javaText({ schema, values: [1, null, ['a', 'b']] }, schema)).toBe('Struct{id=1,tags=[a, b]}');
  });

  test('an object without a schema is written as a map', () => {
    expect(
      javaText(
        new Map<string, bigint | number | null>([
          ['a', 1n],
          ['b', 2.5],
          ['c', null],
        ]),
        null,
      ),
    ).toBe('{a=1, b=2.5, c=null}');
  });
});
