/**
 * Reads from devices that may go on at once. Node's pool has four threads; the others stay free for syncs,
 * which acknowledgements may wait for.
 */
const AT_ONCE = 2;

/** Lets reads of files begin one after the other, followers' before consumers'. */
export class ReadGate {
  readonly #atOnce: number;
  readonly #urgent: (() => void)[] = [];
  readonly #others: (() => void)[] = [];
  #running = 0;

  constructor(atOnce = AT_ONCE) {
    this.#atOnce = atOnce;
  }

  /** Resolves or rejects as `read` does, which begins when it is its turn. */
  async run<T>(isUrgent: boolean, read: () => Promise<T>): Promise<T> {
    if (this.#running < this.#atOnce) this.#running++;
    else
      await new Promise<void>((begin) => {
        if (isUrgent) this.#urgent.push(begin);
        else this.#others.push(begin);
      });
    try {
      return await read();
    } finally {
      const next = this.#urgent.shift() ?? this.#others.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
