import type { Uuid } from '../../../../base/brand.ts';
import type { Assignment } from '../assignment.ts';

/** A member as an assignor sees it. */
export interface AssignableMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  /** The topics it is subscribed to; all of them exist. */
  readonly topicIds: ReadonlySet<Uuid>;
  /** What it was given the last time; may hold topics and partitions that are gone. */
  readonly assignment: Assignment;
}

/** How many partitions a topic has. */
export type PartitionCount = (topicId: Uuid) => number;
