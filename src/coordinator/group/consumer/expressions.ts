import type { ConsumerMember } from './member.ts';

/** The topics that an expression matched when it was last looked at. */
export interface ResolvedExpression {
  /** Those that the member whose heartbeat asked for it may describe. */
  readonly topics: ReadonlySet<string>;
  /** The offset of the metadata log at which the topics were read. */
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

const NO_TOPICS: ReadonlySet<string> = new Set();

/**
 * The regular expressions that the members of one group are subscribed by, and what they matched (KIP-848).
 */
export class Expressions {
  /** How many members are subscribed by an expression. */
  readonly #subscribers = new Map<string, number>();
  readonly #resolved = new Map<string, ResolvedExpression>();
  /** How many expressions matched a topic. */
  readonly #matches = new Map<string, number>();

  /** Those that members are subscribed by. */
  get subscribed(): ReadonlyMap<string, number> {
    return this.#subscribers;
  }

  get resolved(): ReadonlyMap<string, ResolvedExpression> {
    return this.#resolved;
  }

  /** All are resolved together, so that the group rebalances once: the first tells for all. */
  get lastRefresh(): Pick<ResolvedExpression, 'version' | 'timestamp'> {
    const [first] = this.#resolved.values();
    return first ?? { version: 0, timestamp: Number.NEGATIVE_INFINITY };
  }

  topicsOf(expression: string): ReadonlySet<string> {
    return this.#resolved.get(expression)?.topics ?? NO_TOPICS;
  }

  matched(topic: string): boolean {
    return this.#matches.has(topic);
  }

  join({ subscribedTopicRegex }: ConsumerMember): void {
    if (subscribedTopicRegex !== '') count(this.#subscribers, subscribedTopicRegex, 1);
  }

  part({ subscribedTopicRegex }: ConsumerMember): void {
    if (subscribedTopicRegex !== '') count(this.#subscribers, subscribedTopicRegex, -1);
  }

  resolve(expression: string, resolved: ResolvedExpression): void {
    this.forget(expression);
    this.#resolved.set(expression, resolved);
    for (const topic of resolved.topics) count(this.#matches, topic, 1);
  }

  forget(expression: string): void {
    for (const topic of this.topicsOf(expression)) count(this.#matches, topic, -1);
    this.#resolved.delete(expression);
  }
}

function count(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const sum = (counts.get(key) ?? 0) + by;
  if (sum > 0) counts.set(key, sum);
  else counts.delete(key);
}
