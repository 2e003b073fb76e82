import { expect, test } from 'vitest';
import { partitionFor } from './partition-for.ts';

test("the partition is Java's String.hashCode made positive, modulo", () => {
  // "test".hashCode() is 3556498 and "polygenelubricants".hashCode() is Integer.MIN_VALUE.
  expect(partitionFor('test', 50)).toBe(48);
  expect(partitionFor('polygenelubricants', 50)).toBe(0);
  expect(partitionFor('', 50)).toBe(0);
  // "AaAaAa" and "BBBBBB" are the textbook collision.
  expect(partitionFor('AaAaAa', 50)).toBe(partitionFor('BBBBBB', 50));
});
