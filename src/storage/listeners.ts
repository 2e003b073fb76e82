/** Who wants to be told of one kind of event, in the order they asked. */
export class Listeners<T> {
  readonly #all = new Set<(value: T) => void>();

  /** Call the result to stop. */
  add(listener: (value: T) => void): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  tell(value: T): void {
    for (const listener of this.#all) listener(value);
  }
}
