import type { Clock } from '../../base/clock.ts';
import type { KafkaClient } from '../../kafka-client/kafka-client.ts';
import type { JavaPattern } from '../kernel/java-pattern.ts';

/** Which topics a sink reads. */
export type SinkTopics = { readonly names: readonly string[] } | { readonly pattern: JavaPattern };

/** The part of an admin client that lists topics. */
export interface TopicLister {
  readonly topics: Pick<KafkaClient['admin']['topics'], 'list'>;
}

/** The names of a sink's topics: given, or looked for again and again where a pattern says them. */
export class TopicWatch {
  readonly #clock: Clock;
  readonly #admin: TopicLister;
  readonly #topics: SinkTopics;
  readonly #everyMs: number;
  #names: readonly string[] = [];
  #nextAt = 0;

  constructor(
    { clock, admin }: { readonly clock: Clock; readonly admin: TopicLister },
    { topics, everyMs }: { readonly topics: SinkTopics; readonly everyMs: number },
  ) {
    this.#clock = clock;
    this.#admin = admin;
    this.#topics = topics;
    this.#everyMs = everyMs;
  }

  get isDue(): boolean {
    return this.#clock.monotonic() >= this.#nextAt;
  }

  /** Resolves to all names there are now. Rejects with a KafkaClientError; the next look is due as ever. */
  async look(): Promise<readonly string[]> {
    const topics = this.#topics;
    if ('names' in topics) {
      this.#nextAt = Number.POSITIVE_INFINITY;
      this.#names = topics.names;
      return this.#names;
    }
    this.#nextAt = this.#clock.monotonic() + this.#everyMs;
    const all = await this.#admin.topics.list();
    this.#names = all.flatMap(({ name, isInternal }) =>
      !isInternal && topics.pattern.matches(name) ? [name] : [],
    );
    return this.#names;
  }

  /** As `look`; null when they are the same as before. */
  async changed(): Promise<readonly string[] | null> {
    const before = this.#names.join();
    const names = await this.look();
    return names.join() === before ? null : names;
  }
}
