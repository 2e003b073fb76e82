/**
 * That a node may die while it starts: its world ends then, and in a world that has ended nothing is ever
 * answered, so whoever waits for the start must hear of the death.
 */
export class Death {
  readonly rejection: Promise<never>;
  #reject: (reason: Error) => void = () => {};

  constructor() {
    this.rejection = new Promise((_, reject) => {
      this.#reject = reject;
    });
    // Mostly nobody waits any more.
    this.rejection.catch(() => {});
  }

  happened(error: Error): void {
    this.#reject(error);
  }
}
