import { commitError } from '../../coordinator/group/offset-commit.ts';
import { type OffsetCommitResponse, offsetCommit } from '../../protocol/messages/08-offset-commit.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { answerPartitions, checkPartitions, usable } from '../metadata-view/known-partitions.ts';

const TOPIC_IDS_SINCE = 10;

/**
 * OffsetCommit v2-10. Each partition is answered for itself: it must exist and the caller must be allowed to
 * read its topic; what is left goes to the group's coordinator.
 *
 * v2-4 carry a retention of their own, from v5 on the broker's counts (KIP-211). From v9 an unknown group is
 * GROUP_ID_NOT_FOUND instead of ILLEGAL_GENERATION. v10 names topics by id (KIP-848). Members of consumer
 * groups commit from v9 on.
 */
export const offsetCommitHandler = handle(
  offsetCommit,
  { versions: [2, 10], operations: ['GROUP:READ', 'TOPIC:READ'] },
  async (context: BrokerContext, request, info): Promise<OffsetCommitResponse> => {
    if (!info.authorize('READ', 'GROUP', request.groupId)) {
      return commitError(request.topics, 'GROUP_AUTHORIZATION_FAILED');
    }
    const checked = checkPartitions(request.topics, {
      image: context.image(),
      authorize: info.authorize,
      byId: info.apiVersion >= TOPIC_IDS_SINCE,
    });
    const topics = usable(checked);
    const committed =
      topics.length === 0
        ? { topics: [] }
        : await context.groups.offsets.commit(info, { ...request, topics });
    return { topics: answerPartitions(checked, committed.topics) };
  },
);
