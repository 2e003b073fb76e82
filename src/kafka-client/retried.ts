import { backoffMs } from '../base/backoff.ts';
import { sleep } from '../base/clock.ts';
import type { World } from '../base/world.ts';
import { KafkaClientError } from './kafka-client-error.ts';

/** Java's retry.backoff.ms and retry.backoff.max.ms. */
const WAITS = { firstMs: 100, lastMs: 1000 };

/** The wait before attempt `attempts + 1`, in milliseconds. */
export function retryBackoffMs({ random }: Pick<World, 'random'>, attempts: number): number {
  return backoffMs(attempts, WAITS, random);
}

/**
 * Tries again what may go well in a moment, for as long as `timeoutMs`; then it rejects with the last error.
 */
export async function retried<T>(
  world: Pick<World, 'clock' | 'random'>,
  timeoutMs: number,
  attempt: () => Promise<T>,
): Promise<T> {
  const deadline = world.clock.monotonic() + timeoutMs;
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof KafkaClientError) || !error.retriable) throw error;
      const waitMs = retryBackoffMs(world, attempts);
      if (world.clock.monotonic() + waitMs >= deadline) throw error;
      await sleep(world.clock, waitMs);
    }
  }
}
