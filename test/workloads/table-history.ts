/**
 * What was written for keys whose values count up, each by one writer at a time. A value without an answer
 * may be written at any later time, also after those that came next: its request may be on its way for as
 * long as a cut lasts.
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

  /** Those of which something was acknowledged. */
  keys(): string[] {
    return [...this.#acknowledged.keys()];
  }

  /** By the value that is read last of each key. */
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
