import type { Uuid } from '../../../base/brand.ts';

/** Partitions by topic id: what an assignor gives to a member. */
export type Assignment = ReadonlyMap<Uuid, ReadonlySet<number>>;

/**
 * Partitions that a member has, by topic id, each with the epoch in which it was given to the member
 * (KIP-1251).
 */
export type HeldPartitions = ReadonlyMap<Uuid, ReadonlyMap<number, number>>;

/** As requests, answers and records spell it. */
export interface TopicPartitions {
  readonly topicId: Uuid;
  readonly partitions: readonly number[];
}

export const NO_PARTITIONS: HeldPartitions = new Map();

export function assignmentOf(topics: readonly TopicPartitions[]): Assignment {
  return new Map(topics.map(({ topicId, partitions }) => [topicId, new Set(partitions)]));
}

/** The partitions in the order of ids and numbers, so that equal assignments are equal lists. */
export function topicPartitionsOf(
  assignment: Assignment | HeldPartitions,
): { topicId: Uuid; partitions: number[] }[] {
  return [...assignment]
    .map(([topicId, partitions]) => ({ topicId, partitions: [...partitions.keys()].sort((a, b) => a - b) }))
    .sort((a, b) => (a.topicId < b.topicId ? -1 : 1));
}

/** Whether both have the same partitions, whatever the epochs. */
export function samePartitions(
  one: Assignment | HeldPartitions,
  other: Assignment | HeldPartitions,
): boolean {
  return one.size === other.size && isWithin(one, other) && isWithin(other, one);
}

/** Whether every partition of the first is in the second. */
export function isWithin(inner: Assignment | HeldPartitions, outer: Assignment | HeldPartitions): boolean {
  for (const [topicId, partitions] of inner) {
    const known = outer.get(topicId);
    for (const partition of partitions.keys()) if (!known?.has(partition)) return false;
  }
  return true;
}
