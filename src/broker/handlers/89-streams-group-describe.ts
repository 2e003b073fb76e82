import {
  type DescribedStreamsGroup,
  undescribedStreamsGroup,
} from '../../coordinator/group/streams/describe.ts';
import { streamsGroupDescribe } from '../../protocol/messages/89-streams-group-describe.ts';
import type { Authorize } from '../../server/authorizer.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { hasStreamsProtocol } from '../coordinators/streams-protocol.ts';
import { authorizedOperations, everyRight } from '../metadata-view/authorized-operations.ts';

/**
 * StreamsGroupDescribe v0: groups of the streams protocol with their topology and members, and what tasks each has and is to have
 * (KIP-1071). A group with a topic in its topology that the caller may not describe is not told at all. With the operations the caller may
 * do, if it asks. A group that does not exist or is of another kind is GROUP_ID_NOT_FOUND.
 *
 * Not implemented: v1 (Kafka 4.4: topology descriptions and the assignor's name).
 */
export const streamsGroupDescribeHandler = handle(
  streamsGroupDescribe,
  { versions: [0, 0], operations: [...everyRight('GROUP'), 'TOPIC:DESCRIBE'] },
  async (context: BrokerContext, request, info) => {
    if (!hasStreamsProtocol(context))
      return {
        groups: request.groupIds.map((groupId) => undescribedStreamsGroup(groupId, 'UNSUPPORTED_VERSION')),
      };
    const allowed: string[] = [];
    const refused: string[] = [];
    for (const groupId of request.groupIds)
      (info.authorize('DESCRIBE', 'GROUP', groupId) ? allowed : refused).push(groupId);
    const described = await context.groups.describeStreamsGroups(allowed);
    return {
      groups: [
        ...refused.map((groupId) => undescribedStreamsGroup(groupId, 'GROUP_AUTHORIZATION_FAILED')),
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

/** The group, if the caller may know all topics that are in its topology. */
function seenBy(authorize: Authorize<'TOPIC:DESCRIBE'>, group: DescribedStreamsGroup): DescribedStreamsGroup {
  const topics = new Set(
    (group.topology?.subtopologies ?? []).flatMap((subtopology) => [
      ...subtopology.sourceTopics,
      ...subtopology.repartitionSinkTopics,
      ...subtopology.repartitionSourceTopics.map(({ name }) => name),
      ...subtopology.stateChangelogTopics.map(({ name }) => name),
    ]),
  );
  for (const topic of topics)
    if (!authorize('DESCRIBE', 'TOPIC', topic))
      return undescribedStreamsGroup(
        group.groupId,
        'TOPIC_AUTHORIZATION_FAILED',
        'The described group uses topics that the client is not authorized to describe.',
      );
  return group;
}
