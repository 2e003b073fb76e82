import type { FaultCluster } from './cluster.ts';
import { type Fault, oneOf, signalIfThere } from './faults.ts';

async function stopCleanly(cluster: FaultCluster, id: number): Promise<void> {
  const node = `broker-${id}`;
  const pid = await cluster.running(node);
  signalIfThere(pid, 'SIGTERM');
  await cluster.restarted(node, pid);
}

export const stopBroker: Fault = {
  name: 'clean stop of a broker',
  async strike({ cluster }, random) {
    const id = oneOf(random, cluster.brokers);
    await stopCleanly(cluster, id);
    return `broker ${id}`;
  },
};

export const rollingRestart: Fault = {
  name: 'rolling restart',
  async strike({ cluster, topic, replicationFactor }) {
    for (const id of cluster.brokers) {
      await stopCleanly(cluster, id);
      await cluster.inSync(topic, replicationFactor);
    }
    return 'one broker after another';
  },
};
