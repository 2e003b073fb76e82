import type { LinearPattern } from '../../../base/linear-pattern.ts';

/**
 * A few milliseconds' work, in instructions of an expression for each character of a name: one may be 1000
 * times as large as another.
 */
const WORK_A_STEP = 20_000;

/**
 * Looks for the topics that expressions describe, in steps: there may be thousands of topics, and others wait
 * for their turn.
 */
export class ExpressionScan {
  readonly #patterns: readonly (readonly [string, LinearPattern])[];
  readonly #topics: readonly string[];
  readonly #mayDescribe: (topic: string) => boolean;
  readonly #found: ReadonlyMap<string, Set<string>>;
  /** The topic and the pattern that are compared next. */
  #topic = 0;
  #pattern = 0;

  /** `patterns` by their text; whoever asks is told only of topics that it may describe. */
  constructor(
    patterns: ReadonlyMap<string, LinearPattern>,
    topics: readonly string[],
    mayDescribe: (topic: string) => boolean,
  ) {
    this.#patterns = [...patterns];
    this.#topics = topics;
    this.#mayDescribe = mayDescribe;
    this.#found = new Map([...patterns.keys()].map((text) => [text, new Set()]));
  }

  /** The topics by expression, once all are compared; null when there is another step to take. */
  step(): ReadonlyMap<string, ReadonlySet<string>> | null {
    for (let work = 0; work < WORK_A_STEP && this.#topic < this.#topics.length; ) {
      const topic = this.#topics[this.#topic] ?? '';
      const [text, pattern] = this.#patterns[this.#pattern] ?? [];
      if (text === undefined || !pattern) {
        this.#topic++;
        this.#pattern = 0;
        continue;
      }
      this.#pattern++;
      work += pattern.size * (topic.length + 1);
      if (pattern.matches(topic) && this.#mayDescribe(topic)) this.#found.get(text)?.add(topic);
    }
    return this.#topic < this.#topics.length ? null : this.#found;
  }
}
