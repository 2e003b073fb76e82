import type { Uuid } from '../../../base/brand.ts';
import type { Assignment } from '../consumer/assignment.ts';

/** A member as the assignor sees it. */
export interface AssignableShareMember {
  readonly memberId: string;
  /** The topics it is subscribed to, as far as there is something to assign of them. */
  readonly topicIds: ReadonlySet<Uuid>;
  /** What it was given the last time. */
  readonly assignment: Assignment;
}

interface Topic {
  readonly topicId: Uuid;
  readonly subscribers: ReadonlySet<string>;
  readonly size: number;
}

interface Slot {
  readonly topic: Topic;
  readonly partition: number;
  readonly members: Set<string>;
}

export const SIMPLE_ASSIGNOR = 'simple';

/**
 * Kafka's assignor of share groups. Every partition is given to at least one of its subscribers, and every
 * member gets something as long as there is something that it is subscribed to: where there are more members
 * than partitions, several share one. Members keep what they have as far as that leaves them about equal.
 */
export function assignSimply(
  members: readonly AssignableShareMember[],
  partitions: ReadonlyMap<Uuid, ReadonlySet<number>>,
): Map<string, Assignment> {
  const topics = topicsOf(members, partitions);
  const slots = topics.flatMap((topic) =>
    [...(partitions.get(topic.topicId) ?? [])]
      .sort((a, b) => a - b)
      .map((partition): Slot => ({ topic, partition, members: new Set() })),
  );
  const loads = new Map(members.map(({ memberId }) => [memberId, 0]));
  const give = (slot: Slot, memberId: string): void => {
    slot.members.add(memberId);
    loads.set(memberId, (loads.get(memberId) ?? 0) + 1);
  };
  const most = limits(members, topics);
  const sharers = new Map(topics.map((topic) => [topic, sharersOf(topic, topics)]));
  for (const slot of slots)
    for (const { memberId, assignment } of members) {
      if (slot.members.size >= (sharers.get(slot.topic) ?? 1)) break;
      const had =
        slot.topic.subscribers.has(memberId) && assignment.get(slot.topic.topicId)?.has(slot.partition);
      if (had && (loads.get(memberId) ?? 0) < (most.get(memberId) ?? 0)) give(slot, memberId);
    }
  // Whoever has least gets what nobody has.
  for (const slot of slots)
    if (slot.members.size === 0) {
      const least = leastLoaded(slot.topic.subscribers, loads);
      if (least !== null) give(slot, least);
    }
  for (const { memberId } of members)
    if (loads.get(memberId) === 0) {
      const slot = openTo(memberId, slots, loads);
      if (!slot) continue;
      const [owner] = slot.members;
      if (slot.members.size === 1 && owner !== undefined && (loads.get(owner) ?? 0) > 1) {
        slot.members.delete(owner);
        loads.set(owner, (loads.get(owner) ?? 0) - 1);
      }
      give(slot, memberId);
    }
  return assignmentsOf(members, slots);
}

/**
 * What a member without anything takes over from the one that has most, if that is more than one; or shares
 * with fewest.
 */
function openTo(memberId: string, slots: readonly Slot[], loads: ReadonlyMap<string, number>): Slot | null {
  let best: Slot | null = null;
  let bestRank = Number.NEGATIVE_INFINITY;
  for (const slot of slots) {
    if (!slot.topic.subscribers.has(memberId)) continue;
    const [owner = ''] = slot.members;
    const load = loads.get(owner) ?? 0;
    const rank = slot.members.size === 1 && load > 1 ? load : -slot.members.size;
    if (rank <= bestRank) continue;
    best = slot;
    bestRank = rank;
  }
  return best;
}

/** The topics that somebody is subscribed to. */
function topicsOf(
  members: readonly AssignableShareMember[],
  partitions: ReadonlyMap<Uuid, ReadonlySet<number>>,
): Topic[] {
  return [...partitions].flatMap(([topicId, { size }]) => {
    const subscribers = new Set(
      members.filter(({ topicIds }) => topicIds.has(topicId)).map(({ memberId }) => memberId),
    );
    return subscribers.size === 0 ? [] : [{ topicId, subscribers, size }];
  });
}

/**
 * How many members may have a partition of the topic: as many as its subscribers need for each to have
 * something.
 */
function sharersOf(topic: Topic, topics: readonly Topic[]): number {
  const [first = ''] = topic.subscribers;
  let open = 0;
  for (const { subscribers, size } of topics) if (subscribers.has(first)) open += size;
  return Math.max(1, Math.ceil(topic.subscribers.size / Math.max(1, open)));
}

/** How much of what it had a member may keep. */
function limits(members: readonly AssignableShareMember[], topics: readonly Topic[]): Map<string, number> {
  return new Map(
    members.map(({ memberId }) => {
      let open = 0;
      const rivals = new Set<string>();
      for (const { subscribers, size } of topics) {
        if (!subscribers.has(memberId)) continue;
        open += size;
        for (const rival of subscribers) rivals.add(rival);
      }
      return [memberId, Math.max(1, Math.ceil(open / Math.max(1, rivals.size)))];
    }),
  );
}

function leastLoaded(memberIds: Iterable<string>, loads: ReadonlyMap<string, number>): string | null {
  let least: string | null = null;
  for (const memberId of memberIds)
    if (least === null || (loads.get(memberId) ?? 0) < (loads.get(least) ?? 0)) least = memberId;
  return least;
}

function assignmentsOf(
  members: readonly AssignableShareMember[],
  slots: readonly Slot[],
): Map<string, Assignment> {
  const all = new Map(members.map(({ memberId }) => [memberId, new Map<Uuid, Set<number>>()]));
  for (const {
    topic: { topicId },
    partition,
    members: owners,
  } of slots)
    for (const owner of owners) {
      const assignment = all.get(owner);
      const indexes = assignment?.get(topicId);
      if (indexes) indexes.add(partition);
      else assignment?.set(topicId, new Set([partition]));
    }
  return all;
}
