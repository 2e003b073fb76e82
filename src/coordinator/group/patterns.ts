import { type LinearPattern, linearPattern } from '../../base/linear-pattern.ts';

/** More would be members that subscribe by a new expression with each heartbeat. */
const PATTERNS_MAX = 1000;

/** Compiled regular expressions by their text, so that a decision, which waits for nothing, finds them. */
export class Patterns {
  readonly #compiled = new Map<string, LinearPattern>();

  find(text: string): LinearPattern | undefined {
    return this.#compiled.get(text);
  }

  /** Resolves with what is wrong with the expression, or null when `find` knows it. */
  async compile(text: string): Promise<string | null> {
    if (this.#compiled.has(text)) return null;
    const pattern = await linearPattern(text);
    if ('error' in pattern) return pattern.error;
    const [oldest] = this.#compiled.keys();
    if (oldest !== undefined && this.#compiled.size >= PATTERNS_MAX) this.#compiled.delete(oldest);
    this.#compiled.set(text, pattern);
    return null;
  }
}
