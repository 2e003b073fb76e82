import type { BrokerId, Uuid } from '../../base/brand.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { RequestInfo } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { leaderEndpoints } from '../metadata-view/leader-endpoints.ts';

interface Leader {
  readonly leaderId: BrokerId;
  readonly leaderEpoch: number;
}

const NOT_TOLD: Leader = { leaderId: 0, leaderEpoch: 0 };

/** Gathers where a member of a share group is sent whose partitions are led elsewhere. */
export function currentLeaders(
  context: Pick<BrokerContext, 'image'>,
  info: RequestInfo,
): {
  /** What the answer says of the leader; nothing where the error does not ask for it. */
  of(topicId: Uuid, partition: number, error: ErrorName | null): Leader;
  endpoints(): ReturnType<typeof leaderEndpoints>;
} {
  const told: BrokerId[] = [];
  return {
    of(topicId, partition, error) {
      if (error !== 'NOT_LEADER_OR_FOLLOWER' && error !== 'FENCED_LEADER_EPOCH') return NOT_TOLD;
      const known = context.image().topics.byId(topicId)?.partitions[partition];
      if (!known) return { leaderId: -1, leaderEpoch: -1 };
      told.push(known.leader);
      return { leaderId: known.leader, leaderEpoch: known.leaderEpoch };
    },
    endpoints: () => leaderEndpoints(context, info, told),
  };
}
