import { supervise } from '../../base/programmer-error.ts';
import type { ReplicaManager } from '../../replication/replica-manager.ts';
import { deliveryConfig, shareSessionsMax } from '../configs/share-groups-config.ts';
import { SharePartitions } from '../sharing/share-partitions.ts';
import { ShareSessions } from '../sharing/share-sessions.ts';
import { StateSenders } from '../sharing/state-senders.ts';
import type { StateStore } from '../sharing/state-store.ts';
import type { BrokerCore } from './broker-core.ts';

/** What a broker does for share groups that read the partitions it leads. */
export interface Sharing {
  readonly sharePartitions: SharePartitions;
  readonly shareSessions: ShareSessions;
  readonly stateSenders: StateSenders;
}

export function sharing(
  { world, brokerId, image, settings }: BrokerCore,
  { replicas, shareState }: { readonly replicas: ReplicaManager; readonly shareState: StateStore },
): Sharing {
  const sharePartitions = new SharePartitions(world, {
    brokerId,
    store: shareState,
    config: (groupId) => deliveryConfig(settings, image, groupId),
  });
  const shareSessions = new ShareSessions({
    limit: () => shareSessionsMax(settings),
    left: ({ groupId, memberId, partitions }) => {
      for (const { topicId, partition } of partitions.values()) {
        const share = sharePartitions.find({ groupId, topicId, partition });
        if (share) supervise(world, share.release(memberId));
      }
      if (!shareSessions.hasMembers(groupId)) sharePartitions.groupLeft(groupId);
    },
  });
  replicas.addRoleListener(sharePartitions);
  return { sharePartitions, shareSessions, stateSenders: new StateSenders(image) };
}
