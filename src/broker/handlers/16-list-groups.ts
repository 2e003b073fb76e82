import { listGroups } from '../../protocol/messages/16-list-groups.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

/**
 * ListGroups v0-5: the groups this broker coordinates; a client asks every broker. Who may not describe the
 * cluster sees only groups it may describe. From v4 filtered by state (KIP-518), from v5 by type (KIP-848),
 * whatever the case.
 */
export const listGroupsHandler = handle(
  listGroups,
  { versions: [0, 5], operations: ['CLUSTER:DESCRIBE', 'GROUP:DESCRIBE'] },
  async (context: BrokerContext, request, info) => {
    const list = await context.groups.descriptions.list(request);
    if (info.allows('DESCRIBE', 'CLUSTER', CLUSTER_NAME)) return list;
    return {
      ...list,
      groups: list.groups.filter(({ groupId }) => info.allows('DESCRIBE', 'GROUP', groupId)),
    };
  },
);
