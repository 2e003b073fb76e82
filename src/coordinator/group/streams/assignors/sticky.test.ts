import { describe, expect, test } from 'vitest';
import { below, Sfc32 } from '../../../../base/random.ts';
import { NO_TASKS, type TaskAssignment, type Tasks } from '../tasks.ts';
import { type AssignableMember, type AssignableSubtopology, assignSticky } from './sticky.ts';

const names = (tasks: Tasks): string[] =>
  [...tasks].flatMap(([id, partitions]) => [...partitions].map((partition) => `${id}_${partition}`)).sort();

function member(
  memberId: string,
  processId = memberId,
  assignment: TaskAssignment = NO_TASKS,
): AssignableMember {
  return { memberId, processId, assignment };
}

function subtopology(subtopologyId: string, taskCount: number, isStateful = false): AssignableSubtopology {
  return { subtopologyId, taskCount, isStateful };
}

/** What everybody has, as `1_0`. */
function told(
  targets: ReadonlyMap<string, TaskAssignment>,
): Record<string, { active: string[]; standby: string[] }> {
  return Object.fromEntries(
    [...targets].map(([id, { active, standby }]) => [id, { active: names(active), standby: names(standby) }]),
  );
}

describe('the first assignment', () => {
  test('gives processes a range of each subtopology', () => {
    const targets = assignSticky([member('a'), member('b')], [subtopology('0', 2), subtopology('1', 2)], 0);
    expect(told(targets)).toEqual({
      a: { active: ['0_0', '1_0'], standby: [] },
      b: { active: ['0_1', '1_1'], standby: [] },
    });
  });

  test('gives a process with more threads more', () => {
    const targets = assignSticky(
      [member('a', 'one'), member('b', 'one'), member('c', 'two')],
      [subtopology('0', 6)],
      0,
    );
    expect([...targets.values()].map(({ active }) => names(active).length)).toEqual([2, 2, 2]);
  });

  test('gives nothing to nobody', () => {
    expect(assignSticky([], [subtopology('0', 2)], 1).size).toBe(0);
  });

  test('copies what has state, in other processes only', () => {
    const members = [member('a', 'one'), member('b', 'one'), member('c', 'two')];
    const targets = assignSticky(members, [subtopology('0', 3, true), subtopology('1', 3)], 2);
    const standby = [...targets.values()].flatMap((target) => names(target.standby));
    // Two copies were asked for; there is room for one.
    expect(standby.sort()).toEqual(['0_0', '0_1', '0_2']);
    for (const process of [['a', 'b'], ['c']]) {
      const all = process.flatMap((id) => {
        const { active, standby: copies } = targets.get(id) ?? NO_TASKS;
        return [...names(active), ...names(copies)];
      });
      expect(new Set(all).size).toBe(all.length);
    }
  });
});

describe('the next assignment', () => {
  test('leaves tasks where they were when nothing changed', () => {
    const subtopologies = [subtopology('0', 4), subtopology('1', 5, true)];
    let members = [member('a'), member('b'), member('c')];
    const first = assignSticky(members, subtopologies, 1);
    members = members.map((one) => ({ ...one, assignment: first.get(one.memberId) ?? NO_TASKS }));
    expect(told(assignSticky(members, subtopologies, 1))).toEqual(told(first));
  });

  test('moves only what a new member is to have', () => {
    const subtopologies = [subtopology('0', 6)];
    const first = assignSticky([member('a'), member('b')], subtopologies, 0);
    const members = [...first].map(([id, target]) => member(id, id, target));
    const second = assignSticky([...members, member('c')], subtopologies, 0);
    for (const [id, target] of first)
      expect(
        names(second.get(id)?.active ?? new Map()).filter((task) => names(target.active).includes(task)),
      ).toHaveLength(2);
    expect(names(second.get('c')?.active ?? new Map())).toHaveLength(2);
  });

  test('a task that lost its member goes where its copy is', () => {
    const subtopologies = [subtopology('0', 1, true)];
    const members = [member('a'), member('b'), member('c')];
    const first = assignSticky(members, subtopologies, 1);
    const copy = [...first].find(([, { standby }]) => standby.size > 0)?.[0];
    const staying = [...first]
      .filter(([, { active }]) => active.size === 0)
      .map(([id, target]) => member(id, id, target));
    const second = assignSticky(staying, subtopologies, 1);
    expect([...second].filter(([, { active }]) => active.size > 0).map(([id]) => id)).toEqual([copy]);
  });

  test('tasks that are gone are nobody’s', () => {
    const assignment = { ...NO_TASKS, active: new Map([['0', new Set([0, 1, 7])]]) };
    expect(told(assignSticky([member('a', 'a', assignment)], [subtopology('0', 2)], 0))).toEqual({
      a: { active: ['0_0', '0_1'], standby: [] },
    });
  });
});

test('whatever there was, every task has one owner, its copies are elsewhere, and nobody has more than its share', () => {
  const random = new Sfc32(7);
  let members: AssignableMember[] = [];
  for (let round = 0; round < 500; round++) {
    const staying = members.filter(() => below(random, 4) > 0);
    const coming = Array.from({ length: below(random, 4) }, (_, i) =>
      member(`m${round}.${i}`, `p${below(random, 4)}`),
    );
    members = [...staying, ...coming];
    const subtopologies = Array.from({ length: 1 + below(random, 3) }, (_, i) =>
      subtopology(String(i), 1 + below(random, 5), below(random, 2) === 0),
    );
    const replicas = below(random, 3);
    const targets = assignSticky(members, subtopologies, replicas);
    members = members.map((one) => ({ ...one, assignment: targets.get(one.memberId) ?? NO_TASKS }));
    if (members.length === 0) continue;
    const tasks = subtopologies.flatMap(({ subtopologyId, taskCount }) =>
      Array.from({ length: taskCount }, (_, i) => `${subtopologyId}_${i}`),
    );
    const active = members.map(({ assignment }) => names(assignment.active));
    expect(active.flat().sort()).toEqual(tasks.sort());
    expect(Math.max(...active.map((own) => own.length))).toBeLessThanOrEqual(
      Math.ceil(tasks.length / members.length),
    );
    const processes = new Set(members.map(({ processId }) => processId));
    const copies = Math.min(replicas, processes.size - 1);
    const standby = members.flatMap(({ assignment }) => names(assignment.standby));
    expect(standby.sort()).toEqual(
      subtopologies
        .filter(({ isStateful }) => isStateful)
        .flatMap(({ subtopologyId, taskCount }) =>
          Array.from({ length: taskCount * copies }, (_, i) => `${subtopologyId}_${i % taskCount}`),
        )
        .sort(),
    );
    for (const process of processes) {
      const all = members
        .filter(({ processId }) => processId === process)
        .flatMap(({ assignment }) => [...names(assignment.active), ...names(assignment.standby)]);
      expect(new Set(all).size).toBe(all.length);
    }
  }
});
