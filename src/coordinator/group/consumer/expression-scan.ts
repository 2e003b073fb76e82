import type { LinearPattern } from '../../../base/linear-pattern.ts';

/** A few milliseconds' work, however long the expressions are that people write. */
const COMPARISONS_A_STEP = 500;

/**
 * Looks for the topics that expressions describe, in steps: there may be thousands of topics, and others wait
 * for their turn.
 */
export class ExpressionScan {
  readonly #patterns: ReadonlyMap<string, LinearPattern>;
  readonly #topics: readonly string[];
  readonly #mayDescribe: (topic: string) => boolean;
  readonly #found: ReadonlyMap<string, Set<string>>;
  #next = 0;

  /** `patterns` by their text; whoever asks is told only of topics that it may describe. */
  constructor(
    patterns: ReadonlyMap<string, LinearPattern>,
    topics: readonly string[],
    mayDescribe: (topic: string) => boolean,
  ) {
    this.#patterns = patterns;
    this.#topics = topics;
    this.#mayDescribe = mayDescribe;
    this.#found = new Map([...patterns.keys()].map((text) => [text, new Set()]));
  }

  /** The topics by expression, once all are compared; null when there is another step to take. */
  step(): ReadonlyMap<string, ReadonlySet<string>> | null {
    const end = this.#next + Math.max(1, Math.floor(COMPARISONS_A_STEP / this.#patterns.size));
    for (; this.#next < Math.min(end, this.#topics.length); this.#next++) {
      const topic = this.#topics[this.#next] ?? '';
      const matching = [...this.#patterns].filter(([, pattern]) => pattern.matches(topic));
      if (matching.length === 0 || !this.#mayDescribe(topic)) continue;
      for (const [text] of matching) this.#found.get(text)?.add(topic);
    }
    return this.#next < this.#topics.length ? null : this.#found;
  }
}
