/**
 * The writes to keys whose values count up, one writer at a time for each key. A write without an answer may
 * take effect at any later time, also after later writes: its request may be under way for as long as a cut
 * lasts.
 */
export class TableHistory {
  readonly #acknowledged = new Map<string, number>();
  readonly #unanswered = new Map<string, Set<number>>();

  wrote(key: string, value: number): void {
    const unanswered = this.#unanswered.get(key) ?? new Set<number>();
    this.#unanswered.set(key, unanswered.add(value));
  }

  acknowledged(key: string, value: number): void {
    this.#unanswered.get(key)?.delete(value);
    this.#acknowledged.set(key, value);
  }

  /** The keys with an acknowledged write. */
  keys(): string[] {
    return [...this.#acknowledged.keys()];
  }

  /** `found`: the last value that was read of each key. */
  violations(found: ReadonlyMap<string, number>): string[] {
    const lost = [...this.#acknowledged].flatMap(([key, value]) => {
      const read = found.get(key);
      if (read === value || (read !== undefined && this.#unanswered.get(key)?.has(read))) return [];
      return [`${key} was acknowledged with ${value} and reads as ${read ?? 'nothing'}`];
    });
    const invented = [...found].flatMap(([key, value]) => {
      const isKnown = this.#acknowledged.has(key) || this.#unanswered.get(key)?.has(value);
      return isKnown ? [] : [`${key} reads as ${value}, which nobody wrote`];
    });
    return [...lost, ...invented];
  }
}
