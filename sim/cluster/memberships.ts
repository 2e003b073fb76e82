import type { KafkaConnection } from '../../src/client/connection.ts';
import type { ClusterClient } from './cluster-client.ts';

/**
 * One membership of a group after the other, each with whoever coordinates the group then, until `isOver`.
 * After an answer that did not come the next one goes over another connection, so that nothing of the one
 * before can arrive after it.
 */
export async function beMembers(
  client: ClusterClient,
  options: {
    readonly group: string;
    readonly isOver: () => boolean;
    /** One of them; rejects with a ConnectionError when an answer does not come. */
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
