import { ZERO_UUID } from '../../base/brand.ts';
import { sleep } from '../../base/clock.ts';
import { createTopics } from '../../protocol/messages/19-create-topics.ts';
import { deleteTopics } from '../../protocol/messages/20-delete-topics.ts';
import { createPartitions } from '../../protocol/messages/37-create-partitions.ts';
import type { ClusterBrokers } from '../connections/cluster-brokers.ts';
import type { TopicView } from '../connections/cluster-view.ts';
import { answerError, checkAnswer } from '../kafka-client-error.ts';

/** What a broker that answers needs at most to read a change; one that does not shows it later. */
const TOLD_WITHIN_MS = 5000;
const ASK_EVERY_MS = 20;

export interface NewTopic {
  readonly name: string;
  /** -1: the cluster's default. */
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly configs: ReadonlyMap<string, string>;
}

/**
 * Topics of a cluster. A change whose answer was lost is sent again, and may then be refused for what it has
 * done itself, as with Kafka's own admin client.
 */
export class TopicsAdmin {
  readonly #cluster: ClusterBrokers;

  constructor(cluster: ClusterBrokers) {
    this.#cluster = cluster;
  }

  /** Every topic that the client may see, by name. */
  async list(): Promise<readonly TopicView[]> {
    const topics = await this.#cluster.retried(() => this.#cluster.view.all());
    return [...topics].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** As a broker knows it now. Rejects with UNKNOWN_TOPIC_OR_PARTITION. */
  async describe(name: string): Promise<TopicView> {
    const found = (await this.list()).find((topic) => topic.name === name);
    if (!found) throw answerError(`topic ${name}`, 'UNKNOWN_TOPIC_OR_PARTITION', 'There is no such topic.');
    return found;
  }

  /** Resolves when a broker tells of it. */
  async create({ name, partitions, replicationFactor, configs }: NewTopic): Promise<void> {
    await this.#cluster.askAny(
      createTopics,
      {
        topics: [
          {
            name,
            numPartitions: partitions,
            replicationFactor,
            assignments: [],
            configs: [...configs].map(([key, value]) => ({ name: key, value })),
          },
        ],
        timeoutMs: this.#cluster.requestTimeoutMs,
      },
      ({ topics }) => {
        for (const { errorCode, errorMessage } of topics)
          checkAnswer(`CreateTopics of ${name}`, errorCode, errorMessage);
      },
    );
    await this.#told((topics) => topics.some((topic) => topic.name === name));
  }

  /** `count`: how many partitions there shall be. Resolves when a broker tells of them. */
  async createPartitions(name: string, count: number): Promise<void> {
    await this.#cluster.askAny(
      createPartitions,
      {
        topics: [{ name, count, assignments: null }],
        timeoutMs: this.#cluster.requestTimeoutMs,
        validateOnly: false,
      },
      ({ results }) => {
        for (const { errorCode, errorMessage } of results)
          checkAnswer(`CreatePartitions of ${name}`, errorCode, errorMessage);
      },
    );
    await this.#told((topics) =>
      topics.some((topic) => topic.name === name && topic.partitions.length >= count),
    );
  }

  /** Resolves when a broker does not tell of it any more. */
  async delete(name: string): Promise<void> {
    await this.#cluster.askAny(
      deleteTopics,
      { topics: [{ name, topicId: ZERO_UUID }], timeoutMs: this.#cluster.requestTimeoutMs },
      ({ responses }) => {
        for (const { errorCode, errorMessage } of responses)
          checkAnswer(`DeleteTopics of ${name}`, errorCode, errorMessage);
      },
    );
    await this.#told((topics) => topics.every((topic) => topic.name !== name));
  }

  /** The controller has decided; the broker that is asked tells of it a moment later. */
  async #told(isSo: (topics: readonly TopicView[]) => boolean): Promise<void> {
    const { clock } = this.#cluster.world;
    const deadline = clock.monotonic() + TOLD_WITHIN_MS;
    while (!isSo(await this.list()) && clock.monotonic() < deadline) await sleep(clock, ASK_EVERY_MS);
  }
}
