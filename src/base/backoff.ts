/** The waits between attempts at something that fails: the first is `firstMs`, each further one twice as long, up to `lastMs`. */
export class Backoff {
  readonly #firstMs: number;
  readonly #lastMs: () => number;
  #ms = 0;

  /** `lastMs` may be a function, for a limit that changes. One below `firstMs` counts as `firstMs`. */
  constructor({ firstMs, lastMs }: { readonly firstMs: number; readonly lastMs: number | (() => number) }) {
    this.#firstMs = firstMs;
    this.#lastMs = typeof lastMs === 'number' ? () => lastMs : lastMs;
  }

  /** Whether the last attempt failed: the first failure in a row is the one to log. */
  get hasFailed(): boolean {
    return this.#ms > 0;
  }

  /** After an attempt failed: how long to wait before the next, in milliseconds. */
  failed(): number {
    this.#ms = Math.max(this.#firstMs, Math.min(2 * this.#ms, this.#lastMs()));
    return this.#ms;
  }

  /** The next failure is the first in a row. */
  succeeded(): void {
    this.#ms = 0;
  }
}
