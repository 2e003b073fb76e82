import { type ErrorName, errorCode } from '../../../protocol/errors.ts';
import type { JoinGroupResponse } from '../../../protocol/messages/11-join-group.ts';
import type { SyncGroupResponse } from '../../../protocol/messages/14-sync-group.ts';
import type { ClassicGroup } from './classic-group.ts';
import { metadataFor, NO_ASSIGNMENT } from './member.ts';

export function joinError(memberId: string, error: ErrorName): JoinGroupResponse {
  return {
    errorCode: errorCode(error),
    generationId: -1,
    protocolType: null,
    protocolName: null,
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  };
}

/** What a member is told of its generation; only the leader learns of the others, to assign to them. */
export function joined(
  group: ClassicGroup,
  memberId: string,
  how: {
    readonly leader?: string | null;
    readonly skipAssignment?: boolean;
    readonly withMembers?: boolean;
  } = {},
): JoinGroupResponse {
  const { leader = group.leader, skipAssignment = false, withMembers = group.leader === memberId } = how;
  return {
    errorCode: 0,
    generationId: group.generation,
    protocolType: group.protocolType,
    protocolName: group.protocol,
    leader: leader ?? '',
    skipAssignment,
    memberId,
    members: withMembers
      ? [...group.members.values()].map((member) => ({
          memberId: member.memberId,
          groupInstanceId: member.groupInstanceId,
          metadata: metadataFor(member, group.protocol),
        }))
      : [],
  };
}

export function syncError(error: ErrorName): SyncGroupResponse {
  return { errorCode: errorCode(error), protocolType: null, protocolName: null, assignment: NO_ASSIGNMENT };
}

export function synced(group: ClassicGroup, assignment: Buffer): SyncGroupResponse {
  return { errorCode: 0, protocolType: group.protocolType, protocolName: group.protocol, assignment };
}
