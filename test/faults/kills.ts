import { below } from '../../src/base/random.ts';
import type { FaultCluster } from './cluster.ts';
import { type Fault, oneOf, pause, signalIfThere } from './faults.ts';
import { REQUEST_TIMEOUT_MS } from './request-timeout.ts';

const CONTROLLER = 'controller';
/** The most milliseconds for which the brokers of a zone are away. */
const OUTAGE_MS = 4000;
/**
 * Milliseconds after the death of brokers until the last answer to an earlier request is known: a partition
 * that was in sync is answered with the other partitions of its request, which wait until the request times
 * out.
 */
const UNDER_WAY_MS = REQUEST_TIMEOUT_MS + 500;

const brokerNode = (id: number) => `broker-${id}`;

/** The supervisor starts them again; the fault is over when new processes have replaced them. */
async function killAtOnce(cluster: FaultCluster, nodes: readonly string[]): Promise<void> {
  const pids = await Promise.all(nodes.map((node) => cluster.running(node)));
  for (const pid of pids) signalIfThere(pid, 'SIGKILL');
  await Promise.all(nodes.map((node, index) => cluster.restarted(node, pids[index] ?? 0)));
}

export const killBroker: Fault = {
  name: 'kill -9 of a broker',
  async strike({ cluster }, random) {
    const id = oneOf(random, cluster.brokers);
    await killAtOnce(cluster, [brokerNode(id)]);
    return `broker ${id}`;
  },
};

export const killAllBrokers: Fault = {
  name: 'kill -9 of all brokers at once',
  async strike({ cluster }) {
    await killAtOnce(cluster, cluster.brokers.map(brokerNode));
    return 'all';
  },
};

export const killEverything: Fault = {
  name: 'kill -9 of all brokers and the controller at once',
  async strike({ cluster }) {
    await killAtOnce(cluster, [...cluster.brokers.map(brokerNode), CONTROLLER]);
    return 'all';
  },
};

export const killController: Fault = {
  name: 'kill -9 of the controller',
  async strike({ cluster }) {
    await killAtOnce(cluster, [CONTROLLER]);
    return 'the controller';
  },
};

/** The nodes go on without it, and the next control plane finds them. */
export const killControlPlane: Fault = {
  name: 'kill -9 of the control plane',
  async strike({ cluster, promise }) {
    const child = cluster.controlPlane;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await ended;
    const from = Date.now();
    await pause(3000);
    promise({ somethingFrom: from, until: Date.now(), why: 'the control plane is away' });
    await cluster.continue();
    return 'millrace up again after 3 s';
  },
};

export const loseZone: Fault = {
  name: 'loss of a zone',
  async strike({ cluster }, random) {
    const zone = 1 + below(random, cluster.zones);
    const ms = 1000 + below(random, OUTAGE_MS);
    await cluster.zone(zone, 'down');
    await pause(ms);
    await cluster.zone(zone, 'up');
    return `zone ${zone} for ${ms} ms`;
  },
};

/**
 * One replica of three is not enough to acknowledge anything (min.insync.replicas=2): it must refuse, and
 * serve again later.
 */
export const loseTwoZones: Fault = {
  name: 'loss of two zones',
  async strike({ cluster, promise, replicationFactor, committedEnds, canServe }, random) {
    const spared = 1 + below(random, cluster.zones);
    const lost = Array.from({ length: cluster.zones }, (_, index) => index + 1).filter(
      (zone) => zone !== spared,
    );
    for (const zone of lost) await cluster.zone(zone, 'down');
    await pause(UNDER_WAY_MS);
    const committed = await committedEnds();
    const from = Date.now();
    await pause(OUTAGE_MS / 2);
    if (replicationFactor > 2)
      promise({ nothingFrom: from, until: Date.now(), committed, why: 'one zone is left' });
    // Two of three replicas are enough: the first broker that comes back ends the outage.
    canServe();
    for (const zone of lost) await cluster.zone(zone, 'up');
    return `zones ${lost.join(', ')}`;
  },
};
