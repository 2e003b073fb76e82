import type { StreamsMember } from './member.ts';
import {
  type HeldAssignment,
  type HeldTasks,
  hasNoTasks,
  NOTHING_HELD,
  overlaps,
  type TaskAssignment,
  type Tasks,
} from './tasks.ts';

/** What a member's next step depends on. */
export interface Reconciliation {
  readonly target: TaskAssignment;
  /** The group epoch that the target is of. */
  readonly targetEpoch: number;
  /** What the member says it has; null when it does not say, because that has not changed. */
  readonly owned: TaskAssignment | null;
  /** Whether nobody works on the task, or has still to give it back. */
  isIdle(subtopologyId: string, partition: number): boolean;
  /** Whether a member of this process works on the task, or has still to give it back. */
  worksOn(processId: string, subtopologyId: string, partition: number): boolean;
  /** The same of a copy of the task's state. */
  hasCopy(processId: string, subtopologyId: string, partition: number): boolean;
}

/**
 * The member after its next step to its target; the same when there is no step to take. `FENCED`: it has to
 * give up everything and join again.
 */
export function reconcile(member: StreamsMember, to: Reconciliation): StreamsMember | 'FENCED' {
  switch (member.state) {
    case 'STABLE':
      return member.memberEpoch === to.targetEpoch ? member : nextAssignment(member, member.memberEpoch, to);
    case 'UNREVOKED_TASKS':
      // It has given them back when it says what it has, and they are not among it.
      if (owns(member.pendingRevocation, to.owned)) return member;
      return nextAssignment(member, member.memberEpoch + 1, to);
    case 'UNRELEASED_TASKS':
      return nextAssignment(member, member.memberEpoch, to);
    case 'UNKNOWN':
      return to.owned && hasNoTasks(to.owned) ? nextAssignment(member, to.targetEpoch, to) : 'FENCED';
  }
}

/**
 * Gives back first, in this epoch; then gets what is free, and is in its target's epoch. A process has one
 * directory for the state of a task, so it gets no task that it still has in another role.
 */
function nextAssignment(member: StreamsMember, epoch: number, to: Reconciliation): StreamsMember {
  const { assigned, processId } = member;
  const { target, targetEpoch } = to;
  const isTaken = (subtopologyId: string, partition: number): boolean =>
    !to.isIdle(subtopologyId, partition) || to.hasCopy(processId, subtopologyId, partition);
  const isOnProcess = (subtopologyId: string, partition: number): boolean =>
    to.worksOn(processId, subtopologyId, partition) || to.hasCopy(processId, subtopologyId, partition);
  const active = split(assigned.active, target.active, targetEpoch, isTaken);
  const standby = split(assigned.standby, target.standby, targetEpoch, isOnProcess);
  const warmup = split(assigned.warmup, target.warmup, targetEpoch, isOnProcess);
  const toRevoke = { active: active.toRevoke, standby: standby.toRevoke, warmup: warmup.toRevoke };
  if (!hasNoTasks(toRevoke) && owns(toRevoke, to.owned))
    return inEpoch(member, epoch, {
      state: 'UNREVOKED_TASKS',
      assigned: { active: active.kept, standby: standby.kept, warmup: warmup.kept },
      pendingRevocation: toRevoke,
    });
  return inEpoch(member, targetEpoch, {
    state: active.isWaiting || standby.isWaiting || warmup.isWaiting ? 'UNRELEASED_TASKS' : 'STABLE',
    assigned: { active: active.next, standby: standby.next, warmup: warmup.next },
    pendingRevocation: NOTHING_HELD,
  });
}

/** What of the tasks in one role stays, what goes, and what there is once that is gone. */
function split(
  held: HeldTasks,
  target: Tasks,
  targetEpoch: number,
  isTaken: (subtopologyId: string, partition: number) => boolean,
): { kept: HeldTasks; toRevoke: HeldTasks; next: HeldTasks; isWaiting: boolean } {
  const kept: MutableTasks = new Map();
  const toRevoke: MutableTasks = new Map();
  const next: MutableTasks = new Map();
  let isWaiting = false;
  for (const [subtopologyId, partitions] of held)
    for (const [partition, epoch] of partitions) {
      const stays = target.get(subtopologyId)?.has(partition) === true;
      put(stays ? kept : toRevoke, subtopologyId, partition, epoch);
      if (stays) put(next, subtopologyId, partition, epoch);
    }
  for (const [subtopologyId, partitions] of target)
    for (const partition of partitions) {
      if (kept.get(subtopologyId)?.has(partition)) continue;
      if (isTaken(subtopologyId, partition)) isWaiting = true;
      else put(next, subtopologyId, partition, targetEpoch);
    }
  return { kept, toRevoke, next, isWaiting };
}

/** Whether the member still has any of these tasks; one that does not say what it owns has them. */
function owns(held: HeldAssignment, owned: TaskAssignment | null): boolean {
  if (owned === null) return true;
  return (
    overlaps(held.active, owned.active) ||
    overlaps(held.standby, owned.standby) ||
    overlaps(held.warmup, owned.warmup)
  );
}

function inEpoch(
  member: StreamsMember,
  memberEpoch: number,
  next: Pick<StreamsMember, 'state' | 'assigned' | 'pendingRevocation'>,
): StreamsMember {
  return { ...member, ...next, memberEpoch, previousMemberEpoch: member.memberEpoch };
}

type MutableTasks = Map<string, Map<number, number>>;

function put(tasks: MutableTasks, subtopologyId: string, partition: number, epoch: number): void {
  const partitions = tasks.get(subtopologyId);
  if (partitions) partitions.set(partition, epoch);
  else tasks.set(subtopologyId, new Map([[partition, epoch]]));
}
