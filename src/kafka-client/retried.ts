import { sleep } from '../base/clock.ts';
import { below } from '../base/random.ts';
import type { World } from '../base/world.ts';
import { KafkaClientError } from './kafka-client-error.ts';

/** Java's retry.backoff.ms and retry.backoff.max.ms. */
const BACKOFF_MS = 100;
const BACKOFF_MS_MAX = 1000;

/** The wait before attempt `attempts + 1`: it doubles, and a random fifth keeps many clients from asking at the same time. */
export function backoffMs({ random }: Pick<World, 'random'>, attempts: number): number {
  const ms = Math.min(BACKOFF_MS * 2 ** (attempts - 1), BACKOFF_MS_MAX);
  return ms * (0.8 + below(random, 400) / 1000);
}

/** Tries again what may go well in a moment, for as long as `timeoutMs`; then it rejects with the last error. */
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
      const waitMs = backoffMs(world, attempts);
      if (world.clock.monotonic() + waitMs >= deadline) throw error;
      await sleep(world.clock, waitMs);
    }
  }
}
