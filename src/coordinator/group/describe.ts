import { errorCode } from '../../protocol/errors.ts';
import type { DescribeGroupsResponse } from '../../protocol/messages/15-describe-groups.ts';
import type { ListGroupsRequest, ListGroupsResponse } from '../../protocol/messages/16-list-groups.ts';
import type { ClassicGroup } from './classic/classic-group.ts';
import { metadataFor, NO_ASSIGNMENT } from './classic/member.ts';
import type { Group } from './group.ts';

export type DescribedGroup = DescribeGroupsResponse['groups'][number];
export type ListedGroup = ListGroupsResponse['groups'][number];

/** A group as tools see it; what members said is shown only where it is in force. */
export function describeGroup(group: ClassicGroup): DescribedGroup {
  const stable = group.state === 'Stable';
  return {
    errorCode: 0,
    groupId: group.groupId,
    groupState: group.state,
    protocolType: group.protocolType ?? '',
    protocolData: stable ? (group.protocol ?? '') : '',
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: stable ? metadataFor(member, group.protocol) : NO_ASSIGNMENT,
      memberAssignment: member.assignment,
    })),
  };
}

/** KIP-1043: from version 6 a group that does not exist as a classic one is an error; before, it is Dead. */
export function deadGroup(groupId: string, apiVersion: number, message: string): DescribedGroup {
  const unknown = apiVersion >= 6;
  return {
    errorCode: unknown ? errorCode('GROUP_ID_NOT_FOUND') : 0,
    errorMessage: unknown ? message : null,
    groupId,
    groupState: 'Dead',
    protocolType: '',
    protocolData: '',
    members: [],
  };
}

export function undescribed(groupId: string, error: Parameters<typeof errorCode>[0]): DescribedGroup {
  return {
    errorCode: errorCode(error),
    groupId,
    groupState: '',
    protocolType: '',
    protocolData: '',
    members: [],
  };
}

/** Which groups are listed. Filters match whatever their case; an empty one matches all. */
export function groupFilter({
  statesFilter,
  typesFilter,
}: Pick<ListGroupsRequest, 'statesFilter' | 'typesFilter'>): (group: Group) => boolean {
  const wordsOf = (filter: readonly string[]) => new Set(filter.map((word) => word.trim().toLowerCase()));
  const [states, types] = [wordsOf(statesFilter), wordsOf(typesFilter)];
  const matches = (words: ReadonlySet<string>, value: string) =>
    words.size === 0 || words.has(value.toLowerCase());
  return (group) => matches(states, group.state) && matches(types, group.type);
}

export function listedGroup(group: Group): ListedGroup {
  return {
    groupId: group.groupId,
    protocolType: group.protocolType ?? '',
    groupState: group.state,
    groupType: group.type,
  };
}
