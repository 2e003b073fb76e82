import { below, type Random } from '../../src/base/random.ts';
import type { FaultCluster } from './cluster.ts';
import { type Fault, oneOf, pause, signalIfThere } from './faults.ts';

/** Pauses are shorter or longer than a session. */
const SHORTEST_MS = 500;
const LONGEST_MS = 8000;

async function stopFor(cluster: FaultCluster, node: string, random: Random): Promise<string> {
  const pid = await cluster.running(node);
  const ms = SHORTEST_MS + below(random, LONGEST_MS - SHORTEST_MS);
  signalIfThere(pid, 'SIGSTOP');
  try {
    await pause(ms);
  } finally {
    signalIfThere(pid, 'SIGCONT');
  }
  return `${node} for ${ms} ms`;
}

export const pauseBroker: Fault = {
  name: 'SIGSTOP of a broker',
  strike: ({ cluster }, random) => stopFor(cluster, `broker-${oneOf(random, cluster.brokers)}`, random),
};

export const pauseController: Fault = {
  name: 'SIGSTOP of the controller',
  strike: ({ cluster }, random) => stopFor(cluster, 'controller', random),
};
