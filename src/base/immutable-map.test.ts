import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ImmutableMap } from './immutable-map.ts';

const steps = fc.array(
  fc.record({ key: fc.integer({ min: 0, max: 40 }), value: fc.option(fc.nat(), { nil: undefined }) }),
  { maxLength: 200 },
);

test('a history of sets and deletes ends like the same history of a Map, and every older version stays whole', () => {
  fc.assert(
    fc.property(steps, (history) => {
      const model = new Map<string, number>();
      let map = ImmutableMap.empty<string, number>();
      const versions: [ImmutableMap<string, number>, [string, number][]][] = [];
      for (const { key, value } of history) {
        if (value === undefined) {
          model.delete(`k${key}`);
          map = map.delete(`k${key}`);
        } else {
          model.set(`k${key}`, value);
          map = map.set(`k${key}`, value);
        }
        versions.push([map, [...model].sort()]);
      }
      for (const [version, entries] of versions) {
        expect([...version].sort()).toEqual(entries);
        expect(version.size).toBe(entries.length);
        for (const [key, value] of entries) expect(version.get(key)).toBe(value);
      }
    }),
  );
});

test('equal maps iterate equally, whatever their history', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: 100 }), fc.string(), (keys, extra) => {
      const forward = ImmutableMap.from(keys.map((key) => [key, 1] as const));
      const backward = ImmutableMap.from([...keys].reverse().map((key) => [key, 1] as const));
      const detour = keys.includes(extra) ? forward : forward.set(extra, 1).delete(extra);
      expect([...backward]).toEqual([...forward]);
      expect([...detour]).toEqual([...forward]);
    }),
  );
});

test('keys of equal hash live side by side', () => {
  // Numbers a whole 2^32 apart have the same 32 low bits.
  const far = 7 + 2 ** 32;
  const map = ImmutableMap.from<number, string>([
    [far, 'far'],
    [7, 'near'],
  ]);
  expect(map.get(7)).toBe('near');
  expect(map.delete(7).get(far)).toBe('far');
  expect(map.delete(7).get(7)).toBeUndefined();
});
