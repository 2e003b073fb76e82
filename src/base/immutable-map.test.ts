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

test('the changes since any other map are what is different, each once', () => {
  const maps = fc
    .array(fc.tuple(fc.integer({ min: -60, max: 60 }), fc.nat({ max: 3 })), { maxLength: 100 })
    .map((entries) => new Map(entries.map(([key, value]) => [keyWithTwins(key), value] as const)));
  fc.assert(
    fc.property(maps, maps, (one, other) => {
      const expected = [...new Set([...one.keys(), ...other.keys()])]
        .map((key) => ({ key, before: one.get(key), after: other.get(key) }))
        .filter(({ before, after }) => before !== after);
      const changes = [...ImmutableMap.from(other).changesSince(ImmutableMap.from(one))];
      expect(changes.sort((a, b) => a.key - b.key)).toEqual(expected.sort((a, b) => a.key - b.key));
    }),
  );
});

/** Half of the keys have another one of equal hash. */
function keyWithTwins(key: number): number {
  return key < 0 ? -key + 2 ** 32 : key;
}

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
