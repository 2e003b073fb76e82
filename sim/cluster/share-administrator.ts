import type { KafkaConnection } from '../../src/client/connection.ts';
import { errorName } from '../../src/protocol/errors.ts';
import { deleteGroups } from '../../src/protocol/messages/42-delete-groups.ts';
import { alterShareGroupOffsets } from '../../src/protocol/messages/91-alter-share-group-offsets.ts';
import { deleteShareGroupOffsets } from '../../src/protocol/messages/92-delete-share-group-offsets.ts';
import { type ClusterClient, REQUEST_MS } from './cluster-client.ts';

/** Whether it was done, was refused, or may have been done. */
export type Outcome = 'done' | 'refused' | 'unknown';

/** Resets and deletes share groups, each time by one request to their coordinator. */
export class ShareAdministrator {
  readonly #client: ClusterClient;
  readonly #topic: string;

  constructor(client: ClusterClient, topic: string) {
    this.#client = client;
    this.#topic = topic;
  }

  /** Moves the group to these offsets, by partition. */
  alter(group: string, offsets: ReadonlyMap<number, number>): Promise<Outcome> {
    return this.#ask(group, async (connection) => {
      const partitions = [...offsets].map(([partitionIndex, startOffset]) => ({
        partitionIndex,
        startOffset,
      }));
      const answer = await connection.send(
        alterShareGroupOffsets,
        { groupId: group, topics: [{ topicName: this.#topic, partitions }] },
        { timeoutMs: REQUEST_MS },
      );
      const altered = answer.responses[0]?.partitions ?? [];
      return (
        answer.errorCode === 0 &&
        altered.length === offsets.size &&
        altered.every(({ errorCode }) => errorCode === 0)
      );
    });
  }

  /** Has the group forget the topic. */
  forget(group: string): Promise<Outcome> {
    return this.#ask(group, async (connection) => {
      const answer = await connection.send(
        deleteShareGroupOffsets,
        { groupId: group, topics: [{ topicName: this.#topic }] },
        { timeoutMs: REQUEST_MS },
      );
      return answer.errorCode === 0 && answer.responses[0]?.errorCode === 0;
    });
  }

  delete(group: string): Promise<Outcome> {
    return this.#ask(group, async (connection) => {
      const answer = await connection.send(deleteGroups, { groupsNames: [group] }, { timeoutMs: REQUEST_MS });
      return errorName(answer.results[0]?.errorCode ?? -1) === 'NONE';
    });
  }

  async #ask(group: string, ask: (connection: KafkaConnection) => Promise<boolean>): Promise<Outcome> {
    const client = this.#client;
    let outcome: Outcome = 'refused';
    let coordinator = '';
    const went = await client.tried(async () => {
      const found = await client.coordinatorOf('group', group);
      if (!found) return;
      const connection = await client.connect(found.host);
      coordinator = found.host;
      outcome = 'unknown';
      outcome = (await ask(connection)) ? 'done' : 'refused';
    });
    // Of what was sent over it nobody knows what will still arrive.
    if (!went && coordinator !== '') await client.disconnect(coordinator);
    return outcome;
  }
}
