import type { KafkaConnection } from '../../src/client/connection.ts';
import { errorName } from '../../src/protocol/errors.ts';
import { offsetCommit } from '../../src/protocol/messages/08-offset-commit.ts';
import { offsetFetch } from '../../src/protocol/messages/09-offset-fetch.ts';
import { initProducerId } from '../../src/protocol/messages/22-init-producer-id.ts';
import { addOffsetsToTxn } from '../../src/protocol/messages/25-add-offsets-to-txn.ts';
import { endTxn } from '../../src/protocol/messages/26-end-txn.ts';
import { txnOffsetCommit } from '../../src/protocol/messages/28-txn-offset-commit.ts';
import { deleteGroups } from '../../src/protocol/messages/42-delete-groups.ts';
import { offsetDelete } from '../../src/protocol/messages/47-offset-delete.ts';
import { type ClusterClient, REQUEST_MS } from './cluster-client.ts';

const TIMEOUT_MS = 10_000;

export interface Identity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/**
 * The offset of one group for partition 0 of a topic, committed outside and inside of transactions of one
 * transactional id. Each request is one attempt: false or null when it was refused; it rejects if its answer
 * was lost.
 */
export class PendingOffsetClient {
  readonly group: string;
  readonly #client: ClusterClient;
  readonly #topic: string;
  /** Works as clients do since KIP-890: TxnOffsetCommit adds the group to the transaction. */
  readonly #addsNothing: boolean;

  constructor(
    client: ClusterClient,
    options: { readonly group: string; readonly topic: string; readonly addsNothing: boolean },
  ) {
    this.#client = client;
    this.group = options.group;
    this.#topic = options.topic;
    this.#addsNothing = options.addsNothing;
  }

  async init(): Promise<Identity | null> {
    const connection = await this.#transactions();
    const answer = await connection?.send(
      initProducerId,
      { transactionalId: this.group, transactionTimeoutMs: TIMEOUT_MS },
      { version: 4, timeoutMs: REQUEST_MS },
    );
    if (answer?.errorCode !== 0) return null;
    const { producerId, producerEpoch } = answer;
    return { producerId, producerEpoch };
  }

  async commit(committedOffset: number): Promise<boolean> {
    const { connection } = (await this.coordinator()) ?? {};
    const answer = await connection?.send(
      offsetCommit,
      { groupId: this.group, memberId: '', topics: this.#committing(committedOffset) },
      { version: 8, timeoutMs: REQUEST_MS },
    );
    return answer?.topics[0]?.partitions[0]?.errorCode === 0;
  }

  async commitInside(identity: Identity, committedOffset: number): Promise<boolean> {
    if (!this.#addsNothing && !(await this.#add(identity))) return false;
    const { connection } = (await this.coordinator()) ?? {};
    const answer = await connection?.send(
      txnOffsetCommit,
      {
        transactionalId: this.group,
        groupId: this.group,
        ...identity,
        topics: this.#committing(committedOffset),
      },
      { version: this.#addsNothing ? 5 : 4, timeoutMs: REQUEST_MS },
    );
    return answer?.topics[0]?.partitions[0]?.errorCode === 0;
  }

  /** Resolves with the identity for the next transaction. */
  async end(identity: Identity, committed: boolean): Promise<Identity | null> {
    const connection = await this.#transactions();
    const answer = await connection?.send(
      endTxn,
      { transactionalId: this.group, ...identity, committed },
      { version: this.#addsNothing ? 5 : 4, timeoutMs: REQUEST_MS },
    );
    if (answer?.errorCode !== 0) return null;
    const { producerId, producerEpoch } = answer;
    return this.#addsNothing ? { producerId, producerEpoch } : identity;
  }

  async deleteOffset(): Promise<boolean> {
    const { connection } = (await this.coordinator()) ?? {};
    const topics = [{ name: this.#topic, partitions: [{ partitionIndex: 0 }] }];
    const answer = await connection?.send(
      offsetDelete,
      { groupId: this.group, topics },
      { timeoutMs: REQUEST_MS },
    );
    return answer?.errorCode === 0 && answer.topics[0]?.partitions[0]?.errorCode === 0;
  }

  async deleteGroup(): Promise<boolean> {
    const { connection } = (await this.coordinator()) ?? {};
    const answer = await connection?.send(
      deleteGroups,
      { groupsNames: [this.group] },
      { timeoutMs: REQUEST_MS },
    );
    return answer?.results[0]?.errorCode === 0;
  }

  /** -1 if nothing is committed; `unstable` while a transaction that committed it is open. */
  async fetch(connection: KafkaConnection, requireStable: boolean): Promise<number | 'unstable' | null> {
    const topics = [{ name: this.#topic, partitionIndexes: [0] }];
    const answer = await connection.send(
      offsetFetch,
      { groups: [{ groupId: this.group, topics }], requireStable },
      { version: 8, timeoutMs: REQUEST_MS },
    );
    const found = answer.groups[0];
    const partition = found?.topics[0]?.partitions[0];
    if (found?.errorCode !== 0 || partition === undefined) return null;
    const error = errorName(partition.errorCode);
    if (error === 'UNSTABLE_OFFSET_COMMIT') return 'unstable';
    return error === 'NONE' ? Number(partition.committedOffset) : null;
  }

  async coordinator(): Promise<{ readonly broker: number; readonly connection: KafkaConnection } | null> {
    const found = await this.#client.coordinatorOf('group', this.group);
    return found && { broker: found.broker, connection: await this.#client.connect(found.host) };
  }

  async #transactions(): Promise<KafkaConnection | undefined> {
    const found = await this.#client.coordinatorOf('transaction', this.group);
    return found ? this.#client.connect(found.host) : undefined;
  }

  async #add(identity: Identity): Promise<boolean> {
    const connection = await this.#transactions();
    const answer = await connection?.send(
      addOffsetsToTxn,
      { transactionalId: this.group, ...identity, groupId: this.group },
      { version: 3, timeoutMs: REQUEST_MS },
    );
    return answer?.errorCode === 0;
  }

  #committing(committedOffset: number) {
    return [
      { name: this.#topic, partitions: [{ partitionIndex: 0, committedOffset, committedMetadata: null }] },
    ];
  }
}
