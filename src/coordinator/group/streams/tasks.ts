/** Tasks by subtopology: the numbers of the partitions that each works on. */
export type Tasks = ReadonlyMap<string, ReadonlySet<number>>;

/** Tasks that a member has, each with the epoch in which it was given to the member. */
export type HeldTasks = ReadonlyMap<string, ReadonlyMap<number, number>>;

/**
 * What an assignor gives to a member: tasks to work on, copies of their state to keep, and copies to bring up
 * before they move.
 */
export interface TaskAssignment {
  readonly active: Tasks;
  readonly standby: Tasks;
  readonly warmup: Tasks;
}

/**
 * The same of what a member has: a commit for an active task counts from the epoch on in which the member got
 * it.
 */
export interface HeldAssignment {
  readonly active: HeldTasks;
  readonly standby: HeldTasks;
  readonly warmup: HeldTasks;
}

/** As requests, answers and records spell it. */
export interface TaskIds {
  readonly subtopologyId: string;
  readonly partitions: readonly number[];
}

export const NOTHING_HELD: HeldAssignment = {
  active: new Map(),
  standby: new Map(),
  warmup: new Map(),
};

export const NO_TASKS: TaskAssignment = {
  active: new Map(),
  standby: new Map(),
  warmup: new Map(),
};

export function tasksOf(ids: readonly TaskIds[]): Tasks {
  return new Map(ids.map(({ subtopologyId, partitions }) => [subtopologyId, new Set(partitions)]));
}

/** In the order of ids and numbers, so that equal tasks are equal lists. */
export function taskIdsOf(tasks: Tasks | HeldTasks): { subtopologyId: string; partitions: number[] }[] {
  return [...tasks]
    .map(([subtopologyId, partitions]) => ({
      subtopologyId,
      partitions: [...partitions.keys()].sort((a, b) => a - b),
    }))
    .sort((a, b) => (a.subtopologyId < b.subtopologyId ? -1 : 1));
}

/** Whether both are the same tasks, whatever the epochs. */
function sameTasks(one: Tasks | HeldTasks, other: Tasks | HeldTasks): boolean {
  return one.size === other.size && isWithin(one, other) && isWithin(other, one);
}

export function sameAssignments(
  one: TaskAssignment | HeldAssignment,
  other: TaskAssignment | HeldAssignment,
): boolean {
  return (
    sameTasks(one.active, other.active) &&
    sameTasks(one.standby, other.standby) &&
    sameTasks(one.warmup, other.warmup)
  );
}

/** Whether every task of the first is among the second. */
export function isWithin(inner: Tasks | HeldTasks, outer: Tasks | HeldTasks): boolean {
  for (const [subtopologyId, partitions] of inner) {
    const known = outer.get(subtopologyId);
    for (const partition of partitions.keys()) if (!known?.has(partition)) return false;
  }
  return true;
}

/** Whether any task of the first is among the second. */
export function overlaps(one: Tasks | HeldTasks, other: Tasks | HeldTasks): boolean {
  for (const [subtopologyId, partitions] of one) {
    const known = other.get(subtopologyId);
    if (known) for (const partition of partitions.keys()) if (known.has(partition)) return true;
  }
  return false;
}

export function hasNoTasks({ active, standby, warmup }: TaskAssignment | HeldAssignment): boolean {
  return active.size === 0 && standby.size === 0 && warmup.size === 0;
}
