import {
  type DescribedShareGroup,
  undescribedShareGroup,
} from '../../coordinator/group/share/share-describe.ts';
import { shareGroupDescribe } from '../../protocol/messages/77-share-group-describe.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { DESCRIBES_GROUPS, describeGroups } from '../coordinators/describe-groups.ts';
import { hasShareGroups } from '../sharing/share-protocol.ts';

/**
 * ShareGroupDescribe v1: share groups with their members and what each reads. A group in which a topic is
 * that the caller may not describe is not told at all. With the operations the caller may do, if it asks. A
 * group that does not exist or is of another kind is GROUP_ID_NOT_FOUND.
 */
export const shareGroupDescribeHandler = handle(
  shareGroupDescribe,
  { versions: [1, 1], operations: DESCRIBES_GROUPS },
  (context: BrokerContext, request, info) =>
    describeGroups(request, info, {
      isServed: hasShareGroups(context),
      describe: (groupIds) => context.groups.descriptions.share(groupIds),
      undescribed: undescribedShareGroup,
      topicsOf: topicsIn,
      topicRefusal: 'The group has described topic(s) that the client is not authorized to describe.',
    }),
);

function topicsIn({ members }: DescribedShareGroup): string[] {
  return members.flatMap(({ assignment }) => assignment.topicPartitions.map(({ topicName }) => topicName));
}
