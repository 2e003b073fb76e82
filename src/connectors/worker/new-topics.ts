import type { KafkaClient } from '../../kafka-client/kafka-client.ts';
import { KafkaClientError } from '../../kafka-client/kafka-client-error.ts';

/** What topics have that are made. */
export interface NewTopicSettings {
  readonly partitions: number;
  readonly replicationFactor: number;
}

/** Makes the topics that a source writes to, where they are not there. */
export class NewTopics {
  readonly #topics: Pick<KafkaClient['admin']['topics'], 'list' | 'create'>;
  readonly #made: NewTopicSettings | null;
  readonly #there = new Set<string>();

  /** `made`: null: none is made. */
  constructor(
    topics: Pick<KafkaClient['admin']['topics'], 'list' | 'create'>,
    made: NewTopicSettings | null,
  ) {
    this.#topics = topics;
    this.#made = made;
  }

  /** All of these are there when this resolves. Rejects where one is not and none is made. */
  async have(names: Iterable<string>): Promise<void> {
    const missing = new Set([...names].filter((name) => !this.#there.has(name)));
    if (missing.size === 0) return;
    const there = new Set((await this.#topics.list()).map(({ name }) => name));
    for (const name of missing) {
      if (!there.has(name)) await this.#make(name);
      this.#there.add(name);
    }
  }

  async #make(name: string): Promise<void> {
    if (!this.#made)
      throw new Error(
        `The topic ${name} does not exist: create it, or give the connector topic.creation.default.partitions and topic.creation.default.replication.factor.`,
      );
    try {
      await this.#topics.create({ name, ...this.#made, configs: new Map() });
    } catch (error) {
      if (!(error instanceof KafkaClientError && error.code === 'TOPIC_ALREADY_EXISTS')) throw error;
    }
  }
}
