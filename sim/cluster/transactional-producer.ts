import { below } from '../../src/base/random.ts';
import type { KafkaConnection } from '../../src/client/connection.ts';
import { type ErrorName, errorName } from '../../src/protocol/errors.ts';
import { initProducerId } from '../../src/protocol/messages/22-init-producer-id.ts';
import { addPartitionsToTxn } from '../../src/protocol/messages/24-add-partitions-to-txn.ts';
import { addOffsetsToTxn } from '../../src/protocol/messages/25-add-offsets-to-txn.ts';
import { endTxn } from '../../src/protocol/messages/26-end-txn.ts';
import { txnOffsetCommit } from '../../src/protocol/messages/28-txn-offset-commit.ts';
import { buildBatch } from '../../src/protocol/records/record.ts';
import { chance } from '../chance.ts';
import type { CommittedOffsetsNeverFall } from '../checkers/committed-offsets-never-fall.ts';
import type { TransactionsAreAtomic } from '../checkers/transactions-are-atomic.ts';
import type { Violations } from '../checkers/violations.ts';
import { type ClusterClient, REQUEST_MS } from './cluster-client.ts';
import { send } from './producers.ts';

const TIMEOUT_MS = 4_000;
/** The most records in a batch of a transaction. */
const MOST_RECORDS = 2;
/** The number of requests to end a transaction before the producer begins anew. */
const END_ATTEMPTS = 5;

interface Identity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface TransactionalProducerOptions {
  readonly transactionalId: string;
  /** Another client has the same transactional id: each fences the other. */
  readonly isShared: boolean;
  /**
   * Works as clients do from KIP-890 on: leaders add partitions, and each transaction has an epoch of its
   * own.
   */
  readonly addsNothing: boolean;
  readonly topic: string;
  readonly partitions: number;
  readonly group: string;
  readonly atomic: TransactionsAreAtomic;
  readonly committed: CommittedOffsetsNeverFall;
  readonly violations: Violations;
}

/**
 * Runs one transaction after the other: records in every partition and an offset of a group, committed or
 * aborted. After any unknown outcome it asks for its producer id again, which ends an open transaction and
 * fences the earlier epoch (KIP-890): as a new producer, or with its current epoch (KIP-360), which must not
 * be refused while no other client has the id.
 */
export class TransactionalProducer {
  readonly #client: ClusterClient;
  readonly #options: TransactionalProducerOptions;
  #identity: Identity | null = null;
  #fenced: Identity | null = null;
  /** It asked as a new producer and got no answer: its own request may have fenced it. */
  #mayBeReplaced = false;
  #count = 0;
  /** The next sequence in each partition, for as long as the epoch stays. */
  #sequences: { readonly identity: Identity; readonly next: number[] } | null = null;

  constructor(client: ClusterClient, options: TransactionalProducerOptions) {
    this.#client = client;
    this.#options = options;
  }

  async run(phase: { readonly isDraining: () => boolean }): Promise<void> {
    while (!phase.isDraining()) {
      await this.#client.tried(async () => {
        if (this.#identity === null) await this.#init();
        else if (!(await this.#transact(this.#identity))) this.#forget();
      });
      await this.#client.pause(80);
    }
  }

  /**
   * Forgets the open transaction: the answer to InitProducerId, or the timeout of the transaction, ends it.
   */
  #forget(): void {
    this.#fenced = this.#identity;
    this.#identity = null;
  }

  async #init(): Promise<void> {
    const { transactionalId, isShared } = this.#options;
    const connection = await this.#coordinator('transaction', transactionalId);
    if (!connection) return;
    const mayAsk = this.#fenced !== null && !this.#mayBeReplaced && !isShared;
    const asksForNext = mayAsk && chance(this.#client.random, 0.5);
    if (!asksForNext) this.#mayBeReplaced = true;
    const answer = await connection.send(
      initProducerId,
      {
        transactionalId,
        transactionTimeoutMs: TIMEOUT_MS,
        ...(asksForNext ? this.#fenced : null),
      },
      { version: 4, timeoutMs: REQUEST_MS },
    );
    const error = errorName(answer.errorCode);
    if (asksForNext && (error === 'PRODUCER_FENCED' || error === 'INVALID_PRODUCER_EPOCH'))
      this.#options.violations.add(
        'ProducersAreNotFencedByThemselves',
        `${this.#client.name} asked for the epoch after ${this.#fenced?.producerEpoch} and was answered ${error}`,
      );
    if (error !== 'NONE') return;
    const { producerId, producerEpoch } = answer;
    this.#identity = { producerId, producerEpoch };
    this.#mayBeReplaced = false;
    if (this.#fenced && chance(this.#client.random, 0.5)) await this.#tryAsBefore(this.#fenced);
  }

  /** Every partition must refuse the earlier epoch. */
  async #tryAsBefore(before: Identity): Promise<void> {
    const partition = below(this.#client.random, this.#options.partitions);
    // More records than any batch of a transaction has: a leader that has not heard of the new epoch yet
    // would recognize an equal batch as a duplicate and rightly answer that it has it.
    const values = Array.from({ length: MOST_RECORDS + 1 }, () => `${this.#client.name}:fenced`);
    const error = await this.#produce(before, partition, values);
    if (error !== 'NONE') return;
    this.#options.violations.add(
      'TransactionsAreFenced',
      `${this.#client.name} with epoch ${before.producerEpoch} was taken after it had got epoch ${this.#identity?.producerEpoch}`,
    );
  }

  /** Resolves with false if it must begin anew. */
  async #transact(identity: Identity): Promise<boolean> {
    const { atomic, partitions } = this.#options;
    const { random, name } = this.#client;
    const n = this.#count++;
    const transaction = `${name}:${n}`;
    this.#forget();
    atomic.begins(transaction);
    for (let partition = 0; partition < partitions; partition++) {
      const values = Array.from(
        { length: 1 + below(random, MOST_RECORDS) },
        (_, i) => `${transaction}:${partition}:${i}`,
      );
      for (const value of values) atomic.sends(transaction, partition, value);
      if (!this.#options.addsNothing && !(await this.#add(identity, partition))) return false;
      if ((await this.#produce(identity, partition, values)) !== 'NONE') return false;
      if (chance(random, 0.1)) await this.#client.pause(1000);
    }
    const commits = chance(random, 0.7);
    if (!(await this.#commitOffset(identity, commits ? n + 1 : -1))) return false;
    return this.#end(identity, { transaction, commits, offset: n + 1 });
  }

  async #end(
    identity: Identity,
    { transaction, commits, offset }: { transaction: string; commits: boolean; offset: number },
  ): Promise<boolean> {
    const { atomic, committed, group, transactionalId, addsNothing } = this.#options;
    if (commits) atomic.commits(transaction, 'unknown');
    for (let attempt = 0; attempt < END_ATTEMPTS; attempt++) {
      const connection = await this.#coordinator('transaction', transactionalId);
      if (connection) {
        const answer = await connection.send(
          endTxn,
          { transactionalId, ...identity, committed: commits },
          { version: addsNothing ? 5 : 4, timeoutMs: REQUEST_MS },
        );
        const error = errorName(answer.errorCode);
        if (error === 'NONE') {
          if (commits) {
            atomic.commits(transaction, 'committed');
            committed.committed(group, offset);
          }
          const { producerId, producerEpoch } = answer;
          this.#identity = addsNothing ? { producerId, producerEpoch } : identity;
          return true;
        }
        if (
          error === 'PRODUCER_FENCED' ||
          error === 'INVALID_PRODUCER_EPOCH' ||
          error === 'INVALID_TXN_STATE'
        )
          return false;
      }
      await this.#client.pause();
    }
    return false;
  }

  /**
   * Offsets of transactions that will not be committed are -1, so that a reader who is shown one can tell.
   */
  async #commitOffset(identity: Identity, committedOffset: number): Promise<boolean> {
    const { group, topic, transactionalId, addsNothing } = this.#options;
    if (committedOffset < 0) return true;
    if (!addsNothing && !(await this.#addOffsets(identity))) return false;
    const connection = await this.#coordinator('group', group);
    if (!connection) return false;
    const answer = await connection.send(
      txnOffsetCommit,
      {
        transactionalId,
        groupId: group,
        ...identity,
        topics: [
          { name: topic, partitions: [{ partitionIndex: 0, committedOffset, committedMetadata: null }] },
        ],
      },
      { version: addsNothing ? 5 : 4, timeoutMs: REQUEST_MS },
    );
    return errorName(answer.topics[0]?.partitions[0]?.errorCode ?? -1) === 'NONE';
  }

  /** Adds a partition before it writes to it, as clients before KIP-890 do. */
  async #add(identity: Identity, partition: number): Promise<boolean> {
    const { topic, transactionalId } = this.#options;
    const connection = await this.#coordinator('transaction', transactionalId);
    if (!connection) return false;
    const answer = await connection.send(
      addPartitionsToTxn,
      {
        v3AndBelowTransactionalId: transactionalId,
        v3AndBelowProducerId: identity.producerId,
        v3AndBelowProducerEpoch: identity.producerEpoch,
        v3AndBelowTopics: [{ name: topic, partitions: [partition] }],
      },
      { version: 3, timeoutMs: REQUEST_MS },
    );
    return answer.resultsByTopicV3AndBelow[0]?.resultsByPartition[0]?.partitionErrorCode === 0;
  }

  async #addOffsets(identity: Identity): Promise<boolean> {
    const { group, transactionalId } = this.#options;
    const connection = await this.#coordinator('transaction', transactionalId);
    if (!connection) return false;
    const answer = await connection.send(
      addOffsetsToTxn,
      { transactionalId, ...identity, groupId: group },
      { version: 3, timeoutMs: REQUEST_MS },
    );
    return answer.errorCode === 0;
  }

  /** The first sequence of the next batch of this epoch in the partition. */
  #sequenceOf(identity: Identity, partition: number, count: number): number {
    const known = this.#sequences;
    const isSame =
      known?.identity.producerId === identity.producerId &&
      known.identity.producerEpoch === identity.producerEpoch;
    const { next } = isSame ? known : { next: [] };
    this.#sequences = { identity, next };
    const sequence = next[partition] ?? 0;
    next[partition] = sequence + count;
    return sequence;
  }

  async #produce(identity: Identity, partition: number, values: readonly string[]): Promise<ErrorName> {
    const { topic, transactionalId, addsNothing } = this.#options;
    const connection = await this.#client.leaderOf(topic, partition);
    if (!connection) return 'LEADER_NOT_AVAILABLE';
    const timestamp = this.#client.world.clock.now();
    const { error } = await send(connection, {
      topic,
      partition,
      acks: -1,
      transactionalId,
      version: addsNothing ? 12 : 11,
      records: buildBatch({
        records: values.map((value) => ({ timestamp, key: null, value: Buffer.from(value) })),
        ...identity,
        baseSequence: addsNothing ? 0 : this.#sequenceOf(identity, partition, values.length),
        isTransactional: true,
      }),
    });
    if (error !== 'NONE') this.#client.forgetLeaders();
    return error;
  }

  async #coordinator(kind: 'group' | 'transaction', key: string): Promise<KafkaConnection | null> {
    const found = await this.#client.coordinatorOf(kind, key);
    return found && this.#client.connect(found.host);
  }
}
