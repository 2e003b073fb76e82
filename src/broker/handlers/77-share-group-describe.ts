import {
  type DescribedShareGroup,
  undescribedShareGroup,
} from '../../coordinator/group/share/share-describe.ts';
import { shareGroupDescribe } from '../../protocol/messages/77-share-group-describe.ts';
import type { Authorize } from '../../server/authorizer.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { authorizedOperations, everyRight } from '../metadata-view/authorized-operations.ts';
import { hasShareGroups } from '../sharing/share-protocol.ts';

/**
 * ShareGroupDescribe v1: share groups with their members and what each reads. A group in which a topic is that the caller
 * may not describe is not told at all. With the operations the caller may do, if it asks. A group that does not exist or is
 * of another kind is GROUP_ID_NOT_FOUND.
 */
export const shareGroupDescribeHandler = handle(
  shareGroupDescribe,
  { versions: [1, 1], operations: [...everyRight('GROUP'), 'TOPIC:DESCRIBE'] },
  async (context: BrokerContext, request, info) => {
    if (!hasShareGroups(context))
      return {
        groups: request.groupIds.map((groupId) => undescribedShareGroup(groupId, 'UNSUPPORTED_VERSION')),
      };
    const allowed: string[] = [];
    const refused: string[] = [];
    for (const groupId of request.groupIds)
      (info.authorize('DESCRIBE', 'GROUP', groupId) ? allowed : refused).push(groupId);
    const described = await context.groups.describeShareGroups(allowed);
    return {
      groups: [
        ...refused.map((groupId) => undescribedShareGroup(groupId, 'GROUP_AUTHORIZATION_FAILED')),
        ...described.map((group) => {
          const visible = seenBy(info.authorize, group);
          return request.includeAuthorizedOperations && visible.errorCode === 0
            ? {
                ...visible,
                authorizedOperations: authorizedOperations(info.authorize, 'GROUP', group.groupId),
              }
            : visible;
        }),
      ],
    };
  },
);

/** The group, if the caller may know all topics that are in it. */
function seenBy(authorize: Authorize<'TOPIC:DESCRIBE'>, group: DescribedShareGroup): DescribedShareGroup {
  const topics = new Set(
    group.members.flatMap(({ assignment }) => assignment.topicPartitions.map(({ topicName }) => topicName)),
  );
  for (const topic of topics)
    if (!authorize('DESCRIBE', 'TOPIC', topic))
      return undescribedShareGroup(
        group.groupId,
        'TOPIC_AUTHORIZATION_FAILED',
        'The group has described topic(s) that the client is not authorized to describe.',
      );
  return group;
}
