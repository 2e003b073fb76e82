import { below, type Random } from './random.ts';

/** What jitter makes of a wait, in thousandths of it: from `least` to `least + span`. */
const JITTER = { least: 800, span: 400 };

/**
 * The wait after the n-th failure in a row, in milliseconds: the first is `firstMs`, each further one twice
 * as long, up to `lastMs`, which is never below the first. With `random`, up to a fifth less or more: many
 * who failed together do not all come again together.
 */
export function backoffMs(
  failures: number,
  { firstMs, lastMs }: { readonly firstMs: number; readonly lastMs: number },
  random?: Random,
): number {
  const ms = Math.max(firstMs, Math.min(firstMs * 2 ** (failures - 1), lastMs));
  return random ? (ms * (JITTER.least + below(random, JITTER.span))) / 1000 : ms;
}

/**
 * The waits between attempts at something that fails, by `backoffMs`: the first is `firstMs`, each further
 * one twice as long, up to `lastMs`.
 */
export class Backoff {
  readonly #firstMs: number;
  readonly #lastMs: () => number;
  #failures = 0;

  /** `lastMs` may be a function, for a limit that changes. One below `firstMs` counts as `firstMs`. */
  constructor({ firstMs, lastMs }: { readonly firstMs: number; readonly lastMs: number | (() => number) }) {
    this.#firstMs = firstMs;
    this.#lastMs = typeof lastMs === 'number' ? () => lastMs : lastMs;
  }

  /** Whether the last attempt failed: the first failure in a row is the one to log. */
  get hasFailed(): boolean {
    return this.#failures > 0;
  }

  /** After an attempt failed: how long to wait before the next, in milliseconds. */
  failed(): number {
    this.#failures++;
    return backoffMs(this.#failures, { firstMs: this.#firstMs, lastMs: this.#lastMs() });
  }

  /** The next failure is the first in a row. */
  succeeded(): void {
    this.#failures = 0;
  }
}
