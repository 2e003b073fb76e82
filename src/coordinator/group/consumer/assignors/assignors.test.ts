import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Assignment } from '../assignment.ts';
import type { AssignableMember } from './assignable-member.ts';
import type { Assignor } from './assignor.ts';
import { assignRanges } from './range.ts';
import { assignUniformly } from './uniform.ts';

interface Spec {
  readonly topics: ReadonlyMap<string, number>;
  readonly members: readonly AssignableMember[];
}

function member(
  memberId: string,
  topicIds: readonly string[],
  options: { readonly assignment?: Assignment; readonly instanceId?: string } = {},
): AssignableMember {
  const { assignment = new Map(), instanceId = null } = options;
  return { memberId, instanceId, topicIds: new Set(topicIds), assignment };
}

function assign(assignor: Assignor, { members, topics }: Spec): Record<string, string[]> {
  const assigned = assignor(members, (topicId) => topics.get(topicId) ?? 0);
  return Object.fromEntries(members.map(({ memberId }) => [memberId, namesOf(assigned.get(memberId))]));
}

function namesOf(assignment: Assignment | undefined): string[] {
  return [...(assignment ?? [])]
    .flatMap(([topicId, partitions]) => [...partitions].map((partition) => `${topicId}${partition}`))
    .sort();
}

const TOPIC_IDS = ['x', 'y', 'z'];

/** Members of any subscriptions, with what the assignor gave to other members and topics before. */
const specs = fc
  .record({
    partitions: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 3, maxLength: 3 }),
    before: fc.array(fc.subarray(TOPIC_IDS), { maxLength: 6 }),
    now: fc.array(fc.subarray(TOPIC_IDS), { minLength: 1, maxLength: 8 }),
  })
  .map(({ partitions, before, now }): Spec => {
    const earlier = before.map((topicIds, i) => member(`m${i}`, topicIds));
    const had = assignUniformly(earlier, () => 7);
    const assignmentOf = (memberId: string) => had.get(memberId) ?? new Map();
    return {
      topics: new Map(TOPIC_IDS.map((topicId, i) => [topicId, partitions[i] ?? 0])),
      members: now.map((topicIds, i) => member(`m${i}`, topicIds, { assignment: assignmentOf(`m${i}`) })),
    };
  });

describe.each([
  ['uniform', assignUniformly],
  ['range', assignRanges],
])('%s', (_, assignor) => {
  test('gives every partition that somebody wants to one member that wants it', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const assigned = assign(assignor, spec);
        const wanted = [...spec.topics].flatMap(([topicId, partitions]) =>
          spec.members.some(({ topicIds }) => topicIds.has(topicId))
            ? Array.from({ length: partitions }, (__, partition) => `${topicId}${partition}`)
            : [],
        );
        expect(Object.values(assigned).flat().sort()).toEqual(wanted.sort());
        for (const { memberId, topicIds } of spec.members)
          for (const name of assigned[memberId] ?? []) expect(topicIds).toContain(name[0]);
      }),
    );
  });
});

describe('uniform', () => {
  test('leaves no two members of which one could give the other something and both be more alike', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const assigned = assign(assignUniformly, spec);
        for (const one of spec.members)
          for (const name of assigned[one.memberId] ?? [])
            for (const other of spec.members.filter(({ topicIds }) => topicIds.has(name[0] ?? '')))
              expect(
                (assigned[one.memberId]?.length ?? 0) - (assigned[other.memberId]?.length ?? 0),
              ).toBeLessThan(2);
      }),
    );
  });

  test('moves nothing when nothing changed, and as little as possible when a member comes', () => {
    const topics = new Map([['x', 9]]);
    const first = assignUniformly([member('a', ['x']), member('b', ['x'])], () => 9);
    const again = ['a', 'b'].map((id) => member(id, ['x'], { assignment: first.get(id) ?? new Map() }));
    expect(assign(assignUniformly, { topics, members: again })).toEqual({
      a: namesOf(first.get('a')),
      b: namesOf(first.get('b')),
    });
    const three = assign(assignUniformly, { topics, members: [...again, member('c', ['x'])] });
    expect(three.c).toHaveLength(3);
    for (const id of ['a', 'b'])
      expect(namesOf(first.get(id))).toEqual(expect.arrayContaining(three[id] ?? []));
  });

  test('assigns 10,000 partitions to 1,000 members in well under a second', () => {
    const members = Array.from({ length: 1000 }, (_, i) => member(`m${i}`, ['x']));
    const crowded = [
      member('m0', ['x'], {
        assignment: assignUniformly([member('m0', ['x'])], () => 10_000).get('m0') ?? new Map(),
      }),
      ...members.slice(1),
    ];
    const assigned = assignUniformly(crowded, () => 10_000);
    expect([...assigned.values()].every((assignment) => namesOf(assignment).length === 10)).toBe(true);
  }, 5000);
});

describe('range', () => {
  // As Kafka's RangeAssignorTest has it.
  test('gives members a range of each topic, the first ones one more', () => {
    const spec = {
      topics: new Map([
        ['x', 3],
        ['z', 2],
      ]),
      members: [member('a', ['x', 'z']), member('b', ['x', 'z'])],
    };
    expect(assign(assignRanges, spec)).toEqual({ a: ['x0', 'x1', 'z0'], b: ['x2', 'z1'] });
  });

  test('puts static members first, by their instance ids', () => {
    const spec = {
      topics: new Map([['x', 3]]),
      members: [
        member('a', ['x']),
        member('b', ['x'], { instanceId: '2' }),
        member('c', ['x'], { instanceId: '1' }),
      ],
    };
    expect(assign(assignRanges, spec)).toEqual({ c: ['x0'], b: ['x1'], a: ['x2'] });
  });
});
