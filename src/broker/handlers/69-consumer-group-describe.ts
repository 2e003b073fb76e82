import {
  type DescribedConsumerGroup,
  undescribedConsumerGroup,
} from '../../coordinator/group/consumer/describe.ts';
import { consumerGroupDescribe } from '../../protocol/messages/69-consumer-group-describe.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { hasConsumerProtocol } from '../coordinators/consumer-protocol.ts';
import { DESCRIBES_GROUPS, describeGroups } from '../coordinators/describe-groups.ts';

/**
 * ConsumerGroupDescribe v0-1: groups of the consumer protocol with their members, what each has and is to
 * have. A group in which a topic is that the caller may not describe is not told at all. With the operations
 * the caller may do, if it asks. A group that does not exist or is of another kind is GROUP_ID_NOT_FOUND.
 *
 * From v1 with the protocol that each member speaks.
 */
export const consumerGroupDescribeHandler = handle(
  consumerGroupDescribe,
  { versions: [0, 1], operations: DESCRIBES_GROUPS },
  (context: BrokerContext, request, info) =>
    describeGroups(request, info, {
      isServed: hasConsumerProtocol(context),
      describe: (groupIds) => context.groups.descriptions.consumer(groupIds),
      undescribed: undescribedConsumerGroup,
      topicsOf: topicsIn,
      topicRefusal: 'The group has described topic(s) that the client is not authorized to describe.',
    }),
);

function topicsIn({ members }: DescribedConsumerGroup): string[] {
  return members.flatMap(({ assignment, targetAssignment }) =>
    [...assignment.topicPartitions, ...targetAssignment.topicPartitions].map(({ topicName }) => topicName),
  );
}
