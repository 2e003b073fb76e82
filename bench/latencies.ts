/** Durations of answers, in milliseconds, since they were last taken. */
export class Latencies {
  #ms: number[] = [];

  async of(ask: () => Promise<unknown>): Promise<void> {
    const sent = performance.now();
    await ask();
    this.#ms.push(performance.now() - sent);
  }

  take(): number[] {
    const taken = this.#ms;
    this.#ms = [];
    return taken;
  }
}
