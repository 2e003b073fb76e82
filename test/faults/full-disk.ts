import { eventually } from '../support/millrace.ts';
import { type Fault, pause } from './faults.ts';

/**
 * Leaders must have moved by then, and all other brokers must be in sync: one of them may have been struck
 * just before.
 */
const MOVED_MS = 60_000;
/** Milliseconds for which the disk stays full after that. */
const STAYS_FULL_MS = 5000;
/** Milliseconds from free space to full replication, without an operator. */
const RECOVERED_MS = 60_000;

/**
 * The last broker's disk is completely full: other brokers lead and acknowledge, and it recovers by itself
 * when there is space again.
 */
export const fillDisk: Fault = {
  name: 'full disk of a broker',
  unavailable: () => (process.getuid?.() === 0 ? undefined : 'a file system is mounted by root alone'),
  async strike({ cluster, topic, replicationFactor, promise }) {
    const { disk } = cluster;
    const id = cluster.brokers.at(-1) ?? 0;
    if (!disk) throw new Error('no broker has a file system of its own');
    await disk.fill();
    const from = performance.now();
    let movedMs: number;
    try {
      await eventually(
        `broker ${id} leads nothing`,
        async () => !(await cluster.leaders(topic)).includes(id),
        MOVED_MS,
      );
      movedMs = performance.now() - from;
      // With another broker still down, too few replicas are left, and nothing may be acknowledged.
      await cluster.inSync(topic, replicationFactor - 1, MOVED_MS);
      const somethingFrom = Date.now();
      await pause(STAYS_FULL_MS);
      promise({ somethingFrom, until: Date.now(), why: `the disk of broker ${id} is full` });
    } finally {
      disk.free();
    }
    const freed = performance.now();
    await cluster.inSync(topic, replicationFactor, 2 * RECOVERED_MS);
    const recoveredMs = performance.now() - freed;
    if (recoveredMs > RECOVERED_MS)
      promise({
        broken: `broker ${id} was in sync ${Math.round(recoveredMs)} ms after there was room again`,
      });
    return `broker ${id}: leaders moved after ${Math.round(movedMs)} ms, in sync ${Math.round(recoveredMs)} ms after there was room`;
  },
};
