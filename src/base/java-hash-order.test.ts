import { expect, test } from 'vitest';
import { hashMapOrder, hashSetOrder } from './java-hash-order.ts';

// As `jshell` of Java 17 prints the keys of a HashMap and of a HashSet.
const TWELVE = ['in', 'c', 'a', 'x.y', 'name', 'ts', 'ünï', 'Aa', 'BB', 'after', 'before', 'source'];

test('a map hands out texts by their hashes, and those of one place as they were put', () => {
  expect(hashMapOrder(['x.y', 'c', 'a', 'in', 'BB', 'Aa'])).toEqual(['BB', 'Aa', 'a', 'x.y', 'c', 'in']);
});

test('its table doubles when it is three quarters full, and that of a set made of twelve texts is larger from the beginning', () => {
  expect(hashMapOrder(TWELVE)).toEqual([
    'Aa',
    'BB',
    'a',
    'x.y',
    'c',
    'in',
    'before',
    'name',
    'after',
    'source',
    'ünï',
    'ts',
  ]);
  expect(hashSetOrder(TWELVE)).toEqual([
    'Aa',
    'BB',
    'a',
    'x.y',
    'c',
    'in',
    'before',
    'source',
    'name',
    'after',
    'ünï',
    'ts',
  ]);
  expect(hashMapOrder([...TWELVE, 'op'])).toEqual([
    'Aa',
    'BB',
    'a',
    'op',
    'x.y',
    'c',
    'in',
    'before',
    'source',
    'name',
    'after',
    'ünï',
    'ts',
  ]);
});
