import { expect, test } from 'vitest';
import { ArchiveTotals } from './archive-totals.ts';

test('archives of hundreds of thousands of entries are refused, also where several have them together', () => {
  const totals = new ArchiveTotals();
  const empty = { uncompressedSize: 0 };
  for (const _ of ['a.jar', 'b.jar']) {
    totals.begin(1000);
    const refusals = Array.from({ length: 100_000 }, () => totals.add(empty)).filter((one) => one !== null);
    expect(refusals).toEqual([]);
  }
  totals.begin(1000);
  expect(totals.add(empty)).toBe('it has more than 200000 entries');
});
