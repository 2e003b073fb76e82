/** Calls of one task, one after the other, whoever asks for them. What fails ends the task. */
export class TaskLine {
  #last: Promise<unknown> = Promise.resolve();
  #failure: unknown = null;

  /**
   * Runs when what was asked before is done. Rejects with what `work` rejects with, and where something has
   * failed before, with that: `work` is not called then, since nobody knows what the task has done.
   */
  run(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(() => {
      this.#throwFailure();
      return work();
    });
    this.#last = done.catch((error: unknown) => {
      this.#failure ??= error;
    });
    return done;
  }

  /** The first failure there was, also one that only the consumer was told of. */
  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure;
  }
}
