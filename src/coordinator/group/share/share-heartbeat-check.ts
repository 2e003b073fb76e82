import type { ShareGroupHeartbeatRequest } from '../../../protocol/messages/76-share-group-heartbeat.ts';
import { type Refusal, refused } from '../../../protocol/refusal.ts';
import { JOINING, LEAVING } from '../epoch-member.ts';

/** What is wrong with a heartbeat whatever the group; null when nothing is. */
export function checkShareHeartbeat(request: ShareGroupHeartbeatRequest): Refusal | null {
  const { memberEpoch, subscribedTopicNames } = request;
  const invalid = (message: string) => refused('INVALID_REQUEST', message);
  if (request.memberId.trim() === '') return invalid("MemberId can't be empty.");
  if (request.groupId.trim() === '') return invalid("GroupId can't be empty.");
  if (request.rackId?.trim() === '') return invalid("RackId can't be empty.");
  if (memberEpoch === JOINING && (subscribedTopicNames?.length ?? 0) === 0)
    return invalid('SubscribedTopicNames must be set in first request.');
  return memberEpoch < LEAVING ? invalid('MemberEpoch is invalid.') : null;
}
