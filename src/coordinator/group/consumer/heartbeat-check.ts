import type { ConsumerGroupHeartbeatRequest } from '../../../protocol/messages/68-consumer-group-heartbeat.ts';
import { type Refusal, refused } from '../../../protocol/refusal.ts';
import { JOINING, LEAVING, LEAVING_FOR_A_WHILE } from '../epoch-member.ts';

/** From this version on members choose their ids. */
const OWN_MEMBER_ID_SINCE = 1;

/** What is wrong with a heartbeat whatever the group; null when nothing is. */
export function checkHeartbeat(
  request: ConsumerGroupHeartbeatRequest,
  options: { readonly apiVersion: number; readonly assignorNames: readonly string[] },
): Refusal | null {
  const { memberEpoch, serverAssignor } = request;
  const invalid = (message: string) => refused('INVALID_REQUEST', message);
  const needsMemberId =
    options.apiVersion >= OWN_MEMBER_ID_SINCE || memberEpoch > JOINING || memberEpoch === LEAVING;
  if (needsMemberId && request.memberId.trim() === '') return invalid("MemberId can't be empty.");
  if (request.groupId.trim() === '') return invalid("GroupId can't be empty.");
  if (request.instanceId?.trim() === '') return invalid("InstanceId can't be empty.");
  if (request.rackId?.trim() === '') return invalid("RackId can't be empty.");
  if (memberEpoch === JOINING) {
    if (request.rebalanceTimeoutMs === -1)
      return invalid('RebalanceTimeoutMs must be provided in first request.');
    if (request.topicPartitions?.length !== 0)
      return invalid('TopicPartitions must be empty when (re-)joining.');
    if (request.subscribedTopicNames === null && request.subscribedTopicRegex === null)
      return invalid(
        'Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.',
      );
  } else if (memberEpoch === LEAVING_FOR_A_WHILE) {
    if (request.instanceId === null) return invalid("InstanceId can't be null.");
  } else if (memberEpoch < LEAVING_FOR_A_WHILE) {
    return invalid('MemberEpoch is invalid.');
  }
  if (serverAssignor !== null && !options.assignorNames.includes(serverAssignor))
    return refused(
      'UNSUPPORTED_ASSIGNOR',
      `ServerAssignor ${serverAssignor} is not supported. Supported assignors: ${options.assignorNames.join(', ')}.`,
    );
  return null;
}
