import {
  type DescribedStreamsGroup,
  undescribedStreamsGroup,
} from '../../coordinator/group/streams/describe.ts';
import { streamsGroupDescribe } from '../../protocol/messages/89-streams-group-describe.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { DESCRIBES_GROUPS, describeGroups } from '../coordinators/describe-groups.ts';
import { hasStreamsProtocol } from '../coordinators/streams-protocol.ts';

/**
 * StreamsGroupDescribe v0: groups of the streams protocol with their topology and members, and what tasks
 * each has and is to have (KIP-1071). A group with a topic in its topology that the caller may not describe
 * is not told at all. With the operations the caller may do, if it asks. A group that does not exist or is of
 * another kind is GROUP_ID_NOT_FOUND.
 *
 * Not implemented: v1 (Kafka 4.4: topology descriptions and the assignor's name).
 */
export const streamsGroupDescribeHandler = handle(
  streamsGroupDescribe,
  { versions: [0, 0], operations: DESCRIBES_GROUPS },
  (context: BrokerContext, request, info) =>
    describeGroups(request, info, {
      isServed: hasStreamsProtocol(context),
      describe: (groupIds) => context.groups.descriptions.streams(groupIds),
      undescribed: undescribedStreamsGroup,
      topicsOf: topicsIn,
      topicRefusal: 'The described group uses topics that the client is not authorized to describe.',
    }),
);

function topicsIn({ topology }: DescribedStreamsGroup): string[] {
  return (topology?.subtopologies ?? []).flatMap((subtopology) => [
    ...subtopology.sourceTopics,
    ...subtopology.repartitionSinkTopics,
    ...subtopology.repartitionSourceTopics.map(({ name }) => name),
    ...subtopology.stateChangelogTopics.map(({ name }) => name),
  ]);
}
