import type { BrokerId, Offset } from '../../base/brand.ts';
import type { Partition } from '../../replication/partition.ts';
import { closestReplica, readableFollowers } from '../../replication/replica-selector.ts';
import type { BrokerContext } from '../context.ts';

/**
 * The replica nearer to the client than this leader, reachable over the listener it came by; null when there
 * is none.
 */
export function closestReplicaOf(
  context: Pick<BrokerContext, 'image' | 'rack'>,
  asked: {
    readonly clientRack: string;
    readonly listenerName: string;
    readonly leader: Partition;
    readonly fetchOffset: Offset;
  },
): BrokerId | null {
  const { brokers } = context.image();
  const reachable = [...readableFollowers(asked.leader, asked.fetchOffset)].flatMap((follower) => {
    const broker = brokers.byId(follower.id);
    if (!broker || broker.fenced || !broker.endpoints.some(({ name }) => name === asked.listenerName))
      return [];
    return [{ ...follower, rack: broker.rack }];
  });
  return closestReplica(asked.clientRack, context.rack, reachable);
}
