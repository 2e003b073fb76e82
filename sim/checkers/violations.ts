/** Keeps the first broken invariant of a run: most are found in code that has no caller to throw to. */
export class Violations {
  #first: Error | undefined;

  get first(): Error | undefined {
    return this.#first;
  }

  add(checker: string, message: string): void {
    this.#first ??= new Error(`${checker}: ${message}`);
  }
}
