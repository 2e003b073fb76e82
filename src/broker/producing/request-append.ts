import { ZERO_UUID } from '../../base/brand.ts';
import { supervise } from '../../base/programmer-error.ts';
import { INTERNAL_TOPICS } from '../../metadata/internal-topics.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { readBatchHeader } from '../../protocol/records/batch.ts';
import { Partition } from '../../replication/partition.ts';
import type { ReplicaManager } from '../../replication/replica-manager.ts';
import type { RequestInfo } from '../../server/handler.ts';
import { checkAppend } from '../../storage/append-check.ts';
import type { AppendProblem, RecordProblem } from '../../storage/append-problem.ts';
import { OpeningBudget } from '../../storage/opening-budget.ts';
import { storedBatch } from '../../storage/stored-batch.ts';
import type { BrokerContext } from '../context.ts';
import { admissionError, type TransactionPartitions } from '../peers/transaction-partitions.ts';
import type { ClientQuotas } from '../quotas/client-quotas.ts';
import type { Volume } from '../volume/volume.ts';
import { AwaitedAnswers, type ProducedPartitionResponse } from './awaited-answers.ts';
import { isOneBatch, isTransactional } from './one-batch.ts';

/** The client id with which Kafka's admin tools may write internal topics. */
const ADMIN_CLIENT_ID = '__admin_client';
/** zstd came with v7 (KIP-110). */
const ZSTD_SINCE = 7;
const LEADER_HINT_SINCE = 10;
/** From here on producers do not send AddPartitionsToTxn. */
const ADDS_PARTITIONS_SINCE = 12;
const TOPIC_IDS_SINCE = 13;

/** What of the broker a Produce request works with. */
export interface ProduceContext extends Pick<BrokerContext, 'world' | 'image'> {
  readonly replicas: Pick<ReplicaManager, 'lookup'>;
  readonly volume: Pick<Volume, 'take'>;
  readonly quotas: Pick<ClientQuotas, 'produced'>;
  readonly transactionPartitions: Pick<TransactionPartitions, 'isAdmitted' | 'admit'>;
}

/** The appends of one Produce request, and what each partition is answered. */
export class RequestAppend {
  readonly #context: ProduceContext;
  readonly #info: RequestInfo<'TOPIC:WRITE'>;
  readonly #acks: number;
  readonly #transactionalId: string | null;
  readonly #awaited: AwaitedAnswers;
  readonly #opening = new OpeningBudget();
  /** Most requests name one partition. */
  #first: Partition | null = null;
  #others: Set<Partition> | null = null;
  hasErrors = false;
  /** Whether a partition is led by another broker. */
  misdirected = false;

  constructor(
    context: ProduceContext,
    info: RequestInfo<'TOPIC:WRITE'>,
    { acks, transactionalId }: { readonly acks: number; readonly transactionalId: string | null },
  ) {
    this.#context = context;
    this.#info = info;
    this.#acks = acks;
    this.#transactionalId = transactionalId;
    this.#awaited = new AwaitedAnswers(context.world.clock, info, acks);
  }

  get isPending(): boolean {
    return !this.#awaited.isEmpty;
  }

  partition(data: {
    name: string;
    topicId: string;
    index: number;
    records: Buffer | null;
  }): ProducedPartitionResponse {
    const { index } = data;
    const topic = this.#topic(data.name, data.topicId);
    if (typeof topic !== 'string') return this.#refused(index, topic.error);
    const { records } = data;
    const error = this.#check(topic);
    if (error) return this.#refused(index, error);
    const partition = this.#context.replicas.lookup(topic, index);
    if (!(partition instanceof Partition)) return this.#elsewhere(topic, index, partition.error);
    if (!partition.isLeader) return this.#elsewhere(topic, index, 'NOT_LEADER_OR_FOLLOWER');
    if (this.#isNamedAgain(partition))
      return this.#refused(index, 'INVALID_REQUEST', { message: 'The partition is named more than once.' });
    if (records === null || !isOneBatch(records))
      return this.#refused(index, 'INVALID_RECORD', {
        message: 'A partition gets exactly one record batch.',
      });
    const problem = checkAppend(
      records,
      partition.log.config,
      this.#context.world.clock.now(),
      this.#opening,
    );
    if (problem) return this.#unsound(index, problem, partition);
    if (this.#info.apiVersion < ZSTD_SINCE && readBatchHeader(records).compression === 'zstd')
      return this.#refused(index, 'UNSUPPORTED_COMPRESSION_TYPE');
    const noRoom = this.#context.volume.take(records.length);
    if (noRoom !== null) return this.#refused(index, 'KAFKA_STORAGE_ERROR', { message: noRoom });
    const batch = storedBatch(records, partition.log.config, this.#opening);
    if ('error' in batch) return this.#unsound(index, batch, partition);

    if (isTransactional(batch)) {
      const place = { topic, partition: index };
      if (this.#transactionalId === null)
        return this.#refused(index, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED');
      if (!this.#context.transactionPartitions.isAdmitted(readBatchHeader(batch), place))
        return this.#appendOnceAdmitted(partition, batch, this.#transactionalId);
    }

    const response: ProducedPartitionResponse = { index, errorCode: 0, baseOffset: -1, recordErrors: [] };
    let settled = false;
    let waits = false;
    const result = partition.append({
      records: batch,
      origin: 'client',
      acks: this.#acks === -1 ? 'all' : 'leader',
      acked: (failure) => {
        settled = true;
        if (failure) this.#fail(response, failure, topic);
        if (waits) this.#awaited.settled(response);
      },
      hasLeft: this.#awaited.hasLeft,
    });
    if ('error' in result) {
      if (result.error === 'NOT_LEADER_OR_FOLLOWER') return this.#elsewhere(topic, index, result.error);
      return this.#refused(index, result.error, result);
    }
    response.baseOffset = result.baseOffset;
    response.logAppendTimeMs = result.logAppendTime;
    response.logStartOffset = result.logStartOffset;
    if (!settled && this.#acks !== 0) {
      waits = true;
      this.#awaited.add(response, partition);
    }
    return response;
  }

  #isNamedAgain(partition: Partition): boolean {
    if (this.#first === null) {
      this.#first = partition;
      return false;
    }
    if (this.#first === partition) return true;
    this.#others ??= new Set();
    if (this.#others.has(partition)) return true;
    this.#others.add(partition);
    return false;
  }

  /**
   * The coordinator is asked first (KIP-890); the records are copied, since the frame is not ours when it
   * answers.
   */
  #appendOnceAdmitted(
    partition: Partition,
    records: Buffer,
    transactionalId: string,
  ): ProducedPartitionResponse {
    const response: ProducedPartitionResponse = {
      index: partition.index,
      errorCode: 0,
      baseOffset: -1,
      recordErrors: [],
    };
    const copy = Buffer.from(records);
    const { producerId, producerEpoch } = readBatchHeader(copy);
    this.#awaited.add(response, null);
    const settled = (error: ErrorName | null) => {
      if (error) this.#fail(response, error, partition.topic);
      this.#awaited.settled(response);
    };
    const add = this.#info.apiVersion >= ADDS_PARTITIONS_SINCE;
    const appended = this.#context.transactionPartitions
      .admit(
        { transactionalId, producerId, producerEpoch },
        { topic: partition.topic, partition: partition.index },
        { add, retries: add },
      )
      .then((admission) => {
        if ('error' in admission || !admission.holds()) {
          const error = 'error' in admission ? admission.error : 'INVALID_TXN_STATE';
          settled(admissionError(error, this.#info.apiVersion));
          return;
        }
        const result = partition.append({
          records: copy,
          origin: 'client',
          acks: this.#acks === -1 ? 'all' : 'leader',
          acked: settled,
          hasLeft: this.#awaited.hasLeft,
        });
        if ('error' in result) {
          settled(result.error);
          return;
        }
        this.#awaited.appended(response, partition);
        if (response.errorCode !== 0) return;
        response.baseOffset = result.baseOffset;
        response.logAppendTimeMs = result.logAppendTime;
        response.logStartOffset = result.logStartOffset;
      });
    supervise(this.#context.world, appended);
    return response;
  }

  /**
   * Resolves when every partition has its answer; those that have none by the timeout get REQUEST_TIMED_OUT.
   */
  wait(timeoutMs: number): Promise<void> {
    return this.#awaited.wait(timeoutMs, (response) => this.#fail(response, 'REQUEST_TIMED_OUT'));
  }

  #topic(name: string, topicId: string): string | { readonly error: ErrorName } {
    if (this.#info.apiVersion < TOPIC_IDS_SINCE) return name;
    const topic = topicId === ZERO_UUID ? undefined : this.#context.image().topics.byId(topicId);
    return topic ? topic.name : { error: 'UNKNOWN_TOPIC_ID' };
  }

  #check(topic: string): ErrorName | null {
    if (!this.#info.authorize('WRITE', 'TOPIC', topic)) return 'TOPIC_AUTHORIZATION_FAILED';
    if (!this.#context.image().topics.byName(topic)) return 'UNKNOWN_TOPIC_OR_PARTITION';
    if (INTERNAL_TOPICS.has(topic) && this.#info.clientId !== ADMIN_CLIENT_ID)
      return 'INVALID_TOPIC_EXCEPTION';
    return null;
  }

  #refused(
    index: number,
    error: ErrorName,
    details: {
      readonly message?: string;
      readonly logStartOffset?: number;
      readonly recordErrors?: readonly RecordProblem[];
    } = {},
  ): ProducedPartitionResponse {
    this.hasErrors = true;
    return {
      index,
      errorCode: errorCode(error),
      baseOffset: -1,
      logStartOffset: details.logStartOffset ?? -1,
      errorMessage: details.message ?? null,
      recordErrors: (details.recordErrors ?? []).map(({ batchIndex, message }) => ({
        batchIndex,
        batchIndexErrorMessage: message,
      })),
    };
  }

  /** Kafka tells where the log begins when it judged the records, not when it could not read them. */
  #unsound(index: number, problem: AppendProblem, { log }: Partition): ProducedPartitionResponse {
    const judged = problem.error === 'INVALID_RECORD' || problem.error === 'INVALID_TIMESTAMP';
    return this.#refused(index, problem.error, {
      ...problem,
      logStartOffset: judged ? log.logStartOffset : -1,
    });
  }

  #elsewhere(topic: string, index: number, error: ErrorName): ProducedPartitionResponse {
    const response = this.#refused(index, error);
    if (error === 'NOT_LEADER_OR_FOLLOWER') this.#nameLeader(response, topic);
    return response;
  }

  /** `topic`: of what was appended, whose leader may have changed meanwhile. */
  #fail(response: ProducedPartitionResponse, error: ErrorName, topic?: string): void {
    this.hasErrors = true;
    response.errorCode = errorCode(error);
    response.baseOffset = -1;
    response.logAppendTimeMs = -1;
    if (error === 'NOT_LEADER_OR_FOLLOWER' && topic !== undefined) this.#nameLeader(response, topic);
  }

  /**
   * A producer that learns the leader here goes there at once; otherwise it asks for metadata and waits
   * before it tries again.
   */
  #nameLeader(response: ProducedPartitionResponse, topic: string): void {
    if (this.#info.apiVersion < LEADER_HINT_SINCE) return;
    const partition = this.#context.image().topics.byName(topic)?.partitions[response.index];
    if (!partition) return;
    this.misdirected = true;
    response.currentLeader = { leaderId: partition.leader, leaderEpoch: partition.leaderEpoch };
  }
}
