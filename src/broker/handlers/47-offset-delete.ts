import { errorCode } from '../../protocol/errors.ts';
import { offsetDelete } from '../../protocol/messages/47-offset-delete.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { answerPartitions, checkPartitions, usable } from '../metadata-view/known-partitions.ts';

/**
 * OffsetDelete v0: forgets committed offsets of topics that the group is not subscribed to (KIP-496). A
 * partition that had none is no error.
 */
export const offsetDeleteHandler = handle(
  offsetDelete,
  { versions: [0, 0], operations: ['GROUP:DELETE', 'TOPIC:READ'] },
  async (context: BrokerContext, request, info) => {
    if (!info.authorize('DELETE', 'GROUP', request.groupId)) {
      return { errorCode: errorCode('GROUP_AUTHORIZATION_FAILED'), throttleTimeMs: 0, topics: [] };
    }
    const checked = checkPartitions(request.topics, {
      image: context.image(),
      authorize: info.authorize,
      byId: false,
    });
    const deleted = await context.groups.offsets.delete({
      groupId: request.groupId,
      topics: usable(checked),
    });
    if (deleted.errorCode !== 0) return deleted;
    return { errorCode: 0, throttleTimeMs: 0, topics: answerPartitions(checked, deleted.topics) };
  },
);
