import type { GroupMetadataValue } from '../group-record.ts';
import type { ClassicGroup } from './classic-group.ts';
import { metadataFor, NO_ASSIGNMENT } from './member.ts';

/** The record of a group as it stands, with these assignments by member id (without one: nothing). */
export function generationRecord(
  group: ClassicGroup,
  assignments: ReadonlyMap<string, Buffer>,
): GroupMetadataValue {
  return {
    protocolType: group.protocolType ?? '',
    generation: group.generation,
    protocol: group.protocol,
    leader: group.leader,
    currentStateTimestamp: group.stateTimestamp,
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeout: member.rebalanceTimeoutMs,
      sessionTimeout: member.sessionTimeoutMs,
      subscription: metadataFor(member, group.protocol),
      assignment: assignments.get(member.memberId) ?? NO_ASSIGNMENT,
    })),
  };
}
