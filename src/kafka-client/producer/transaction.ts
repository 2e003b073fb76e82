import { supervise } from '../../base/programmer-error.ts';
import { byTopic, partitionKey, type TopicPartition } from '../../base/topic-partition.ts';
import type { Api } from '../../protocol/api.ts';
import { type ErrorName, errorName } from '../../protocol/errors.ts';
import type { Decoded, Encodable, Fields } from '../../protocol/field.ts';
import { initProducerId } from '../../protocol/messages/22-init-producer-id.ts';
import { addPartitionsToTxn } from '../../protocol/messages/24-add-partitions-to-txn.ts';
import { addOffsetsToTxn } from '../../protocol/messages/25-add-offsets-to-txn.ts';
import { endTxn } from '../../protocol/messages/26-end-txn.ts';
import { txnOffsetCommit } from '../../protocol/messages/28-txn-offset-commit.ts';
import type { ClusterBrokers } from '../connections/cluster-brokers.ts';
import { type CommittedOffset, commitFields, type GroupPosition } from '../group-offsets.ts';
import { answerError, checkAnswer, KafkaClientError } from '../kafka-client-error.ts';
import type { ProducerIdentity } from './batch.ts';

/**
 * Another producer has the transactional id now, or the coordinator has ended the transaction because it took
 * too long.
 */
const FENCED: ReadonlySet<string> = new Set<ErrorName>([
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_ID_MAPPING',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
]);

/**
 * The versions before KIP-890's implicit partitions, in which epochs change only where this client asks for
 * it.
 */
const ADD_PARTITIONS_VERSION_MAX = 3;
const END_VERSION_MAX = 4;
const COMMIT_OFFSETS_VERSION_MAX = 4;

type State = 'new' | 'ready' | 'open' | 'failed' | 'fenced';

/** What the coordinator knows of one transactional id, and this producer's part in it. */
export class ProducerTransaction {
  readonly #cluster: ClusterBrokers;
  readonly #id: string;
  readonly #timeoutMs: number;
  readonly #added: () => void;
  #state: State = 'new';
  #identity: ProducerIdentity | null = null;
  #failure: KafkaClientError | null = null;
  readonly #partitions = new Set<string>();
  readonly #toAdd = new Map<string, TopicPartition>();
  /** Null while no partition is being added. */
  #adding: Promise<void> | null = null;
  #hasOffsets = false;
  #isEnding = false;

  /** `added` runs when further partitions belong to the transaction, or it has failed. */
  constructor(cluster: ClusterBrokers, id: string, timeoutMs: number, added: () => void) {
    this.#cluster = cluster;
    this.#id = id;
    this.#timeoutMs = timeoutMs;
    this.#added = added;
  }

  get identity(): ProducerIdentity | null {
    return this.#identity;
  }

  /** Why it cannot be committed. */
  get failure(): KafkaClientError | null {
    return this.#failure;
  }

  /** Fences earlier producers of the id, whose open transaction is aborted, and begins. */
  async begin(): Promise<void> {
    if (this.#state === 'new') await this.#initialise();
    this.#expect('ready', 'begin');
    this.#state = 'open';
  }

  /** It is open, and nobody has asked for its end. */
  expectOpen(call: string): void {
    this.#expect('open', call);
    if (this.#isEnding) throw this.#wrongState(call, 'ending');
  }

  has(partition: TopicPartition): boolean {
    if (this.#state !== 'open') return false;
    const key = partitionKey(partition);
    if (this.#partitions.has(key)) return true;
    this.#toAdd.set(key, partition);
    if (!this.#adding) {
      this.#adding = this.#add();
      supervise(this.#cluster.world, this.#adding);
    }
    return false;
  }

  /** Only an abort is possible from now on. */
  fail(error: KafkaClientError): void {
    if (this.#state !== 'open') return;
    this.#failure = error;
    this.#state = FENCED.has(error.code) ? 'fenced' : 'failed';
    this.#added();
  }

  /** The offsets count when the transaction commits. */
  async commitOffsets(group: GroupPosition, offsets: readonly CommittedOffset[]): Promise<void> {
    this.expectOpen('commitOffsets');
    const identity = this.#own();
    const { groupId } = group;
    try {
      await this.#ask(addOffsetsToTxn, { transactionalId: this.#id, ...identity, groupId }, (answer) =>
        checkAnswer(`AddOffsetsToTxn of ${this.#id}`, answer.errorCode),
      );
      this.#hasOffsets = true;
      await this.#cluster.askCoordinator(
        'group',
        groupId,
        txnOffsetCommit,
        {
          transactionalId: this.#id,
          ...identity,
          ...commitFields(group, offsets),
        },
        ({ topics }) => {
          for (const { name, partitions } of topics)
            for (const { partitionIndex, errorCode } of partitions)
              checkAnswer(`TxnOffsetCommit of ${groupId} for ${name}-${partitionIndex}`, errorCode);
        },
        { atMost: COMMIT_OFFSETS_VERSION_MAX },
      );
    } catch (error) {
      if (error instanceof KafkaClientError) this.fail(error);
      throw error;
    }
  }

  /**
   * Nothing is sent from now on. `settle` resolves when everything that was sent before was acknowledged or
   * has failed. When a commit rejects with a retriable error, it is not known whether it was done: call it
   * again.
   */
  async end(outcome: 'commit' | 'abort', settle: () => Promise<void>): Promise<void> {
    // A record behind the end would be of the next transaction, or of one that nobody ends.
    if (this.#isEnding) throw this.#wrongState(outcome, 'ending');
    this.#isEnding = true;
    try {
      await settle();
      await this.#end(outcome);
    } finally {
      this.#isEnding = false;
    }
  }

  async #end(outcome: 'commit' | 'abort'): Promise<void> {
    this.#expectEnd(outcome);
    // What is added behind its end would be a transaction that nobody ends, until its time is over.
    this.#toAdd.clear();
    await this.#adding;
    this.#expectEnd(outcome);
    if (this.#partitions.size > 0 || this.#hasOffsets) {
      const committed = outcome === 'commit';
      try {
        await this.#ask(endTxn, { transactionalId: this.#id, ...this.#own(), committed }, ({ errorCode }) =>
          checkAnswer(`EndTxn of ${this.#id}`, errorCode),
        );
      } catch (error) {
        if (error instanceof KafkaClientError && !error.retriable) {
          this.#failure = error;
          this.#state = FENCED.has(error.code) ? 'fenced' : 'failed';
        }
        throw error;
      }
    }
    this.#partitions.clear();
    this.#toAdd.clear();
    this.#hasOffsets = false;
    // A batch that failed has left a gap in the sequence numbers; under the next epoch they begin at 0.
    this.#state = this.#failure ? 'new' : 'ready';
    this.#failure = null;
  }

  #expectEnd(outcome: 'commit' | 'abort'): void {
    if (this.#state !== 'failed') this.#expect('open', outcome);
    if (outcome === 'commit' && this.#failure)
      throw new KafkaClientError(
        this.#failure.code,
        `the transaction of ${this.#id} cannot be committed, abort it: ${this.#failure.message}`,
        { cause: this.#failure },
      );
  }

  async #initialise(): Promise<void> {
    this.#state = 'new';
    try {
      const before = this.#identity;
      const answer = await this.#ask(
        initProducerId,
        {
          transactionalId: this.#id,
          transactionTimeoutMs: this.#timeoutMs,
          producerId: before?.producerId ?? -1,
          producerEpoch: before?.epoch ?? -1,
        },
        ({ errorCode }) => checkAnswer(`InitProducerId of ${this.#id}`, errorCode),
      );
      this.#identity = { producerId: answer.producerId, epoch: answer.producerEpoch };
      this.#state = 'ready';
    } catch (error) {
      if (error instanceof KafkaClientError && FENCED.has(error.code)) {
        this.#failure = error;
        this.#state = 'fenced';
      }
      throw error;
    }
  }

  async #add(): Promise<void> {
    try {
      while (this.#toAdd.size > 0 && this.#state === 'open') {
        const adding = [...this.#toAdd];
        const { producerId, producerEpoch } = this.#own();
        await this.#ask(
          addPartitionsToTxn,
          {
            transactions: [],
            v3AndBelowTransactionalId: this.#id,
            v3AndBelowProducerId: producerId,
            v3AndBelowProducerEpoch: producerEpoch,
            v3AndBelowTopics: [...byTopic(adding.map(([, partition]) => partition))].map(([name, own]) => ({
              name,
              partitions: own.map(({ partition }) => partition),
            })),
          },
          ({ resultsByTopicV3AndBelow }) => checkAdded(resultsByTopicV3AndBelow),
          ADD_PARTITIONS_VERSION_MAX,
        );
        for (const [key] of adding) {
          this.#partitions.add(key);
          this.#toAdd.delete(key);
        }
      }
    } catch (error) {
      if (!(error instanceof KafkaClientError)) throw error;
      this.#toAdd.clear();
      this.fail(error);
    } finally {
      this.#adding = null;
      this.#added();
    }
  }

  #ask<Req extends Fields, Res extends Fields>(
    api: Api<Req, Res>,
    request: Encodable<Req>,
    check: (answer: Decoded<Res>) => void,
    atMost = END_VERSION_MAX,
  ): Promise<Decoded<Res>> {
    return this.#cluster.askCoordinator('transaction', this.#id, api, request, check, { atMost });
  }

  #own(): { readonly producerId: number; readonly producerEpoch: number } {
    const identity = this.#identity;
    if (!identity) throw new KafkaClientError('WRONG_STATE', `${this.#id} has no producer id yet`);
    return { producerId: identity.producerId, producerEpoch: identity.epoch };
  }

  #expect(state: State, call: string): void {
    if (this.#state === 'fenced' && this.#failure) throw this.#failure;
    if (this.#state !== state) throw this.#wrongState(call, this.#state);
  }

  #wrongState(call: string, state: State | 'ending'): KafkaClientError {
    return new KafkaClientError(
      'WRONG_STATE',
      `${call} of ${this.#id} is not possible: the transaction is ${state}`,
      { cause: this.#failure },
    );
  }
}

/** The first partition that was refused, and not one that was left alone because of it. */
function checkAdded(
  topics: readonly {
    readonly name: string;
    readonly resultsByPartition: readonly {
      readonly partitionIndex: number;
      readonly partitionErrorCode: number;
    }[];
  }[],
): void {
  const refused = topics.flatMap(({ name, resultsByPartition }) =>
    resultsByPartition.flatMap(({ partitionIndex, partitionErrorCode }) =>
      partitionErrorCode === 0
        ? []
        : [{ where: `${name}-${partitionIndex}`, error: errorName(partitionErrorCode) }],
    ),
  );
  const first = refused.find(({ error }) => error !== 'OPERATION_NOT_ATTEMPTED') ?? refused[0];
  if (first) throw answerError(`AddPartitionsToTxn of ${first.where}`, first.error);
}
