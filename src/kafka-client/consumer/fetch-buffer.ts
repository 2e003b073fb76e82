/** Answers that one broker may have waiting: one is handed out while the next one comes. */
const ANSWERS = 2;

/** A share of less asks for so little that requests cost more than records. */
const LEAST_ANSWER_BYTES = 1024;

/**
 * How much a consumer may have fetched and not handed out, of all partitions together. Each broker has an
 * equal share, so that none waits for another. Bytes count until the application asks for more than what they
 * were handed out with.
 */
export class FetchBuffer {
  readonly #bytes: number;
  readonly #answerBytes: number;
  readonly #held = new Map<number, number>();
  /** Of what was handed out last. */
  #handedOut: (() => void)[] = [];

  /**
   * `bytes`: the limit, which a single larger batch of a broker exceeds; `answerBytes`: the most of one
   * answer.
   */
  constructor(bytes: number, answerBytes: number) {
    this.#bytes = bytes;
    this.#answerBytes = answerBytes;
  }

  get heldBytes(): number {
    let sum = 0;
    for (const bytes of this.#held.values()) sum += bytes;
    return sum;
  }

  /**
   * What the next answer of a broker may have; 0: it has no room now. `brokers`: how many there are to ask.
   */
  room(brokerId: number, brokers: number): number {
    const share = this.#bytes / brokers;
    const answer = Math.max(LEAST_ANSWER_BYTES, Math.min(this.#answerBytes, Math.floor(share / ANSWERS)));
    const held = this.#held.get(brokerId) ?? 0;
    return held === 0 || held + answer <= share ? answer : 0;
  }

  /**
   * An answer whose memory is in use until each of `parts` was released. Returns what releases one of them.
   */
  hold(brokerId: number, bytes: number, parts: number): () => void {
    if (parts === 0) return () => {};
    this.#held.set(brokerId, (this.#held.get(brokerId) ?? 0) + bytes);
    let left = parts;
    return () => {
      left--;
      if (left === 0) this.#handedOut.push(() => this.#free(brokerId, bytes));
    };
  }

  /** The application is done with what was handed out to it. */
  settle(): void {
    const done = this.#handedOut;
    this.#handedOut = [];
    for (const free of done) free();
  }

  #free(brokerId: number, bytes: number): void {
    const left = (this.#held.get(brokerId) ?? 0) - bytes;
    if (left > 0) this.#held.set(brokerId, left);
    else this.#held.delete(brokerId);
  }
}
