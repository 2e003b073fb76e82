import type { Uuid } from '../../../base/brand.ts';
import {
  type Assignment,
  assignmentOf,
  type HeldPartitions,
  NO_PARTITIONS,
  type TopicPartitions,
} from './assignment.ts';
import type { ConsumerMember } from './member.ts';

/** What a member's next step depends on. */
export interface Reconciliation {
  readonly target: Assignment;
  /** The group epoch that the target is of. */
  readonly targetEpoch: number;
  /** Topics of its subscription that exist: it is left with no partition of any other. */
  readonly subscribedTopicIds: ReadonlySet<Uuid>;
  readonly subscriptionChanged: boolean;
  /** What the member says it has; null when it does not say, because that has not changed. */
  readonly owned: readonly TopicPartitions[] | null;
  /** Whether nobody else has this partition. */
  isFree(topicId: Uuid, partition: number): boolean;
}

/**
 * The member after its next step to its target; the same when there is no step to take. `FENCED`: it has to
 * give up everything and join again.
 */
export function reconcile(member: ConsumerMember, to: Reconciliation): ConsumerMember | 'FENCED' {
  switch (member.state) {
    case 'STABLE':
      if (member.memberEpoch !== to.targetEpoch) return nextAssignment(member, to);
      return to.subscriptionChanged ? withoutUnsubscribed(member, to) : member;
    case 'UNREVOKED_PARTITIONS':
      // It has given them back when it says what it has, and they are not among it.
      if (!owns(member.pendingRevocation, to.owned)) return nextAssignment(member, to);
      return to.subscriptionChanged ? withoutUnsubscribed(member, to) : member;
    case 'UNRELEASED_PARTITIONS':
      return nextAssignment(member, to);
    case 'UNKNOWN':
      return to.owned?.length === 0 ? nextAssignment(member, to) : 'FENCED';
  }
}

/**
 * Gives back first, then gets what nobody else has; has its target's epoch as soon as it has nothing to give
 * back.
 */
function nextAssignment(member: ConsumerMember, to: Reconciliation): ConsumerMember {
  const assigned = new Map<Uuid, Map<number, number>>();
  const toRevoke = new Map<Uuid, Map<number, number>>();
  for (const [topicId, held] of member.assigned) {
    const target = to.subscribedTopicIds.has(topicId) ? to.target.get(topicId) : undefined;
    for (const [partition, epoch] of held)
      put(target?.has(partition) ? assigned : toRevoke, topicId, partition, epoch);
  }
  if (toRevoke.size > 0 && owns(toRevoke, to.owned))
    return inEpoch(member, member.memberEpoch, {
      state: 'UNREVOKED_PARTITIONS',
      assigned,
      pendingRevocation: toRevoke,
    });
  let unreleased = false;
  for (const [topicId, target] of to.target) {
    if (!to.subscribedTopicIds.has(topicId)) continue;
    for (const partition of target) {
      if (assigned.get(topicId)?.has(partition)) continue;
      if (to.isFree(topicId, partition)) put(assigned, topicId, partition, to.targetEpoch);
      else unreleased = true;
    }
  }
  return inEpoch(member, to.targetEpoch, {
    state: unreleased ? 'UNRELEASED_PARTITIONS' : 'STABLE',
    assigned,
    pendingRevocation: NO_PARTITIONS,
  });
}

/**
 * The member changed its subscription before there is a target for it: it gives back what it does not want.
 */
function withoutUnsubscribed(member: ConsumerMember, to: Reconciliation): ConsumerMember {
  const assigned = new Map<Uuid, ReadonlyMap<number, number>>();
  const toRevoke = new Map<Uuid, ReadonlyMap<number, number>>(member.pendingRevocation);
  for (const [topicId, held] of member.assigned) {
    if (to.subscribedTopicIds.has(topicId)) assigned.set(topicId, held);
    else toRevoke.set(topicId, new Map([...(toRevoke.get(topicId) ?? []), ...held]));
  }
  if (assigned.size === member.assigned.size) return member;
  const next = { assigned, state: member.state, pendingRevocation: member.pendingRevocation };
  if (toRevoke.size > 0 && owns(toRevoke, to.owned))
    return inEpoch(member, member.memberEpoch, {
      ...next,
      state: 'UNREVOKED_PARTITIONS',
      pendingRevocation: toRevoke,
    });
  return inEpoch(member, member.memberEpoch, next);
}

/** Whether the member still has any of these partitions; one that does not say what it owns has them. */
function owns(partitions: HeldPartitions, owned: readonly TopicPartitions[] | null): boolean {
  if (owned === null) return true;
  for (const [topicId, numbers] of assignmentOf(owned)) {
    const asked = partitions.get(topicId);
    for (const partition of numbers) if (asked?.has(partition)) return true;
  }
  return false;
}

function inEpoch(
  member: ConsumerMember,
  memberEpoch: number,
  next: Pick<ConsumerMember, 'state' | 'assigned' | 'pendingRevocation'>,
): ConsumerMember {
  return { ...member, ...next, memberEpoch, previousMemberEpoch: member.memberEpoch };
}

function put(held: Map<Uuid, Map<number, number>>, topicId: Uuid, partition: number, epoch: number): void {
  const partitions = held.get(topicId);
  if (partitions) partitions.set(partition, epoch);
  else held.set(topicId, new Map([[partition, epoch]]));
}
