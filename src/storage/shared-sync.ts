/** A sync of one thing that many ask for: whoever asks while one is under way shares the next. */
export class SharedSync {
  readonly #run: () => Promise<void>;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(run: () => Promise<void>) {
    this.#run = run;
  }

  /** Resolves when a sync that began after this call is done. Rejects when that sync does. */
  sync(): Promise<void> {
    // The one before may be done and the next not begun yet: two must never be under way.
    if (this.#next) return this.#next;
    if (!this.#running) return this.#start();
    this.#next = this.#running.then(
      () => this.#startNext(),
      () => this.#startNext(),
    );
    return this.#next;
  }

  /** Resolves when none is under way or asked for, however they end. */
  async ended(): Promise<void> {
    for (;;) {
      const last = this.#next ?? this.#running;
      if (!last) return;
      await Promise.allSettled([last]);
    }
  }

  #startNext(): Promise<void> {
    this.#next = null;
    return this.#start();
  }

  #start(): Promise<void> {
    const running = this.#run().finally(() => {
      if (this.#running === running) this.#running = null;
    });
    this.#running = running;
    return running;
  }
}
