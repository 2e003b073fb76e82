import { createHash } from 'node:crypto';

/** What a worker answers of its topics. */
export interface ActiveTopicsReport {
  /** Of the names: whoever has those of the same digest need not ask for them. */
  readonly digest: string;
  readonly topics: readonly string[];
}

/**
 * The topics that tasks of one worker have written or read, as Kafka Connect counts them (KIP-558), since the
 * worker started or they were last forgotten: no more than the cluster has.
 */
export class ActiveTopics {
  readonly #names = new Set<string>();
  /** Of the record before: neighbours are mostly of one topic. */
  #last: string | null = null;
  #digest: string | null = null;

  /** Of each record that a source has sent, and of each that a sink has converted. */
  add(topic: string): void {
    if (topic === this.#last) return;
    this.#last = topic;
    if (this.#names.has(topic)) return;
    this.#names.add(topic);
    this.#digest = null;
  }

  /** The empty text while there are none. */
  get digest(): string {
    this.#digest ??= this.#names.size === 0 ? '' : digestOf(this.#sorted());
    return this.#digest;
  }

  get report(): ActiveTopicsReport {
    return { digest: this.digest, topics: this.#sorted() };
  }

  clear(): void {
    this.#names.clear();
    this.#last = null;
    this.#digest = null;
  }

  #sorted(): string[] {
    return [...this.#names].sort();
  }
}

export function isActiveTopicsReport(value: unknown): value is ActiveTopicsReport {
  return (
    typeof value === 'object' &&
    value !== null &&
    'digest' in value &&
    typeof value.digest === 'string' &&
    'topics' in value &&
    Array.isArray(value.topics) &&
    value.topics.every((topic: unknown) => typeof topic === 'string')
  );
}

function digestOf(names: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(names)).digest('hex');
}
