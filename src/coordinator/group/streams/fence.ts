import type { Draft } from '../../decision.ts';
import { cancelTimers } from '../member-timers.ts';
import type { GroupRecord } from '../records.ts';
import type { StreamsContext } from './context.ts';
import { groupEpoch } from './group-records.ts';
import { memberTombstones } from './member-records.ts';
import type { StreamsGroup } from './streams-group.ts';

/** Removes a member, whatever it has: the next heartbeat of another one makes targets without it. */
export function fenceMember(
  context: StreamsContext,
  group: StreamsGroup,
  memberId: string,
  draft: Draft<GroupRecord>,
): void {
  const { groupId, metadataHash, validatedTopologyEpoch, assignmentConfigs } = group;
  for (const record of memberTombstones(groupId, memberId)) draft.append(record);
  const epoch = group.groupEpoch + 1;
  draft.append(groupEpoch(groupId, { epoch, metadataHash, validatedTopologyEpoch, assignmentConfigs }));
  draft.whenTaken(() => cancelTimers(context, groupId, memberId));
}
