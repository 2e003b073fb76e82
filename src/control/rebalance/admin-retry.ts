import { backoffMs } from '../../base/backoff.ts';
import { type Clock, sleep } from '../../base/clock.ts';
import { AdminError } from './cluster-admin.ts';

/** An election or a restart of a broker takes about this many attempts with these waits: some six seconds. */
const ATTEMPTS_MAX = 8;
const WAITS = { firstMs: 100, lastMs: 1500 };

/** Tries again what may go well in a moment, with growing waits; the last error is the caller's. */
export async function retried<T>(clock: Clock, attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof AdminError) || !error.retriable || attempts === ATTEMPTS_MAX) throw error;
    }
    await sleep(clock, backoffMs(attempts, WAITS));
  }
}
