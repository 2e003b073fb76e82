import {
  type DescribedConsumerGroup,
  undescribedConsumerGroup,
} from '../../coordinator/group/consumer/describe.ts';
import { consumerGroupDescribe } from '../../protocol/messages/69-consumer-group-describe.ts';
import type { Authorize } from '../../server/authorizer.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { hasConsumerProtocol } from '../coordinators/consumer-protocol.ts';
import { authorizedOperations, everyRight } from '../metadata-view/authorized-operations.ts';

/**
 * ConsumerGroupDescribe v0-1: groups of the consumer protocol with their members, what each has and is to have. A group
 * in which a topic is that the caller may not describe is not told at all. With the operations the caller may do, if it
 * asks. A group that does not exist or is of another kind is GROUP_ID_NOT_FOUND.
 *
 * From v1 with the protocol that each member speaks.
 */
export const consumerGroupDescribeHandler = handle(
  consumerGroupDescribe,
  { versions: [0, 1], operations: [...everyRight('GROUP'), 'TOPIC:DESCRIBE'] },
  async (context: BrokerContext, request, info) => {
    if (!hasConsumerProtocol(context))
      return {
        groups: request.groupIds.map((groupId) => undescribedConsumerGroup(groupId, 'UNSUPPORTED_VERSION')),
      };
    const allowed: string[] = [];
    const refused: string[] = [];
    for (const groupId of request.groupIds)
      (info.authorize('DESCRIBE', 'GROUP', groupId) ? allowed : refused).push(groupId);
    const described = await context.groups.describeConsumerGroups(allowed);
    return {
      groups: [
        ...refused.map((groupId) => undescribedConsumerGroup(groupId, 'GROUP_AUTHORIZATION_FAILED')),
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
function seenBy(
  authorize: Authorize<'TOPIC:DESCRIBE'>,
  group: DescribedConsumerGroup,
): DescribedConsumerGroup {
  const topics = new Set(
    group.members.flatMap(({ assignment, targetAssignment }) =>
      [...assignment.topicPartitions, ...targetAssignment.topicPartitions].map(({ topicName }) => topicName),
    ),
  );
  for (const topic of topics)
    if (!authorize('DESCRIBE', 'TOPIC', topic))
      return undescribedConsumerGroup(
        group.groupId,
        'TOPIC_AUTHORIZATION_FAILED',
        'The group has described topic(s) that the client is not authorized to describe.',
      );
  return group;
}
