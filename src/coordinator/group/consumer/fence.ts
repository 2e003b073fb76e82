import type { Draft } from '../../decision.ts';
import type { GroupRecord } from '../records.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerContext } from './context.ts';
import { expressionTombstone, groupEpoch } from './group-records.ts';
import type { ConsumerMember } from './member.ts';
import { memberTombstones } from './member-records.ts';
import { metadataHash } from './metadata-hash.ts';
import { downgrade, isDowngrade } from './migration/downgrade.ts';
import { cancelTimers } from './timers.ts';

/**
 * Removes members, whatever they have: the next heartbeat of another one makes an assignment without them.
 * When only members of the classic protocol are left, the group becomes a classic one.
 */
export function fenceMembers(
  context: ConsumerContext,
  group: ConsumerGroup,
  fenced: readonly ConsumerMember[],
  draft: Draft<GroupRecord>,
): void {
  if (fenced.length === 0) return;
  const { groupId } = group;
  const gone = new Set(fenced.map(({ memberId }) => memberId));
  const staying = [...group.members.values()].filter(({ memberId }) => !gone.has(memberId));
  if (isDowngrade(context, staying)) {
    downgrade(context, group, { staying, isSettled: false }, draft);
    return;
  }
  for (const memberId of gone) {
    for (const record of memberTombstones(groupId, memberId)) draft.append(record);
    draft.whenTaken(() => cancelTimers(context, groupId, memberId));
  }
  for (const expression of abandoned(group, fenced)) draft.append(expressionTombstone(groupId, expression));
  const hash = metadataHash(staying, context.image(), (text) => group.expressions.topicsOf(text));
  draft.append(groupEpoch(groupId, { epoch: group.groupEpoch + 1, metadataHash: hash }));
}

/** The expressions by which only these members are subscribed. */
function abandoned({ expressions }: ConsumerGroup, fenced: readonly ConsumerMember[]): string[] {
  const leaving = new Map<string, number>();
  for (const { subscribedTopicRegex: text } of fenced)
    if (text !== '') leaving.set(text, (leaving.get(text) ?? 0) + 1);
  return [...leaving]
    .filter(([text, count]) => expressions.subscribed.get(text) === count)
    .map(([text]) => text);
}
