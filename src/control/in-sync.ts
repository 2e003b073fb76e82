import { type Clock, sleep } from '../base/clock.ts';
import type { ClusterAccess } from './cluster-access.ts';

/** How often replicas are looked at while one has to catch up. */
const POLL_MS = 200;

/** Resolves when every partition is led and has all its replicas in sync; `behind` is told how many are not, each time it looks. */
export async function inSync(
  clock: Clock,
  access: ClusterAccess,
  signal: AbortSignal,
  behind: (partitions: number) => void = () => {},
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const partitions = await access.describePartitions(null);
    const lagging = partitions.filter(
      ({ replicas, isr, leader }) => leader < 0 || replicas.some((broker) => !isr.includes(broker)),
    );
    if (lagging.length === 0) return;
    behind(lagging.length);
    await sleep(clock, POLL_MS);
  }
}
