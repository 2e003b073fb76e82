/**
 * The first broken invariant of a run, wherever it was seen: most are seen where nobody could throw them to.
 */
export class Violations {
  #first: Error | undefined;

  get first(): Error | undefined {
    return this.#first;
  }

  add(checker: string, message: string): void {
    this.#first ??= new Error(`${checker}: ${message}`);
  }
}
