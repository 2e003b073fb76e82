import type { Timer } from '../../base/clock.ts';
import { supervise } from '../../base/programmer-error.ts';
import { byTopic, partitionKey } from '../../base/topic-partition.ts';
import { type ErrorName, errorName, isRetriable } from '../../protocol/errors.ts';
import { produce } from '../../protocol/messages/00-produce.ts';
import type { ClusterBrokers } from '../connections/cluster-brokers.ts';
import type { BrokerView } from '../connections/cluster-view.ts';
import { answerError, KafkaClientError } from '../kafka-client-error.ts';
import { retryBackoffMs } from '../retried.ts';
import type { Batch, BatchFormat, ProducerIdentity } from './batch.ts';
import type { BatchAnswer, PartitionQueue } from './partition-queue.ts';

/** Requests without an answer at one broker, as Java's max.in.flight.requests.per.connection. */
const IN_FLIGHT_MAX = 5;
/** Java's max.request.size. */
const REQUEST_BYTES_MAX = 1024 * 1024;
/**
 * Topics by name; and without KIP-890's implicit partitions, so that the transaction says by itself what
 * belongs to it.
 */
const PRODUCE_VERSION_MAX = 11;
const ALL_IN_SYNC = -1;

/** What the sender has to know of the producer. */
export interface SenderContext {
  readonly format: BatchFormat;
  readonly transactionalId: string | null;
  /** Null while there is none. `after`: the one that is used up. */
  identity(after: ProducerIdentity | null): ProducerIdentity | null;
  /** False while the partition has to be added to the transaction first. */
  admits(queue: PartitionQueue): boolean;
  /** Why nothing is sent any more; null while it is. */
  refusal(): KafkaClientError | null;
  /** A batch failed for good. */
  failed(error: KafkaClientError): void;
}

/** Sends what the queues have due, gathered by the brokers that lead their partitions. */
export class Sender {
  readonly #cluster: ClusterBrokers;
  readonly #context: SenderContext;
  readonly #lingerMs: number;
  readonly #active = new Set<PartitionQueue>();
  readonly #inFlight = new Map<number, number>();
  #isDraining = 0;
  #isScheduled = false;
  #isRefreshing = false;
  #timer: Timer | null = null;

  constructor(cluster: ClusterBrokers, context: SenderContext, lingerMs: number) {
    this.#cluster = cluster;
    this.#context = context;
    this.#lingerMs = lingerMs;
  }

  /** There is something new in it. */
  wake(queue?: PartitionQueue): void {
    if (queue) this.#active.add(queue);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#cluster.world.clock.soon(() => {
      this.#isScheduled = false;
      this.#pump();
    });
  }

  /** Resolves when everything that is here now was acknowledged or has failed. */
  async drain(): Promise<void> {
    this.#isDraining++;
    this.wake();
    try {
      const batches = [...this.#active].flatMap((queue) => queue.batches);
      await Promise.all(batches.map(({ settled }) => settled));
    } finally {
      this.#isDraining--;
    }
  }

  /** Fails what was never sent, and resolves when of everything else it is known whether it was written. */
  dropFresh(error: KafkaClientError): Promise<void> {
    for (const queue of this.#active) queue.failFresh(error);
    return this.drain();
  }

  #pump(): void {
    const now = this.#cluster.world.clock.monotonic();
    const requests = new Map<
      number,
      { readonly broker: BrokerView; readonly batches: [PartitionQueue, Batch][] }
    >();
    const sizes = new Map<number, number>();
    let next = Number.POSITIVE_INFINITY;
    const refusal = this.#context.refusal();
    for (const queue of [...this.#active]) {
      if (refusal) queue.failAll(refusal);
      next = Math.min(next, this.#expire(queue, now));
      if (queue.isEmpty) {
        this.#active.delete(queue);
        continue;
      }
      if (queue.needsIdentity && !this.#identify(queue)) continue;
      if (!this.#context.admits(queue)) continue;
      const due = queue.dueAt(this.#isDraining > 0 ? 0 : this.#lingerMs);
      if (due === null) continue;
      if (due > now) {
        next = Math.min(next, due);
        continue;
      }
      const broker = this.#cluster.view.leader(queue.target.topic, queue.target.partition);
      if (!broker) {
        this.#refresh();
        continue;
      }
      // Its answer wakes the sender.
      if ((this.#inFlight.get(broker.id) ?? 0) >= IN_FLIGHT_MAX) continue;
      const size = sizes.get(broker.id) ?? 0;
      if (size >= REQUEST_BYTES_MAX) {
        next = now;
        continue;
      }
      const batch = queue.take(this.#context.format);
      if (!batch) continue;
      const request = requests.get(broker.id) ?? { broker, batches: [] };
      request.batches.push([queue, batch]);
      requests.set(broker.id, request);
      sizes.set(broker.id, size + (batch.encoded?.length ?? 0));
      // Others come first next time; and it may have more.
      this.#active.delete(queue);
      this.#active.add(queue);
      next = now;
    }
    for (const { broker, batches } of requests.values())
      supervise(this.#cluster.world, this.#send(broker, batches));
    this.#wakeAt(next, now);
  }

  #wakeAt(next: number, now: number): void {
    this.#timer?.cancel();
    this.#timer = null;
    if (next <= now) this.wake();
    else if (next < Number.POSITIVE_INFINITY)
      this.#timer = this.#cluster.world.clock.after(next - now, () => this.wake());
  }

  /**
   * Fails what has waited for too long, unless its answer may still come. Returns when the next one is late.
   */
  #expire(queue: PartitionQueue, now: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const batch of queue.batches) {
      if (batch.isFlying) continue;
      if (batch.deadline > now) {
        next = Math.min(next, batch.deadline);
        continue;
      }
      const { topic, partition } = batch.target;
      const message = `${batch.count} records for ${topic}-${partition} were not acknowledged in time`;
      const error = new KafkaClientError('DELIVERY_TIMED_OUT', message, {
        cause: batch.lastError,
        retriable: true,
      });
      queue.fail(batch, error);
      this.#context.failed(error);
    }
    return next;
  }

  #identify(queue: PartitionQueue): boolean {
    const identity = this.#context.identity(null);
    if (!identity) return false;
    if (queue.adopt(identity)) return true;
    this.#context.identity(identity);
    return false;
  }

  async #send(broker: BrokerView, batches: readonly [PartitionQueue, Batch][]): Promise<void> {
    const { clock } = this.#cluster.world;
    this.#inFlight.set(broker.id, (this.#inFlight.get(broker.id) ?? 0) + 1);
    try {
      const latest = Math.max(...batches.map(([, { deadline }]) => deadline));
      const timeoutMs = Math.max(1, Math.min(this.#cluster.requestTimeoutMs, latest - clock.monotonic()));
      const answers = await this.#ask(broker, batches, timeoutMs);
      for (const [queue, batch] of batches) this.#answered(queue, batch, answers);
    } finally {
      this.#inFlight.set(broker.id, (this.#inFlight.get(broker.id) ?? 1) - 1);
      this.wake();
    }
  }

  /** By partition key; or the error of the whole request. */
  async #ask(
    broker: BrokerView,
    batches: readonly [PartitionQueue, Batch][],
    timeoutMs: number,
  ): Promise<Answers | KafkaClientError> {
    const topics = byTopic(batches.map(([, batch]) => ({ ...batch.target, batch })));
    try {
      const { responses, nodeEndpoints } = await this.#cluster.ask(
        broker,
        produce,
        {
          transactionalId: this.#context.transactionalId,
          acks: ALL_IN_SYNC,
          timeoutMs: this.#cluster.requestTimeoutMs,
          topicData: [...topics].map(([name, own]) => ({
            name,
            partitionData: own.map(({ partition, batch }) => ({ index: partition, records: batch.encoded })),
          })),
        },
        { lane: 'produce', atMost: PRODUCE_VERSION_MAX, timeoutMs },
      );
      const answers: Answers = new Map();
      for (const { name, partitionResponses } of responses)
        for (const { index, errorCode, errorMessage, baseOffset, currentLeader } of partitionResponses) {
          const target = { topic: name, partition: index };
          answers.set(partitionKey(target), {
            error: errorName(errorCode),
            message: errorMessage,
            baseOffset,
            hasMoved: errorCode !== 0 && this.#cluster.view.moved(target, currentLeader, nodeEndpoints),
          });
        }
      return answers;
    } catch (error) {
      if (error instanceof KafkaClientError) return error;
      throw error;
    }
  }

  #answered(queue: PartitionQueue, batch: Batch, answers: Answers | KafkaClientError): void {
    const answer = this.#read(batch, answers);
    if (answer.kind !== 'written') batch.lastError = answer.error;
    const failed = queue.answered(batch, answer);
    const isPlaced =
      answers instanceof KafkaClientError ? false : answers.get(partitionKey(batch.target))?.hasMoved;
    if (answer.kind === 'again' && !isPlaced) this.#refresh();
    if (failed) this.#context.failed(failed);
  }

  #read(batch: Batch, answers: Answers | KafkaClientError): BatchAnswer {
    const { topic, partition } = batch.target;
    const answer = answers instanceof KafkaClientError ? null : answers.get(partitionKey(batch.target));
    if (answer?.error === 'NONE') return { kind: 'written', baseOffset: answer.baseOffset };
    if (answer?.error === 'DUPLICATE_SEQUENCE_NUMBER') return { kind: 'written', baseOffset: -1 };
    const error =
      answers instanceof KafkaClientError
        ? answers
        : answerError(
            `Produce to ${topic}-${partition}`,
            answer?.error ?? 'UNKNOWN_SERVER_ERROR',
            answer?.message,
          );
    if (answer?.error === 'OUT_OF_ORDER_SEQUENCE_NUMBER') return { kind: 'outOfOrder', error };
    if (answer?.error === 'MESSAGE_TOO_LARGE') return { kind: 'tooLarge', error };
    if (!error.retriable && !(answer && isRetriable(answer.error))) return { kind: 'failed', error };
    const waitMs = answer?.hasMoved ? 0 : retryBackoffMs(this.#cluster.world, batch.attempts);
    return { kind: 'again', error, retryAt: this.#cluster.world.clock.monotonic() + waitMs };
  }

  /** Asks who leads; nobody waits for it but what is due. */
  #refresh(): void {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    const { world, view } = this.#cluster;
    const topics = new Set([...this.#active].map(({ target }) => target.topic));
    const refreshed = view.refresh(topics).catch((error: unknown) => {
      if (!(error instanceof KafkaClientError)) throw error;
    });
    supervise(
      world,
      refreshed.then(() => {
        world.clock.after(retryBackoffMs(world, 1), () => {
          this.#isRefreshing = false;
          this.wake();
        });
      }),
    );
  }
}

type Answers = Map<
  string,
  {
    readonly error: ErrorName;
    readonly message: string | null;
    readonly baseOffset: number;
    /** It is known with the answer who leads the partition now. */
    readonly hasMoved: boolean;
  }
>;
