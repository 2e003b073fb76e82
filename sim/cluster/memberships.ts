import type { KafkaConnection } from '../../src/client/connection.ts';
import type { ClusterClient } from './cluster-client.ts';

/**
 * Lives one membership of a group after the other until `isOver`, each with the coordinator of that moment.
 * After a lost answer the next membership uses another connection, so that no request of the old one can
 * arrive later.
 */
export async function beMembers(
  client: ClusterClient,
  options: {
    readonly group: string;
    readonly isOver: () => boolean;
    /** Lives one membership; rejects with a ConnectionError if an answer does not come. */
    readonly live: (connection: KafkaConnection) => Promise<void>;
  },
): Promise<void> {
  const { group, isOver, live } = options;
  while (!isOver()) {
    let coordinator = '';
    const went = await client.tried(async () => {
      const found = await client.coordinatorOf('group', group);
      if (found === null) return;
      coordinator = found.host;
      await live(await client.connect(coordinator));
    });
    if (!went && coordinator !== '') await client.disconnect(coordinator);
    await client.pause(200);
  }
}
