import type { Assignment } from '../assignment.ts';
import type { AssignableMember, PartitionCount } from './assignable-member.ts';
import { assignRanges } from './range.ts';
import { assignUniformly } from './uniform.ts';

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
