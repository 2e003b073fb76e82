import { expect, expectTypeOf, test } from 'vitest';
import {
  boolean,
  Invalid,
  integer,
  integerText,
  list,
  map,
  optional,
  string,
  structure,
  type TypeOf,
} from './shape.ts';

const order = structure({
  name: string({ min: 1, max: 3 }),
  count: integer({ min: 1, max: 9 }),
  items: optional(list(structure({ fast: boolean }), { max: 2 })),
  labels: optional(map(string({ max: 2 }), string({ max: 2 }), { max: 1 })),
});

test('the type of a value follows from its definition', () => {
  expectTypeOf<TypeOf<typeof order>>().toEqualTypeOf<{
    readonly name: string;
    readonly count: number;
    readonly items?: readonly { readonly fast: boolean }[] | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
  }>();
});

test('fields that are not known are dropped, and null is a field that is not set', () => {
  expect(order.parse({ name: 'a', count: 1, other: 1, items: null }, '')).toEqual({ name: 'a', count: 1 });
});

test.each([
  [null, 'The request body'],
  [[], 'The request body'],
  [{ count: 1 }, 'name'],
  [{ name: null, count: 1 }, 'name'],
  [{ name: '', count: 1 }, 'name'],
  [{ name: 'abcd', count: 1 }, 'name'],
  [{ name: 1, count: 1 }, 'name'],
  [{ name: 'a', count: '1' }, 'count'],
  [{ name: 'a', count: 1.5 }, 'count'],
  [{ name: 'a', count: 10 }, 'count'],
  [{ name: 'a', count: 1, items: [{ fast: true }, { fast: 'yes' }] }, 'items[1].fast'],
  [{ name: 'a', count: 1, items: [{}, {}, {}] }, 'items'],
  [{ name: 'a', count: 1, labels: { a: 'a', b: 'b' } }, 'labels'],
  [{ name: 'a', count: 1, labels: { abc: 'a' } }, 'labels'],
  [{ name: 'a', count: 1, labels: { a: 1 } }, 'labels.a'],
  [JSON.parse('{"__proto__": {"name": "a"}, "count": 1}'), 'name'],
])('%j is refused for %s', (value, invalidParameter) => {
  const refused = order.parse(value, '');
  expect(refused).toBeInstanceOf(Invalid);
  expect(refused).toMatchObject({ error: { error: 'BadRequestException', invalidParameter } });
});

test('a number in a query string is digits', () => {
  const shape = integerText({ min: 1, max: 100 });
  expect(shape.parse('7', 'maxResults')).toBe(7);
  for (const wrong of ['', ' 7', '7.0', '0x7', '1e1', '101', '99999999999', ['7']])
    expect(shape.parse(wrong, 'maxResults')).toBeInstanceOf(Invalid);
});
