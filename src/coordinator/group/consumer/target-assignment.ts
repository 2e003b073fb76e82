import type { TopicsImage } from '../../../metadata/topics.ts';
import type { GroupRecord } from '../records.ts';
import { type Assignment, samePartitions } from './assignment.ts';
import { assignors } from './assignors/assignor.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { assignmentEpoch } from './group-records.ts';
import type { ConsumerMember } from './member.ts';
import { memberTarget } from './member-records.ts';
import { type MatchedTopics, subscribedTopicIds } from './subscriptions.ts';

/**
 * The targets of a group for its next epoch: of those that changed, the records; and the updated member's
 * own.
 */
export function assignTargets(
  group: ConsumerGroup,
  options: {
    /** The member that this heartbeat changes or adds, as it is after it. */
    readonly updated: ConsumerMember;
    /** The member whose place it takes, when a static member came back under another id. */
    readonly replaced: ConsumerMember | undefined;
    readonly topics: TopicsImage;
    readonly matched: MatchedTopics;
    readonly assignorNames: readonly string[];
    readonly epoch: number;
    /** Milliseconds since 1970. */
    readonly now: number;
  },
): { readonly records: GroupRecord[]; readonly target: Assignment } {
  const { updated, replaced, topics, matched, epoch } = options;
  const members = membersWith(group, updated, replaced);
  const targetBefore = (memberId: string): Assignment =>
    group.targetOf(memberId === updated.memberId && replaced ? replaced.memberId : memberId);
  const assignor = assignors.get(preferredAssignor(members, options.assignorNames));
  const targets =
    assignor?.(
      members.map((member) => ({
        memberId: member.memberId,
        instanceId: member.instanceId,
        topicIds: subscribedTopicIds(member, topics, matched),
        assignment: targetBefore(member.memberId),
      })),
      (topicId) => topics.byId(topicId)?.partitions.length ?? 0,
    ) ?? new Map<string, Assignment>();
  const records = members.flatMap(({ memberId }) => {
    const target = targets.get(memberId) ?? new Map();
    // The member that takes another's place has got a record with that one's target already.
    const isRecorded = group.hasTarget(memberId) || (memberId === updated.memberId && replaced);
    if (isRecorded && samePartitions(target, targetBefore(memberId))) return [];
    return [memberTarget(group.groupId, memberId, target)];
  });
  records.push(assignmentEpoch(group.groupId, epoch, options.now));
  return { records, target: targets.get(updated.memberId) ?? new Map() };
}

/** The members of the group once this heartbeat's records are replayed. */
export function membersWith(
  group: ConsumerGroup,
  updated: ConsumerMember,
  replaced: ConsumerMember | undefined,
): ConsumerMember[] {
  const members = new Map(group.members);
  if (replaced) members.delete(replaced.memberId);
  members.set(updated.memberId, updated);
  return [...members.values()];
}

/** The one that most members ask for, the earlier one among equals; without any, the first. */
export function preferredAssignor(members: Iterable<ConsumerMember>, names: readonly string[]): string {
  const votes = new Map(names.map((name) => [name, 0]));
  for (const { serverAssignor } of members) {
    const count = serverAssignor === null ? undefined : votes.get(serverAssignor);
    if (serverAssignor !== null && count !== undefined) votes.set(serverAssignor, count + 1);
  }
  let [preferred = ''] = names;
  for (const [name, count] of votes) if (count > (votes.get(preferred) ?? 0)) preferred = name;
  return preferred;
}
