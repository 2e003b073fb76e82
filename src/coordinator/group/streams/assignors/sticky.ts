import type { TaskAssignment, Tasks } from '../tasks.ts';
import { LeastFirst } from './least-first.ts';
import { ProcessLoad, type Task, taskKey } from './process-load.ts';
import { Quota } from './quota.ts';

/** A member as the assignor sees it. */
export interface AssignableMember {
  readonly memberId: string;
  readonly processId: string;
  /** What it was given the last time; may hold tasks that are gone. */
  readonly assignment: TaskAssignment;
}

/** A subtopology as the assignor sees it. */
export interface AssignableSubtopology {
  readonly subtopologyId: string;
  readonly taskCount: number;
  /** Only tasks with state have standbys. */
  readonly isStateful: boolean;
}

/**
 * Gives every task to one member, and copies of those with state to members of other processes. A task stays
 * where it was, or goes where a copy of its state is, as long as that leaves the others their share; the rest
 * goes to the processes with least for each of their members. There is nothing to give where there are no
 * members.
 */
export function assignSticky(
  members: readonly AssignableMember[],
  subtopologies: readonly AssignableSubtopology[],
  standbyReplicas: number,
): ReadonlyMap<string, TaskAssignment> {
  const draft = new StickyDraft(members, subtopologies, standbyReplicas);
  if (members.length > 0) {
    draft.assignActive(tasksOf(subtopologies));
    if (standbyReplicas > 0)
      draft.assignStandbys(tasksOf(subtopologies.filter(({ isStateful }) => isStateful)));
  }
  return draft.assignments();
}

interface Owner {
  readonly memberId: string;
  readonly load: ProcessLoad;
}

class StickyDraft {
  readonly #processes = new Map<string, ProcessLoad>();
  readonly #lastActive = new Map<string, Owner>();
  readonly #lastStandbys = new Map<string, Owner[]>();
  readonly #activeQuota: Quota;
  readonly #quota: Quota;
  readonly #standbyReplicas: number;

  constructor(
    members: readonly AssignableMember[],
    subtopologies: readonly AssignableSubtopology[],
    standbyReplicas: number,
  ) {
    this.#standbyReplicas = standbyReplicas;
    // The same members are always assigned the same.
    for (const member of [...members].sort((one, other) => (one.memberId < other.memberId ? -1 : 1)))
      this.#add(member);
    let active = 0;
    let all = 0;
    for (const { taskCount, isStateful } of subtopologies) {
      active += taskCount;
      all += taskCount * (isStateful ? 1 + standbyReplicas : 1);
    }
    this.#activeQuota = new Quota(active, members.length);
    this.#quota = new Quota(all, members.length);
  }

  assignActive(tasks: readonly Task[]): void {
    // Tasks of one partition belong together where subtopologies are assigned alike.
    let left = [...tasks].sort(byPartition);
    left = left.filter((task) => !this.#keepActive(this.#lastActive.get(taskKey(task)), task));
    left = left.filter((task) => !this.#keepActive(this.#lightest(task), task));
    const processes = this.#byLoad();
    for (const task of left.sort(bySubtopology)) {
      const load = processes.take();
      if (!load) return;
      this.#given(load.giveToLeast(task, 'active'), 'active');
      processes.put(load);
    }
  }

  assignStandbys(tasks: readonly Task[]): void {
    const left: { readonly task: Task; readonly copies: number }[] = [];
    for (const task of [...tasks].sort(byPartition).reverse()) {
      let copies = this.#standbyReplicas;
      while (copies > 0 && this.#keepStandby(task)) copies -= 1;
      if (copies > 0) left.push({ task, copies });
    }
    const processes = this.#byLoad();
    // Where there are fewer processes than copies, there are fewer copies.
    for (const { task, copies } of left.sort((one, other) => -bySubtopology(one.task, other.task)))
      for (let i = 0; i < copies && this.#placeStandby(processes, task); i++);
  }

  assignments(): ReadonlyMap<string, TaskAssignment> {
    const all = new Map<string, TaskAssignment>();
    for (const load of this.#processes.values())
      for (const [memberId, assignment] of load.assignments()) all.set(memberId, assignment);
    return all;
  }

  #add({ memberId, processId, assignment }: AssignableMember): void {
    const load = this.#processes.get(processId) ?? new ProcessLoad(processId);
    this.#processes.set(processId, load);
    load.addMember(memberId);
    const owner = { memberId, load };
    for (const task of listed(assignment.active)) this.#lastActive.set(taskKey(task), owner);
    for (const task of listed(assignment.standby)) {
      const owners = this.#lastStandbys.get(taskKey(task));
      if (owners) owners.push(owner);
      else this.#lastStandbys.set(taskKey(task), [owner]);
    }
  }

  #keepActive(owner: Owner | undefined, task: Task): boolean {
    if (!owner || !this.#activeQuota.isUnfilled(owner.load.countOf(owner.memberId))) return false;
    this.#given(owner.load.give(owner.memberId, task, 'active'), 'active');
    return true;
  }

  /** One more copy where the task or a copy of it was. */
  #keepStandby(task: Task): boolean {
    for (const owner of [this.#lastActive.get(taskKey(task)), this.#lightest(task)]) {
      if (!owner || owner.load.has(task)) continue;
      if (!this.#quota.isUnfilled(owner.load.countOf(owner.memberId))) continue;
      this.#given(owner.load.give(owner.memberId, task, 'standby'), 'standby');
      return true;
    }
    return false;
  }

  #placeStandby(processes: LeastFirst<ProcessLoad>, task: Task): boolean {
    const passed: ProcessLoad[] = [];
    let load = processes.take();
    for (; load?.has(task); load = processes.take()) passed.push(load);
    if (load) {
      this.#given(load.giveToLeast(task, 'standby'), 'standby');
      passed.push(load);
    }
    for (const one of passed) processes.put(one);
    return load !== undefined;
  }

  /**
   * Of the members that had a copy of the task, in processes that have not got it now, the one that has
   * least.
   */
  #lightest(task: Task): Owner | undefined {
    let lightest: Owner | undefined;
    for (const owner of this.#lastStandbys.get(taskKey(task)) ?? []) {
      if (owner.load.has(task)) continue;
      if (!lightest || isLighter(owner, lightest)) lightest = owner;
    }
    return lightest;
  }

  #given(count: number, role: 'active' | 'standby'): void {
    if (role === 'active') this.#activeQuota.given(count);
    this.#quota.given(count);
  }

  #byLoad(): LeastFirst<ProcessLoad> {
    return new LeastFirst(
      (one, other) =>
        one.perMember !== other.perMember ? one.perMember < other.perMember : one.processId < other.processId,
      this.#processes.values(),
    );
  }
}

function isLighter(one: Owner, other: Owner): boolean {
  if (one.load.perMember !== other.load.perMember) return one.load.perMember < other.load.perMember;
  return one.load.countOf(one.memberId) < other.load.countOf(other.memberId);
}

function tasksOf(subtopologies: readonly AssignableSubtopology[]): Task[] {
  return subtopologies.flatMap(({ subtopologyId, taskCount }) =>
    Array.from({ length: taskCount }, (_, partition) => ({ subtopologyId, partition })),
  );
}

function* listed(tasks: Tasks): IterableIterator<Task> {
  for (const [subtopologyId, partitions] of tasks)
    for (const partition of partitions) yield { subtopologyId, partition };
}

function byPartition(one: Task, other: Task): number {
  return one.partition - other.partition || compareIds(one, other);
}

function bySubtopology(one: Task, other: Task): number {
  return compareIds(one, other) || one.partition - other.partition;
}

function compareIds({ subtopologyId: one }: Task, { subtopologyId: other }: Task): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
