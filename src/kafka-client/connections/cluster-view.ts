import type { LeaderEpoch, Uuid } from '../../base/brand.ts';
import type { World } from '../../base/world.ts';
import type { DecodedResponse } from '../../protocol/api.ts';
import { errorName } from '../../protocol/errors.ts';
import { metadata } from '../../protocol/messages/03-metadata.ts';
import { answerError, checkAnswer, fromConnection, KafkaClientError } from '../kafka-client-error.ts';
import type { BrokerPool } from './broker-pool.ts';
import type { HostAndPort } from './host-and-port.ts';

export interface BrokerView extends HostAndPort {
  readonly id: number;
  readonly rack: string | null;
}

interface PartitionView {
  /** -1 when there is none. */
  readonly leader: number;
  readonly leaderEpoch: LeaderEpoch;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

export interface TopicView {
  readonly name: string;
  readonly id: Uuid;
  readonly isInternal: boolean;
  /** By partition number. */
  readonly partitions: readonly PartitionView[];
}

/** What this client knows of brokers and topics. It holds the topics that it was asked for. */
export class ClusterView {
  readonly #world: World;
  readonly #pool: BrokerPool;
  readonly #bootstrap: readonly HostAndPort[];
  readonly #requestTimeoutMs: number;
  readonly #ageMs: number;
  #brokers = new Map<number, BrokerView>();
  readonly #topics = new Map<string, { readonly topic: TopicView; readonly since: number }>();
  readonly #errors = new Map<string, KafkaClientError>();
  #clusterId: string | null = null;
  #running: Promise<void> | null = null;
  #next: { readonly names: Set<string>; readonly done: Promise<void> } | null = null;

  constructor(
    world: World,
    pool: BrokerPool,
    options: {
      readonly bootstrap: readonly HostAndPort[];
      readonly requestTimeoutMs: number;
      /** After it, what is known is asked again although no error said that it is old. */
      readonly ageMs: number;
    },
  ) {
    this.#world = world;
    this.#pool = pool;
    this.#bootstrap = options.bootstrap;
    this.#requestTimeoutMs = options.requestTimeoutMs;
    this.#ageMs = options.ageMs;
  }

  get brokers(): readonly BrokerView[] {
    return [...this.#brokers.values()];
  }

  get clusterId(): string | null {
    return this.#clusterId;
  }

  broker(id: number): BrokerView | null {
    return this.#brokers.get(id) ?? null;
  }

  /** As it was last heard; null when it is not known, or was heard too long ago. */
  known(topic: string): TopicView | null {
    const known = this.#topics.get(topic);
    if (!known || this.#world.clock.monotonic() - known.since > this.#ageMs) return null;
    return known.topic;
  }

  /** Null when it is not known, or has no leader now. */
  leader(topic: string, partition: number): BrokerView | null {
    return this.#brokers.get(this.known(topic)?.partitions[partition]?.leader ?? -1) ?? null;
  }

  /** What is known, or what a broker says now. Rejects with a KafkaClientError, once, without a retry. */
  async topic(name: string): Promise<TopicView> {
    const known = this.known(name);
    if (known) return known;
    await this.refresh([name]);
    const heard = this.known(name);
    if (heard) return heard;
    throw this.#errors.get(name) ?? answerError(`Metadata of ${name}`, 'UNKNOWN_TOPIC_OR_PARTITION');
  }

  /**
   * Asks a broker for these topics and for all that are known. Those who ask while an answer is under way
   * share the next one. Rejects with a KafkaClientError when no broker answers.
   */
  refresh(names: Iterable<string> = []): Promise<void> {
    if (this.#next) {
      for (const name of names) this.#next.names.add(name);
      return this.#next.done;
    }
    const wanted = new Set(names);
    const before = this.#running ?? Promise.resolve();
    const done = before
      .catch(() => {})
      .then(() => {
        this.#next = null;
        this.#running = this.#ask([...new Set([...wanted, ...this.#topics.keys()])]);
        return this.#running;
      });
    this.#next = { names: wanted, done };
    return done;
  }

  /** Every topic of the cluster, as it is now. */
  async all(): Promise<readonly TopicView[]> {
    const { topics } = await this.#metadata(null);
    return topics.flatMap((topic) => (topic.errorCode === 0 ? [viewOf(topic)] : []));
  }

  async #ask(names: readonly string[]): Promise<void> {
    const { topics } = await this.#metadata(names);
    const since = this.#world.clock.monotonic();
    for (const topic of topics) {
      const name = topic.name ?? '';
      this.#errors.delete(name);
      if (topic.errorCode === 0) this.#topics.set(name, { topic: viewOf(topic), since });
      else {
        this.#topics.delete(name);
        this.#errors.set(name, answerError(`Metadata of ${name}`, errorName(topic.errorCode)));
      }
    }
  }

  async #metadata(names: readonly string[] | null): Promise<DecodedResponse<typeof metadata>> {
    const endpoints = [...this.#brokers.values(), ...this.#bootstrap];
    let last: KafkaClientError | null = null;
    for (const endpoint of endpoints) {
      try {
        const connection = await this.#pool.connection(endpoint, 'requests');
        const answer = await connection.send(
          metadata,
          {
            topics: names?.map((name) => ({ name })) ?? null,
            allowAutoTopicCreation: false,
            includeTopicAuthorizedOperations: false,
          },
          { timeoutMs: this.#requestTimeoutMs },
        );
        checkAnswer('Metadata', answer.errorCode);
        this.#clusterId = answer.clusterId;
        // A broker that has just started may know of no other yet.
        if (answer.brokers.length > 0)
          this.#brokers = new Map(
            answer.brokers.map(({ nodeId, host, port, rack }) => [nodeId, { id: nodeId, host, port, rack }]),
          );
        return answer;
      } catch (error) {
        last = fromConnection(error);
        if (!last.retriable) throw last;
      }
    }
    const addresses = this.#bootstrap.map(({ host, port }) => `${host}:${port}`).join(', ');
    throw new KafkaClientError(
      'NO_CONNECTION',
      `no broker of the cluster at ${addresses} answers: ${last?.message ?? 'none is named'}`,
      { cause: last, retriable: true },
    );
  }
}

function viewOf(topic: DecodedResponse<typeof metadata>['topics'][number]): TopicView {
  const partitions: PartitionView[] = [];
  for (const { partitionIndex, leaderId, leaderEpoch, replicaNodes, isrNodes } of topic.partitions)
    partitions[partitionIndex] = { leader: leaderId, leaderEpoch, replicas: replicaNodes, isr: isrNodes };
  return { name: topic.name ?? '', id: topic.topicId, isInternal: topic.isInternal, partitions };
}
