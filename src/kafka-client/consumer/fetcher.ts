import { ZERO_UUID } from '../../base/brand.ts';
import type { Timer } from '../../base/clock.ts';
import { supervise } from '../../base/programmer-error.ts';
import { partitionKey } from '../../base/topic-partition.ts';
import type { DecodedResponse } from '../../protocol/api.ts';
import { errorName } from '../../protocol/errors.ts';
import { fetch } from '../../protocol/messages/01-fetch.ts';
import type { ClusterBrokers } from '../connections/cluster-brokers.ts';
import type { BrokerView } from '../connections/cluster-view.ts';
import { answerError, KafkaClientError } from '../kafka-client-error.ts';
import { retryBackoffMs } from '../retried.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { FetchBuffer } from './fetch-buffer.ts';
import type { PartitionReader } from './partition-reader.ts';
import { checkPositions } from './position-check.ts';

const MAX_WAIT_MS = 500;
const FETCH_BYTES = 8 * 1024 * 1024;
const PARTITION_BYTES = 1024 * 1024;
const BUFFER_BYTES = 32 * 1024 * 1024;

type FetchedPartition = DecodedResponse<typeof fetch>['responses'][number]['partitions'][number];

interface FetchTarget {
  readonly partition: number;
  readonly currentLeaderEpoch: number;
  readonly fetchOffset: number;
  readonly partitionMaxBytes: number;
}

/** What is to be asked of one broker: readers, each with the epoch in which it leads their partition. */
interface PositionsAt {
  readonly broker: BrokerView;
  readonly readers: Map<PartitionReader, number>;
}

/** A fetch that is no part of a session. */
const NO_SESSION = { sessionId: 0, sessionEpoch: -1 };

/**
 * Keeps one request at each broker that leads a partition of which nothing is left to hand out: what an
 * application does not take is not asked for, and no more is held than the buffer has room for.
 */
export class Fetcher {
  /** Those with records to hand out, in the order in which these came. */
  readonly ready = new Set<PartitionReader>();
  readonly #cluster: ClusterBrokers;
  readonly #options: ConsumerOptions;
  readonly #readers: ReadonlyMap<string, PartitionReader>;
  readonly #arrived: () => void;
  readonly #lane: string;
  readonly #asking = new Set<number>();
  readonly #checking = new Set<number>();
  readonly #buffer: FetchBuffer;
  #answers = 0;
  #timer: Timer | null = null;
  #isRefreshing = false;
  #isScheduled = false;
  #isStopped = false;

  /**
   * `lane`: of the connections, which no other consumer shares. `arrived` runs when there is something for
   * the application.
   */
  constructor(
    cluster: ClusterBrokers,
    options: ConsumerOptions,
    readers: ReadonlyMap<string, PartitionReader>,
    lane: string,
    arrived: () => void,
  ) {
    this.#cluster = cluster;
    this.#options = options;
    this.#readers = readers;
    this.#lane = lane;
    this.#arrived = arrived;
    this.#buffer = new FetchBuffer(options.bufferBytes ?? BUFFER_BYTES, options.fetchBytes ?? FETCH_BYTES);
  }

  /** Of what was fetched and is not settled. */
  get heldBytes(): number {
    return this.#buffer.heldBytes;
  }

  /** The application is done with what it was given. */
  settle(): void {
    this.#buffer.settle();
  }

  /** Something may be fetched now that could not be before. */
  wake(): void {
    if (this.#isScheduled || this.#isStopped) return;
    this.#isScheduled = true;
    this.#cluster.world.clock.soon(() => {
      this.#isScheduled = false;
      this.#pump();
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #pump(): void {
    if (this.#isStopped) return;
    const now = this.#cluster.world.clock.monotonic();
    const byBroker = new Map<number, { readonly broker: BrokerView; readonly readers: PartitionReader[] }>();
    const unchecked = new Map<number, PositionsAt>();
    const leaders = new Set<number>();
    let next = Number.POSITIVE_INFINITY;
    for (const reader of this.#readers.values()) {
      const { topic, partition } = reader.target;
      const known = this.#cluster.view.known(topic);
      if (known) reader.checkTopic(known);
      const broker = this.#cluster.view.leader(topic, partition);
      if (broker) leaders.add(broker.id);
      if (reader.isPaused || reader.hasRecords || reader.position === null || reader.failure) continue;
      if (reader.retryAt > now) {
        next = Math.min(next, reader.retryAt);
        continue;
      }
      if (!broker) {
        this.#refresh();
        continue;
      }
      const epoch = known?.partitions[partition]?.leaderEpoch ?? -1;
      if (reader.mustCheck(epoch)) {
        const own = unchecked.get(broker.id);
        if (own) own.readers.set(reader, epoch);
        else unchecked.set(broker.id, { broker, readers: new Map([[reader, epoch]]) });
        continue;
      }
      if (this.#asking.has(broker.id)) continue;
      const own = byBroker.get(broker.id);
      if (own) own.readers.push(reader);
      else byBroker.set(broker.id, { broker, readers: [reader] });
    }
    for (const one of unchecked.values())
      if (!this.#checking.has(one.broker.id)) supervise(this.#cluster.world, this.#check(one));
    for (const { broker, readers } of byBroker.values()) {
      const maxBytes = this.#buffer.room(broker.id, leaders.size);
      if (maxBytes > 0) supervise(this.#cluster.world, this.#fetch(broker, readers, maxBytes));
      else this.#forgetPaused();
    }
    this.#timer?.cancel();
    this.#timer =
      next === Number.POSITIVE_INFINITY
        ? null
        : this.#cluster.world.clock.after(next - now, () => this.wake());
  }

  async #check({ broker, readers }: PositionsAt): Promise<void> {
    this.#checking.add(broker.id);
    const { offsetReset } = this.#options;
    try {
      const failed = await checkPositions(this.#cluster, {
        ...{ broker, readers, lane: this.#lane },
        resets: offsetReset !== 'none',
      });
      for (const [reader, error] of failed) this.#failed([reader], error);
    } catch (error) {
      if (!(error instanceof KafkaClientError)) throw error;
      if (error.code !== 'CLOSED') this.#failed([...readers.keys()], error);
    } finally {
      this.#checking.delete(broker.id);
      this.#arrived();
      this.wake();
    }
  }

  /** What waits for partitions to be resumed must not keep others waiting. */
  #forgetPaused(): void {
    for (const reader of this.ready) {
      if (!reader.isPaused) continue;
      reader.forget();
      this.ready.delete(reader);
      // The next turn of `poll` settles it.
      this.#arrived();
    }
  }

  async #fetch(broker: BrokerView, waiting: readonly PartitionReader[], maxBytes: number): Promise<void> {
    this.#asking.add(broker.id);
    // A broker fills its answer in the order of the request.
    const readers = waiting.toSorted((one, other) => one.servedAt - other.servedAt);
    const asked = new Map(
      readers.map((reader) => [partitionKey(reader.target), { reader, era: reader.era }]),
    );
    const { maxWaitMs = MAX_WAIT_MS, minBytes = 1 } = this.#options;
    try {
      const answer = await this.#cluster.ask(
        broker,
        fetch,
        {
          maxWaitMs,
          minBytes,
          maxBytes,
          isolationLevel: this.#options.isolation === 'read_uncommitted' ? 0 : 1,
          ...NO_SESSION,
          topics: this.#topics(readers, maxBytes),
          forgottenTopicsData: [],
        },
        { lane: this.#lane, timeoutMs: maxWaitMs + this.#cluster.requestTimeoutMs },
      );
      if (answer.errorCode !== 0) throw answerError('Fetch', errorName(answer.errorCode));
      const names = new Map(readers.map(({ target }) => [this.#id(target.topic), target.topic]));
      const given: { readonly reader: PartitionReader; readonly own: FetchedPartition }[] = [];
      let bytes = 0;
      for (const { topic, topicId, partitions } of answer.responses)
        for (const own of partitions) {
          bytes += own.records?.length ?? 0;
          const name = topicId === ZERO_UUID ? topic : (names.get(topicId) ?? '');
          const found = asked.get(partitionKey({ topic: name, partition: own.partitionIndex }));
          // It was moved, paused or given away meanwhile.
          if (!found || found.reader.era !== found.era || found.reader.isPaused) continue;
          if (own.errorCode !== 0) {
            const { currentLeader } = own;
            const hasMoved = this.#cluster.view.moved(
              found.reader.target,
              currentLeader,
              answer.nodeEndpoints,
            );
            if (!hasMoved) this.#refused(found.reader, own.errorCode);
          } else given.push({ reader: found.reader, own });
        }
      this.#receive(broker, given, bytes);
    } catch (error) {
      if (!(error instanceof KafkaClientError)) throw error;
      if (error.code !== 'CLOSED') this.#failed(readers, error);
    } finally {
      this.#asking.delete(broker.id);
      this.#arrived();
      this.wake();
    }
  }

  /** `bytes`: of the records of the whole answer, which is one piece of memory. */
  #receive(
    broker: BrokerView,
    given: readonly { readonly reader: PartitionReader; readonly own: FetchedPartition }[],
    bytes: number,
  ): void {
    this.#answers++;
    const full = given.filter(({ own }) => own.records !== null && own.records.length > 0);
    const release = this.#buffer.hold(broker.id, bytes, full.length);
    for (const { reader, own } of given) {
      const records = own.records ?? Buffer.alloc(0);
      reader.received({
        records,
        aborted: this.#options.isolation === 'read_uncommitted' ? null : own.abortedTransactions,
        highWatermark: own.highWatermark,
        release,
      });
      if (records.length === 0) continue;
      reader.servedAt = this.#answers;
      this.ready.add(reader);
    }
  }

  /** In the order of the readers, so that a topic may be there more than once. */
  #topics(readers: readonly PartitionReader[], maxBytes: number) {
    const partitionMaxBytes = Math.min(maxBytes, this.#options.partitionBytes ?? PARTITION_BYTES);
    const topics: { topic: string; topicId: string; partitions: FetchTarget[] }[] = [];
    for (const { target, position } of readers) {
      const { topic, partition } = target;
      let last = topics.at(-1);
      if (last?.topic !== topic) {
        last = { topic, topicId: this.#id(topic), partitions: [] };
        topics.push(last);
      }
      last.partitions.push({
        partition,
        currentLeaderEpoch: this.#cluster.view.known(topic)?.partitions[partition]?.leaderEpoch ?? -1,
        fetchOffset: position ?? 0,
        partitionMaxBytes,
      });
    }
    return topics;
  }

  #id(topic: string): string {
    return this.#cluster.view.known(topic)?.id ?? ZERO_UUID;
  }

  #refused(reader: PartitionReader, code: number): void {
    const { topic, partition } = reader.target;
    const name = errorName(code);
    if (name === 'OFFSET_OUT_OF_RANGE') {
      const message = `${topic}-${partition} does not hold offset ${reader.position}, and offsetReset is none: seek to an offset that it holds`;
      if (this.#options.offsetReset === 'none') reader.failure = new KafkaClientError('NO_OFFSET', message);
      else reader.seek(null);
      return;
    }
    this.#failed([reader], answerError(`Fetch of ${topic}-${partition}`, name));
  }

  #failed(readers: readonly PartitionReader[], error: KafkaClientError): void {
    const retryAt = this.#cluster.world.clock.monotonic() + retryBackoffMs(this.#cluster.world, 1);
    for (const reader of readers) {
      if (error.retriable) reader.retryAt = retryAt;
      else reader.failure = error;
    }
    if (error.retriable) this.#refresh();
  }

  #refresh(): void {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    const { world, view } = this.#cluster;
    const topics = new Set([...this.#readers.values()].map(({ target }) => target.topic));
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
