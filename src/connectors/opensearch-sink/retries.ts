import { backoffMs } from '../../base/backoff.ts';
import { sleep } from '../../base/clock.ts';
import type { World } from '../../base/world.ts';
import { NoAnswer } from './opensearch-client.ts';

const LONGEST_WAIT_MS = 10_000;

export interface RequestRetryLimits {
  /** After the first attempt. */
  readonly maxRetries: number;
  readonly backoffMs: number;
}

/** What an attempt came to: a value, or the reason to try again. */
export type Attempt<T> = { readonly value: T } | { readonly again: string; readonly hasProgress?: boolean };

/**
 * Tries until there is a value, with growing waits; after progress the count begins anew. Rejects when it was
 * tried often enough, with what an attempt rejects with, and when `signal` is aborted.
 */
export async function retried<T>(
  world: Pick<World, 'clock' | 'random'>,
  limits: RequestRetryLimits,
  signal: AbortSignal,
  attempt: () => Promise<Attempt<T>>,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    const made = await answered(attempt);
    if ('value' in made) return made.value;
    if (made.hasProgress) failures = 1;
    if (failures > limits.maxRetries)
      throw new Error(`Given up after ${limits.maxRetries} retries: ${made.again}.`);
    const wait = { firstMs: limits.backoffMs, lastMs: LONGEST_WAIT_MS };
    await sleep(world.clock, backoffMs(failures, wait, world.random));
    signal.throwIfAborted();
  }
}

async function answered<T>(attempt: () => Promise<Attempt<T>>): Promise<Attempt<T>> {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return { again: error.message };
  }
}
