import { ZERO_UUID } from '../../base/brand.ts';
import { supervise } from '../../base/programmer-error.ts';
import { INTERNAL_TOPICS } from '../../metadata/internal-topics.ts';
import type { RequestOf, ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { produce } from '../../protocol/messages/00-produce.ts';
import { at, attribute, batchSizeAt, readBatchHeader } from '../../protocol/records/batch.ts';
import { Partition } from '../../replication/partition.ts';
import {
  type Answer,
  CLOSE_CONNECTION,
  handle,
  NO_RESPONSE,
  type RequestInfo,
} from '../../server/handler.ts';
import { type AppendProblem, checkAppend, type RecordProblem } from '../../storage/append-check.ts';
import { storedBatch } from '../../storage/stored-batch.ts';
import type { BrokerContext } from '../context.ts';
import { leaderEndpoints } from '../metadata-view/leader-endpoints.ts';
import { admissionError } from '../peers/transaction-partitions.ts';

type Response = ResponseOf<typeof produce>;
type Writable<T> = { -readonly [K in keyof T]: T[K] };
type PartitionResponse = Writable<Response['responses'][number]['partitionResponses'][number]>;

/** The client id with which Kafka's admin tools may write internal topics. */
const ADMIN_CLIENT_ID = '__admin_client';
/** zstd came with v7 (KIP-110). */
const ZSTD_SINCE = 7;
const LEADER_HINT_SINCE = 10;
const TOPIC_IDS_SINCE = 13;
/** From here on producers do not send AddPartitionsToTxn. */
const ADDS_PARTITIONS_SINCE = 12;

/**
 * Produce v3-13. One batch per partition, checked here (`checkAppend`) and by
 * the log for its sequence; each partition has its own error. The answer leaves when what `acks` asks for has
 * happened: nothing for 0, the page cache of this broker for 1, that of the whole ISR for -1.
 *
 * acks=0 has no answer to carry an error, so an error ends the connection, as in Kafka. v10 adds the new leader to
 * NOT_LEADER_OR_FOLLOWER (KIP-951), v13 names topics by id (KIP-516).
 *
 * On a full volume it answers KAFKA_STORAGE_ERROR with a sentence: producers take it as one to try again, and go on when there is room.
 *
 * Advertised from v0 on although v0-2 are refused: librdkafka before 2.x would otherwise believe that the broker has
 * no record batches v2 (KAFKA-18659).
 *
 * Before the first batch of a transaction in a partition, the transaction's coordinator is asked whether the partition
 * is in it; from v12 on it becomes part of it that way (KIP-890).
 */
export const produceHandler = handle(
  produce,
  {
    versions: [3, 13],
    advertised: [0, 13],
    operations: ['TOPIC:WRITE', 'TRANSACTIONAL_ID:WRITE'],
    listeners: ['client', 'replication'],
    // The log copies what it takes before the handler returns.
    frame: 'borrowed',
  },
  (context: BrokerContext, request, info): Answer<Response> | Promise<Answer<Response>> => {
    const { acks, transactionalId } = request;
    if (acks < -1 || acks > 1) return answerAll(request, 'INVALID_REQUIRED_ACKS');
    // A transactional id without records of a transaction asks for nothing.
    const needsId = transactionalId !== null && hasTransactionalRecords(request);
    if (needsId && !info.authorize('WRITE', 'TRANSACTIONAL_ID', transactionalId))
      return answerAll(request, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED');
    const append = new Append(context, info, { acks, transactionalId });
    const responses = request.topicData.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index, records }) =>
        append.partition({ name, topicId, index, records }),
      ),
    }));
    const throttled = () => context.quotas.produced(info, info.requestBytes);
    if (acks === 0) {
      const unanswered = () => {
        throttled();
        return append.hasErrors ? CLOSE_CONNECTION : NO_RESPONSE;
      };
      return append.isPending ? append.wait(request.timeoutMs).then(unanswered) : unanswered();
    }
    const done = () => ({
      responses,
      throttleTimeMs: throttled(),
      nodeEndpoints: append.misdirected ? leaderEndpoints(context, info, leadersOf(responses)) : [],
    });
    return append.isPending ? append.wait(request.timeoutMs).then(done) : done();
  },
);

/** The appends of one request and the answers that are to come. */
class Append {
  readonly #context: BrokerContext;
  readonly #info: RequestInfo<'TOPIC:WRITE'>;
  readonly #acks: number;
  readonly #transactionalId: string | null;
  /** Those that wait for acks=all, each with who has its records; null before they are appended. */
  #pending: Map<PartitionResponse, Partition | null> | undefined;
  /** It was answered, or there is nobody to answer. */
  #isOver = false;
  readonly #hasLeft = () => this.#isOver;
  #pendingCount = 0;
  #complete: (() => void) | undefined;
  hasErrors = false;
  /** Whether someone should have asked another broker. */
  misdirected = false;

  constructor(
    context: BrokerContext,
    info: RequestInfo<'TOPIC:WRITE'>,
    { acks, transactionalId }: { readonly acks: number; readonly transactionalId: string | null },
  ) {
    this.#context = context;
    this.#info = info;
    this.#acks = acks;
    this.#transactionalId = transactionalId;
  }

  get isPending(): boolean {
    return this.#pendingCount > 0;
  }

  partition(data: {
    name: string;
    topicId: string;
    index: number;
    records: Buffer | null;
  }): PartitionResponse {
    const { index } = data;
    const topic = this.#topic(data.name, data.topicId);
    if (typeof topic !== 'string') return this.#refused(index, topic.error);
    const { records } = data;
    const error = this.#check(topic);
    if (error) return this.#refused(index, error);
    const partition = this.#context.replicas.lookup(topic, index);
    if (!(partition instanceof Partition)) return this.#elsewhere(topic, index, partition.error);
    if (!partition.isLeader) return this.#elsewhere(topic, index, 'NOT_LEADER_OR_FOLLOWER');
    if (records === null || !isOneBatch(records))
      return this.#refused(index, 'INVALID_RECORD', {
        message: 'A partition gets exactly one record batch.',
      });
    const problem = checkAppend(records, partition.log.config, this.#context.world.clock.now());
    if (problem) return this.#unsound(index, problem, partition);
    if (this.#info.apiVersion < ZSTD_SINCE && readBatchHeader(records).compression === 'zstd')
      return this.#refused(index, 'UNSUPPORTED_COMPRESSION_TYPE');
    const noRoom = this.#context.volume.take(records.length);
    if (noRoom !== null) return this.#refused(index, 'KAFKA_STORAGE_ERROR', { message: noRoom });
    const batch = storedBatch(records, partition.log.config);
    if ('error' in batch) return this.#unsound(index, batch, partition);

    if (isTransactional(batch)) {
      const place = { topic, partition: index };
      if (this.#transactionalId === null)
        return this.#refused(index, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED');
      if (!this.#context.transactionPartitions.isAdmitted(readBatchHeader(batch), place))
        return this.#appendOnceAdmitted(partition, batch, this.#transactionalId);
    }

    const response: PartitionResponse = { index, errorCode: 0, baseOffset: -1, recordErrors: [] };
    let settled = false;
    let waits = false;
    const result = partition.append({
      records: batch,
      origin: 'client',
      acks: this.#acks === -1 ? 'all' : 'leader',
      acked: (failure) => {
        settled = true;
        if (failure) this.#fail(response, failure, topic);
        if (waits) this.#settled(response);
      },
      hasLeft: this.#hasLeft,
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
      this.#await(response, partition);
    }
    return response;
  }

  /** The coordinator is asked first (KIP-890); the records are copied, since the frame is not ours when it answers. */
  #appendOnceAdmitted(partition: Partition, records: Buffer, transactionalId: string): PartitionResponse {
    const response: PartitionResponse = {
      index: partition.index,
      errorCode: 0,
      baseOffset: -1,
      recordErrors: [],
    };
    const copy = Buffer.from(records);
    const { producerId, producerEpoch } = readBatchHeader(copy);
    this.#await(response, null);
    const settled = (error: ErrorName | null) => {
      if (error) this.#fail(response, error, partition.topic);
      this.#settled(response);
    };
    const add = this.#info.apiVersion >= ADDS_PARTITIONS_SINCE;
    const appended = this.#context.transactionPartitions
      .admit(
        { transactionalId, producerId, producerEpoch },
        { topic: partition.topic, partition: partition.index },
        { add, retries: add },
      )
      .then((refusal) => {
        if (refusal) {
          settled(admissionError(refusal, this.#info.apiVersion));
          return;
        }
        const result = partition.append({
          records: copy,
          origin: 'client',
          acks: this.#acks === -1 ? 'all' : 'leader',
          acked: settled,
          hasLeft: this.#hasLeft,
        });
        if ('error' in result) {
          settled(result.error);
          return;
        }
        if (this.#pending?.has(response)) this.#pending.set(response, partition);
        if (response.errorCode !== 0) return;
        response.baseOffset = result.baseOffset;
        response.logAppendTimeMs = result.logAppendTime;
        response.logStartOffset = result.logStartOffset;
      });
    supervise(this.#context.world, appended);
    return response;
  }

  #await(response: PartitionResponse, partition: Partition | null): void {
    this.#pendingCount++;
    if (this.#acks !== -1) return;
    this.#pending ??= new Map();
    this.#pending.set(response, partition);
  }

  /** Resolves when every partition has its answer; those that have none by the timeout get REQUEST_TIMED_OUT. */
  wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      // acks=1 waits for the write of this turn of the loop only.
      const timer = this.#pending
        ? this.#context.world.clock.after(Math.max(0, timeoutMs), () => {
            for (const response of this.#pending?.keys() ?? []) this.#fail(response, 'REQUEST_TIMED_OUT');
            this.#complete = undefined;
            this.#leave();
            resolve();
          })
        : undefined;
      // A client that has gone waits for nothing.
      if (timer)
        this.#info.afterWrite(() => {
          timer.cancel();
          this.#leave();
        });
      this.#complete = () => {
        timer?.cancel();
        resolve();
      };
    });
  }

  /** The appends stay, and nobody waits for them. */
  #leave(): void {
    this.#isOver = true;
    const pending = this.#pending;
    this.#pending = undefined;
    for (const partition of pending?.values() ?? []) partition?.waiterLeft();
  }

  #settled(response: PartitionResponse): void {
    this.#pending?.delete(response);
    this.#pendingCount--;
    if (this.#pendingCount > 0) return;
    const complete = this.#complete;
    this.#complete = undefined;
    complete?.();
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
  ): PartitionResponse {
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
  #unsound(index: number, problem: AppendProblem, { log }: Partition): PartitionResponse {
    const judged = problem.error === 'INVALID_RECORD' || problem.error === 'INVALID_TIMESTAMP';
    return this.#refused(index, problem.error, {
      ...problem,
      logStartOffset: judged ? log.logStartOffset : -1,
    });
  }

  #elsewhere(topic: string, index: number, error: ErrorName): PartitionResponse {
    const response = this.#refused(index, error);
    if (error === 'NOT_LEADER_OR_FOLLOWER') this.#nameLeader(response, topic);
    return response;
  }

  /** `topic`: of what was appended, whose leader may have changed meanwhile. */
  #fail(response: PartitionResponse, error: ErrorName, topic?: string): void {
    this.hasErrors = true;
    response.errorCode = errorCode(error);
    response.baseOffset = -1;
    response.logAppendTimeMs = -1;
    if (error === 'NOT_LEADER_OR_FOLLOWER' && topic !== undefined) this.#nameLeader(response, topic);
  }

  /** A producer that is told goes there at once; one that is not asks for metadata, and waits before it tries again. */
  #nameLeader(response: PartitionResponse, topic: string): void {
    if (this.#info.apiVersion < LEADER_HINT_SINCE) return;
    const partition = this.#context.image().topics.byName(topic)?.partitions[response.index];
    if (!partition) return;
    this.misdirected = true;
    response.currentLeader = { leaderId: partition.leader, leaderEpoch: partition.leaderEpoch };
  }
}

/** As a request may hold it: whole, alone, and not of the formats before Kafka 0.11. */
function isOneBatch(records: Buffer): boolean {
  return (
    batchSizeAt(records, 0) === records.length && records.length > at.magic && records.readInt8(at.magic) >= 2
  );
}

function hasTransactionalRecords({ topicData }: RequestOf<typeof produce>): boolean {
  return topicData.some(({ partitionData }) =>
    partitionData.some(({ records }) => records !== null && isOneBatch(records) && isTransactional(records)),
  );
}

/** Without reading the rest of the header: every batch is asked. */
function isTransactional(batch: Buffer): boolean {
  return (batch.readInt16BE(at.attributes) & attribute.transactional) !== 0;
}

function answerAll(request: RequestOf<typeof produce>, error: ErrorName): Answer<Response> {
  if (request.acks === 0) return CLOSE_CONNECTION;
  return {
    responses: request.topicData.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index }) => ({
        index,
        errorCode: errorCode(error),
        baseOffset: -1,
        recordErrors: [],
      })),
    })),
  };
}

function leadersOf(responses: Response['responses']): number[] {
  return responses.flatMap(({ partitionResponses }) =>
    partitionResponses.flatMap(({ currentLeader }) =>
      currentLeader?.leaderId === undefined ? [] : [currentLeader.leaderId],
    ),
  );
}
