import { supervise } from '../../base/programmer-error.ts';
import { partitionKey } from '../../base/topic-partition.ts';
import type { ClusterBrokers } from '../connections/cluster-brokers.ts';
import type { TopicView } from '../connections/cluster-view.ts';
import type { CommittedOffset, GroupPosition } from '../group-offsets.ts';
import { KafkaClientError } from '../kafka-client-error.ts';
import { retried } from '../retried.ts';
import { PartitionQueue } from './partition-queue.ts';
import { Partitioner } from './partitioner.ts';
import { ProducerIds } from './producer-ids.ts';
import type { ProducerOptions, ProducerRecord, RecordMetadata } from './producer-options.ts';
import { Sender } from './sender.ts';
import { ProducerTransaction } from './transaction.ts';

const LINGER_MS = 5;
const BATCH_BYTES = 128 * 1024;
const BUFFER_BYTES = 32 * 1024 * 1024;
const DELIVERY_TIMEOUT_MS = 120_000;
const TRANSACTION_TIMEOUT_MS = 60_000;
/** What a record takes beside its key and value: lengths, deltas, and what this process keeps of it. */
const RECORD_OVERHEAD_BYTES = 32;
/** A topic that was just made may be unknown to a broker for a moment. */
const UNKNOWN_TOPIC_MS = 5000;

/**
 * Writes records, each once and in the order of the calls for each partition, whatever fails meanwhile, and
 * only tells of those that all replicas in sync have. With a `transactionalId` everything between `begin` and
 * `commit` counts together or not at all.
 */
export class Producer {
  readonly #cluster: ClusterBrokers;
  readonly #options: ProducerOptions;
  readonly #queues = new Map<string, PartitionQueue>();
  readonly #partitioner: Partitioner;
  readonly #sender: Sender;
  readonly #transaction: ProducerTransaction | null;
  /** Calls for topics that nothing is known of yet, in their order. */
  readonly #unknown = new Map<string, Promise<TopicView>>();
  #bufferedBytes = 0;
  #roomWaiters: (() => void)[] = [];
  #isClosed = false;

  constructor(cluster: ClusterBrokers, options: ProducerOptions) {
    this.#cluster = cluster;
    this.#options = options;
    const { transactionalId, transactionTimeoutMs = TRANSACTION_TIMEOUT_MS } = options;
    const wake = (): void => this.#sender.wake();
    const ids = new ProducerIds(cluster, wake);
    const transaction = transactionalId
      ? new ProducerTransaction(cluster, transactionalId, transactionTimeoutMs, wake)
      : null;
    this.#transaction = transaction;
    this.#partitioner = new Partitioner(cluster.world.random, options.batchBytes ?? BATCH_BYTES);
    this.#sender = new Sender(
      cluster,
      {
        format: { compression: options.compression ?? 'none', isTransactional: transaction !== null },
        transactionalId: transactionalId ?? null,
        identity: (after) => (transaction ? transaction.identity : ids.current(after)),
        admits: ({ target }) => transaction === null || transaction.has(target),
        refusal: () => transaction?.failure ?? null,
        failed: (error) => transaction?.fail(error),
      },
      options.lingerMs ?? LINGER_MS,
    );
  }

  /**
   * Resolves when all replicas in sync have the record. Rejects with a KafkaClientError: with
   * DELIVERY_TIMED_OUT at the latest `deliveryTimeoutMs` and one request's time after the call, and then the
   * record may have been written; with BUFFER_FULL at once.
   */
  async send(record: ProducerRecord): Promise<RecordMetadata> {
    if (this.#isClosed) throw new KafkaClientError('CLOSED', 'the producer is closed');
    this.#transaction?.expectOpen('send');
    const bytes = sizeOf(record);
    const bufferBytes = this.#options.bufferBytes ?? BUFFER_BYTES;
    if (this.#bufferedBytes > 0 && this.#bufferedBytes + bytes > bufferBytes)
      throw new KafkaClientError(
        'BUFFER_FULL',
        `the producer holds ${this.#bufferedBytes} bytes that are not acknowledged: wait for room() before send()`,
        { retriable: true },
      );
    this.#bufferedBytes += bytes;
    const known = this.#unknown.has(record.topic) ? null : this.#cluster.view.known(record.topic);
    if (known) return this.#enqueue(known, record, bytes);
    let topic: TopicView;
    try {
      topic = await this.#learn(record.topic);
    } catch (error) {
      this.#release(bytes);
      throw error;
    }
    return this.#enqueue(topic, record, bytes);
  }

  /** Resolves when the producer holds less than half of `bufferBytes`. */
  async room(): Promise<void> {
    const half = (this.#options.bufferBytes ?? BUFFER_BYTES) / 2;
    while (this.#bufferedBytes > half) await new Promise<void>((done) => this.#roomWaiters.push(done));
  }

  /**
   * Resolves when every record that was sent before was acknowledged or has failed, as its own promise says.
   */
  async flush(): Promise<void> {
    await Promise.allSettled(this.#unknown.values());
    await this.#sender.drain();
  }

  /** Fences earlier producers with the same transactional id, and aborts what they left open. */
  begin(): Promise<void> {
    return this.#ofTransaction().begin();
  }

  /** Offsets of a consumer that count when the transaction commits. */
  commitOffsets(group: GroupPosition, offsets: readonly CommittedOffset[]): Promise<void> {
    return this.#ofTransaction().commitOffsets(group, offsets);
  }

  /**
   * Resolves when everything since `begin` counts; `send` rejects meanwhile. Rejects when a record failed,
   * and then only `abort` helps; or with a retriable error when it is not known whether it was done, and then
   * it can be called again.
   */
  async commit(): Promise<void> {
    return this.#ofTransaction().end('commit', () => this.flush());
  }

  /**
   * Resolves when nothing since `begin` counts. Records that were not sent yet reject with
   * TRANSACTION_ABORTED.
   */
  async abort(): Promise<void> {
    return this.#ofTransaction().end('abort', async () => {
      await Promise.allSettled(this.#unknown.values());
      const error = new KafkaClientError('TRANSACTION_ABORTED', 'the transaction was aborted');
      await this.#sender.dropFresh(error);
    });
  }

  /**
   * Sends what is there and resolves when it was acknowledged or has failed. An open transaction is left to
   * its timeout.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#transaction) {
      const error = new KafkaClientError('CLOSED', 'the producer was closed within a transaction');
      await this.#sender.dropFresh(error);
    } else await this.flush();
  }

  #enqueue(topic: TopicView, record: ProducerRecord, bytes: number): Promise<RecordMetadata> {
    const { clock } = this.#cluster.world;
    const partition = record.partition ?? this.#partitioner.choose(topic, record.key ?? null, bytes);
    if (!topic.partitions[partition]) {
      this.#release(bytes);
      const count = topic.partitions.length;
      throw new KafkaClientError(
        'UNKNOWN_TOPIC_OR_PARTITION',
        `topic ${topic.name} has ${count} partitions, and no partition ${partition}`,
      );
    }
    const target = { topic: topic.name, partition };
    const key = partitionKey(target);
    let queue = this.#queues.get(key);
    if (!queue) {
      queue = new PartitionQueue(target, this.#options.batchBytes ?? BATCH_BYTES, (batch) =>
        this.#release(batch.bytes),
      );
      this.#queues.set(key, queue);
    }
    const now = clock.monotonic();
    const deadline = now + (this.#options.deliveryTimeoutMs ?? DELIVERY_TIMEOUT_MS);
    const { value, headers = [], timestamp = clock.now() } = record;
    const delivered = queue.add({ key: record.key ?? null, value, headers, timestamp }, bytes, {
      now,
      deadline,
    });
    this.#sender.wake(queue);
    return delivered;
  }

  #learn(name: string): Promise<TopicView> {
    const asked = this.#unknown.get(name);
    if (asked) return asked;
    const { world, view } = this.#cluster;
    const learning = retried(world, UNKNOWN_TOPIC_MS, () => view.topic(name));
    this.#unknown.set(name, learning);
    const done = (): void => {
      // After the calls that wait for it have gone on, in their order.
      world.clock.soon(() => this.#unknown.delete(name));
    };
    supervise(world, learning.then(done, done));
    return learning;
  }

  #release(bytes: number): void {
    this.#bufferedBytes -= bytes;
    const waiters = this.#roomWaiters;
    if (waiters.length === 0) return;
    this.#roomWaiters = [];
    for (const done of waiters) done();
  }

  #ofTransaction(): ProducerTransaction {
    if (this.#transaction) return this.#transaction;
    throw new KafkaClientError('WRONG_STATE', 'a producer without a transactionalId has no transactions');
  }
}

function sizeOf({ key, value, headers = [] }: ProducerRecord): number {
  let bytes = RECORD_OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  for (const header of headers) bytes += header.key.length * 3 + (header.value?.length ?? 0);
  return bytes;
}
