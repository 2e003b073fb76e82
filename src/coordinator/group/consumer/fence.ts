import type { Draft } from '../../decision.ts';
import type { GroupRecord } from '../records.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerContext } from './context.ts';
import { groupEpoch } from './group-records.ts';
import type { ConsumerMember } from './member.ts';
import { memberTombstones } from './member-records.ts';
import { metadataHash } from './metadata-hash.ts';
import { cancelTimers } from './timers.ts';

/** Removes members, whatever they have: the next heartbeat of another one makes an assignment without them. */
export function fenceMembers(
  context: ConsumerContext,
  group: ConsumerGroup,
  fenced: readonly ConsumerMember[],
  draft: Draft<GroupRecord>,
): void {
  if (fenced.length === 0) return;
  const { groupId } = group;
  const gone = new Set(fenced.map(({ memberId }) => memberId));
  for (const memberId of gone) {
    for (const record of memberTombstones(groupId, memberId)) draft.append(record);
    cancelTimers(context, groupId, memberId);
  }
  const staying = [...group.members.values()].filter(({ memberId }) => !gone.has(memberId));
  const hash = metadataHash(staying, context.image());
  draft.append(groupEpoch(groupId, { epoch: group.groupEpoch + 1, metadataHash: hash }));
}
