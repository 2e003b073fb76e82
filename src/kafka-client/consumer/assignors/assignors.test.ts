import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Assignments, Member } from './assignor.ts';
import { assignSticky } from './cooperative-sticky.ts';
import { assignRanges } from './range.ts';

function member(id: string, topics: string[], own: Partial<Member> = {}): Member {
  return { id, topics, instanceId: null, owned: [], generation: -1, ...own };
}

function spelled(assignments: Assignments): Record<string, string> {
  return Object.fromEntries(
    [...assignments].map(([id, own]) => [
      id,
      own
        .map(({ topic, partition }) => `${topic}${partition}`)
        .sort()
        .join(' '),
    ]),
  );
}

test('ranges are those of the documentation of RangeAssignor', () => {
  const counts = new Map([
    ['t', 3],
    ['u', 3],
  ]);
  expect(spelled(assignRanges([member('B', ['t', 'u']), member('A', ['t', 'u'])], counts))).toEqual({
    A: 't0 t1 u0 u1',
    B: 't2 u2',
  });
});

test('a static member keeps its range under a new member id', () => {
  const members = (id: string) => [
    member('m', ['t'], { instanceId: 'b' }),
    member(id, ['t'], { instanceId: 'a' }),
  ];
  const counts = new Map([['t', 4]]);
  expect(spelled(assignRanges(members('z'), counts)).z).toBe('t0 t1');
  expect(spelled(assignRanges(members('k'), counts)).k).toBe('t0 t1');
});

test('what moves is first only taken from its owner, and given away in the next round', () => {
  const counts = new Map([['t', 4]]);
  const all = [0, 1, 2, 3].map((partition) => ({ topic: 't', partition }));
  const first = assignSticky([member('a', ['t'], { owned: all, generation: 1 }), member('b', ['t'])], counts);
  expect(spelled(first)).toEqual({ a: 't0 t1', b: '' });
  const owned = [...(first.get('a') ?? [])];
  const second = assignSticky(
    [member('a', ['t'], { owned, generation: 2 }), member('b', ['t'], { generation: 2 })],
    counts,
  );
  expect(spelled(second)).toEqual({ a: 't0 t1', b: 't2 t3' });
});

test('of two who say that they own a partition, the one of the newer generation does', () => {
  const owned = [{ topic: 't', partition: 0 }];
  const members = [
    member('a', ['t'], { owned, generation: 3 }),
    member('b', ['t'], { owned, generation: 4 }),
  ];
  expect(spelled(assignSticky(members, new Map([['t', 1]])))).toEqual({ a: '', b: 't0' });
});

test('after at most two rounds every partition has one owner, and loads of equal members differ by one at most', () => {
  const group = fc.record({ before: fc.integer({ min: 0, max: 5 }), now: fc.integer({ min: 1, max: 6 }) });
  const topics = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(group, topics, ({ before, now }, sizes) => {
      const counts = new Map(sizes.map((count, index) => [`t${index}-`, count]));
      const names = [...counts.keys()];
      let members = Array.from({ length: before }, (_, index) => member(`m${index}`, names));
      const rounds = (): Assignments => {
        let assigned: Assignments = new Map();
        for (let generation = 1; generation <= 2; generation++) {
          assigned = assignSticky(members, counts);
          members = members.map((one) => ({ ...one, owned: assigned.get(one.id) ?? [], generation }));
        }
        return assigned;
      };
      rounds();
      members = [
        ...members.slice(0, now),
        ...Array.from({ length: Math.max(0, now - before) }, (_, n) => member(`n${n}`, names)),
      ];
      const assigned = rounds();
      const loads = [...assigned.values()].map(({ length }) => length);
      const owners = new Set([...assigned.values()].flat().map((one) => `${one.topic}${one.partition}`));
      const total = sizes.reduce((sum, size) => sum + size, 0);
      expect(owners.size).toBe(total);
      expect(loads.reduce((sum, load) => sum + load, 0)).toBe(total);
      expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
    }),
  );
});
