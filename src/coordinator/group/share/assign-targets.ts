import type { Uuid } from '../../../base/brand.ts';
import type { Draft } from '../../decision.ts';
import { type Assignment, samePartitions } from '../consumer/assignment.ts';
import type { GroupRecord } from '../records.ts';
import type { ShareContext } from './share-context.ts';
import type { ShareGroup } from './share-group.ts';
import type { ShareMember } from './share-member.ts';
import { assignmentEpoch, memberTarget } from './share-records.ts';
import { assignSimply } from './simple-assignor.ts';

/** The topics that a member is subscribed to and that exist. */
export function subscribedTopics(
  context: Pick<ShareContext, 'image'>,
  { subscribedTopicNames }: ShareMember,
): ReadonlySet<Uuid> {
  const { topics } = context.image();
  return new Set(subscribedTopicNames.flatMap((name) => topics.byName(name)?.id ?? []));
}

interface Assigning {
  readonly members: readonly ShareMember[];
  readonly epoch: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * New targets for all members: of those partitions whose state the share coordinator keeps. Records are of
 * what changed.
 */
export function assignShareTargets(
  context: ShareContext,
  group: ShareGroup,
  { members, epoch, now }: Assigning,
  draft: Draft<GroupRecord>,
): ReadonlyMap<string, Assignment> {
  const { topics } = context.image();
  const partitions = new Map<Uuid, ReadonlySet<number>>();
  for (const [topicId, { partitions: kept }] of group.statePartitions.initialized) {
    const count = topics.byId(topicId)?.partitions.length ?? 0;
    const there = new Set([...kept].filter((partition) => partition < count));
    if (there.size > 0) partitions.set(topicId, there);
  }
  const targets = assignSimply(
    members.map((member) => ({
      memberId: member.memberId,
      topicIds: subscribedTopics(context, member),
      assignment: group.targetOf(member.memberId),
    })),
    partitions,
  );
  for (const [memberId, target] of targets)
    if (!group.hasTarget(memberId) || !samePartitions(target, group.targetOf(memberId)))
      draft.append(memberTarget(group.groupId, memberId, target));
  draft.append(assignmentEpoch(group.groupId, epoch, now));
  return targets;
}
