import { expect, test } from 'vitest';
import { offsetsIn } from './connector-offsets.ts';

test("offsets of a request are read in the form of Kafka Connect's REST interface", () => {
  const offsets = [
    { partition: { filename: 'in.txt' }, offset: { position: 0 } },
    { partition: { filename: 'other.txt' }, offset: null },
  ];
  expect(offsetsIn({ offsets })).toEqual(offsets);
  expect(offsetsIn({ offsets: [{ partition: { filename: 'in.txt' } }] })).toEqual([
    { partition: { filename: 'in.txt' }, offset: null },
  ]);
});

test.each([
  null,
  {},
  { offsets: [] },
  { offsets: {} },
  { offsets: [{ offset: { position: 0 } }] },
  { offsets: [{ partition: 'in.txt', offset: null }] },
  { offsets: [{ partition: { filename: 'in.txt' }, offset: 5 }] },
  { offsets: [{ partition: { filename: 'in.txt' }, offset: [5] }] },
  { offsets: [{ partition: { filename: 'in.txt' }, offset: null }, 5] },
])('%j has no such offsets', (body) => {
  expect(offsetsIn(body)).toBeNull();
});
