import type { LeaderEpoch, Uuid } from '../../base/brand.ts';
import type { TopicPartition } from '../../base/topic-partition.ts';
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
  /** Addresses that did not answer when they were asked last: others are asked before. */
  readonly #silent = new Set<string>();
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

  /**
   * What a broker says of the partition's leader when it is asked as one and is none (KIP-951). False when
   * that is no news.
   */
  moved(
    { topic, partition }: TopicPartition,
    { leaderId, leaderEpoch }: { readonly leaderId: number; readonly leaderEpoch: number },
    endpoints: readonly (HostAndPort & { readonly nodeId: number; readonly rack: string | null })[],
  ): boolean {
    const known = this.#topics.get(topic);
    const before = known?.topic.partitions[partition];
    if (!known || !before || leaderId < 0 || leaderEpoch <= before.leaderEpoch) return false;
    const endpoint = endpoints.find(({ nodeId }) => nodeId === leaderId);
    if (endpoint) {
      const { nodeId: id, host, port, rack } = endpoint;
      this.#brokers.set(id, { id, host, port, rack });
    }
    if (!this.#brokers.has(leaderId)) return false;
    const partitions = known.topic.partitions.with(partition, { ...before, leader: leaderId, leaderEpoch });
    this.#topics.set(topic, { ...known, topic: { ...known.topic, partitions } });
    return true;
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
      if (topic.errorCode === 0)
        this.#topics.set(name, { topic: newest(viewOf(topic), this.#topics.get(name)?.topic), since });
      else {
        this.#topics.delete(name);
        this.#errors.set(name, answerError(`Metadata of ${name}`, errorName(topic.errorCode)));
      }
    }
  }

  /** In the order in which they are asked: also those of the beginning, where no other answers (KIP-899). */
  #endpoints(): HostAndPort[] {
    const all: readonly HostAndPort[] = [...this.#brokers.values(), ...this.#bootstrap];
    const isSilent = ({ host, port }: HostAndPort): boolean => this.#silent.has(`${host}:${port}`);
    return [...all.filter((one) => !isSilent(one)), ...all.filter(isSilent)];
  }

  async #metadata(names: readonly string[] | null): Promise<DecodedResponse<typeof metadata>> {
    let last: KafkaClientError | null = null;
    for (let endpoints = this.#endpoints(); ; ) {
      const endpoint = endpoints.shift();
      if (!endpoint) break;
      const address = `${endpoint.host}:${endpoint.port}`;
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
        this.#silent.delete(address);
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
        if (last.code === 'REBOOTSTRAP_REQUIRED' && this.#brokers.size > 0) {
          // These are not the cluster's any more (KIP-1102).
          this.#brokers = new Map();
          endpoints = this.#endpoints();
        } else if (!last.retriable && last.code !== 'REBOOTSTRAP_REQUIRED') throw last;
        else this.#silent.add(address);
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

/** A broker that has fallen behind may tell of a leader that is none any more. */
function newest(heard: TopicView, known: TopicView | undefined): TopicView {
  if (known?.id !== heard.id) return heard;
  const partitions = heard.partitions.map((partition, number) => {
    const before = known.partitions[number];
    return before && before.leaderEpoch > partition.leaderEpoch ? before : partition;
  });
  return { ...heard, partitions };
}

function viewOf(topic: DecodedResponse<typeof metadata>['topics'][number]): TopicView {
  const partitions: PartitionView[] = [];
  for (const { partitionIndex, leaderId, leaderEpoch, replicaNodes, isrNodes } of topic.partitions)
    partitions[partitionIndex] = { leader: leaderId, leaderEpoch, replicas: replicaNodes, isr: isrNodes };
  return { name: topic.name ?? '', id: topic.topicId, isInternal: topic.isInternal, partitions };
}
