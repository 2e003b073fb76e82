import { type Clock, sleep } from '../../base/clock.ts';
import type { ClusterAccess } from '../access/cluster-access.ts';
import { behind, type LaggingPartition } from './lagging.ts';

/** How often replicas are looked at while one has to catch up. */
const POLL_MS = 200;

/**
 * Resolves when every partition is led and has all its replicas in sync; `watch` is told those that are not,
 * each time it looks, and ends the waiting by rejecting.
 */
export async function inSync(
  clock: Clock,
  access: ClusterAccess,
  signal: AbortSignal,
  watch: (lagging: readonly LaggingPartition[]) => void | Promise<void> = () => {},
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const lagging = behind(await access.describePartitions(null));
    if (lagging.length === 0) return;
    await watch(lagging);
    await sleep(clock, POLL_MS);
  }
}
