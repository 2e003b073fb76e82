import type { TaskAssignment } from '../tasks.ts';
import { LeastFirst } from './least-first.ts';

/** A task, as an assignor works with it. */
export interface Task {
  readonly subtopologyId: string;
  readonly partition: number;
}

/** As people write a task; different for different tasks. */
export function taskKey({ subtopologyId, partition }: Task): string {
  return `${subtopologyId}_${partition}`;
}

type Role = 'active' | 'standby';

/** What the members of one process are given while an assignment is made. */
export class ProcessLoad {
  readonly processId: string;
  readonly #members = new Map<string, MemberLoad>();
  readonly #tasks = new Set<string>();
  #count = 0;
  /** Made anew when a member was given a task by name. */
  #byLoad: LeastFirst<MemberLoad> | undefined;

  constructor(processId: string) {
    this.processId = processId;
  }

  addMember(memberId: string): void {
    this.#members.set(memberId, { memberId, active: new Map(), standby: new Map(), count: 0 });
  }

  /** Tasks for each member, in any role. */
  get perMember(): number {
    return this.#count / this.#members.size;
  }

  /** How many tasks the member has, in any role. */
  countOf(memberId: string): number {
    return this.#members.get(memberId)?.count ?? 0;
  }

  /** Whether any member of the process has the task, in any role. */
  has(task: Task): boolean {
    return this.#tasks.has(taskKey(task));
  }

  /** Returns how many tasks the member has by that. */
  give(memberId: string, task: Task, role: Role): number {
    this.#byLoad = undefined;
    const member = this.#members.get(memberId);
    return member ? this.#give(member, task, role) : 0;
  }

  /** The same for the member that has least. */
  giveToLeast(task: Task, role: Role): number {
    this.#byLoad ??= new LeastFirst(isLighter, this.#members.values());
    const member = this.#byLoad.take();
    if (!member) return 0;
    const count = this.#give(member, task, role);
    this.#byLoad.put(member);
    return count;
  }

  /** What each member was given. */
  *assignments(): IterableIterator<[string, TaskAssignment]> {
    for (const { memberId, active, standby } of this.#members.values())
      yield [memberId, { active, standby, warmup: new Map() }];
  }

  #give(member: MemberLoad, task: Task, role: Role): number {
    const tasks = member[role];
    const partitions = tasks.get(task.subtopologyId);
    if (partitions) partitions.add(task.partition);
    else tasks.set(task.subtopologyId, new Set([task.partition]));
    this.#tasks.add(taskKey(task));
    this.#count += 1;
    member.count += 1;
    return member.count;
  }
}

interface MemberLoad {
  readonly memberId: string;
  readonly active: Map<string, Set<number>>;
  readonly standby: Map<string, Set<number>>;
  count: number;
}

function isLighter(one: MemberLoad, other: MemberLoad): boolean {
  return one.count !== other.count ? one.count < other.count : one.memberId < other.memberId;
}
