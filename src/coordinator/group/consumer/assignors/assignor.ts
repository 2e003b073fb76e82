import type { Uuid } from '../../../../base/brand.ts';
import type { Assignment } from '../assignment.ts';
import { assignRanges } from './range.ts';
import { assignUniformly } from './uniform.ts';

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

/** Gives every partition of every topic that somebody is subscribed to to one of its subscribers. */
export type Assignor = (
  members: readonly AssignableMember[],
  partitionCount: PartitionCount,
) => ReadonlyMap<string, Assignment>;

/** By the names that members and `group.consumer.assignors` call them. */
export const assignors: ReadonlyMap<string, Assignor> = new Map([
  ['uniform', assignUniformly],
  ['range', assignRanges],
]);
