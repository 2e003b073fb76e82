import type { Uuid } from '../../base/brand.ts';

/** One partition as one share group reads it. */
export interface ShareKey {
  readonly groupId: string;
  readonly topicId: Uuid;
  readonly partition: number;
}

/** The key by which a share partition is coordinated, as Kafka spells it in FindCoordinator. */
export function coordinatorKey({ groupId, topicId, partition }: ShareKey): string {
  return `${groupId}:${topicId}:${partition}`;
}

/**
 * Whether it is spelled as one: group, topic id and partition, of which the group may hold colons of its own.
 */
export function isCoordinatorKey(key: string): boolean {
  return /^.+:[A-Za-z0-9_-]{22}:\d{1,10}$/s.test(key);
}
