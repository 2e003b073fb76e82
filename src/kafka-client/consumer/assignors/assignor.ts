import type { TopicPartition } from '../../../base/topic-partition.ts';

export interface Member {
  readonly id: string;
  readonly instanceId: string | null;
  readonly topics: readonly string[];
  readonly owned: readonly TopicPartition[];
  /** Of the assignment that `owned` comes from, -1 without one. */
  readonly generation: number;
}

/** By member id; every member has an entry. */
export type Assignments = ReadonlyMap<string, readonly TopicPartition[]>;

/** `partitionCounts`: by topic; a topic without an entry does not exist. */
export type Assign = (
  members: readonly Member[],
  partitionCounts: ReadonlyMap<string, number>,
) => Assignments;

/**
 * Static members by their instance id, so that they keep their place when they come back under another member
 * id.
 */
export function inOrder(members: readonly Member[]): Member[] {
  const key = ({ id, instanceId }: Member): string => (instanceId === null ? `1${id}` : `0${instanceId}`);
  return [...members].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
