import { below } from '../../src/base/random.ts';
import type { FaultCluster } from './cluster.ts';
import { type Fault, oneOf, pause, signalIfThere } from './faults.ts';

const CONTROLLER = 'controller';
/** How long the brokers of a zone stay away. */
const OUTAGE_MS = 4000;
/** A process that is started again while it must be away lives no longer than this, which is less than it takes to start. */
const KEEP_DOWN_POLL_MS = 30;
/** What was acknowledged before the fault may take so long to be printed and read. */
const LATE_NEWS_MS = 1000;

const brokerNode = (id: number) => `broker-${id}`;

/** The supervisor starts them again; the fault has passed when other processes have their places. */
async function killAtOnce(cluster: FaultCluster, nodes: readonly string[]): Promise<void> {
  const pids = await Promise.all(nodes.map((node) => cluster.running(node)));
  for (const pid of pids) process.kill(pid, 'SIGKILL');
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

/** What runs goes on without it, and is found again. */
export const killControlPlane: Fault = {
  name: 'kill -9 of the control plane',
  async strike({ cluster, acknowledged, violated }) {
    const child = cluster.controlPlane;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await ended;
    const before = acknowledged();
    await pause(1000);
    if (acknowledged() === before) violated('nothing was acknowledged for 1 s without the control plane');
    await cluster.continue();
    return 'millrace up again after 1 s';
  },
};

/** Killed, and again whenever somebody starts it. */
async function awayFor(cluster: FaultCluster, brokers: readonly number[], ms: number): Promise<void> {
  const until = performance.now() + ms;
  while (performance.now() < until) {
    for (const id of brokers) {
      const pid = cluster.pid(brokerNode(id));
      if (pid !== null) signalIfThere(pid, 'SIGKILL');
    }
    await pause(KEEP_DOWN_POLL_MS);
  }
}

export const loseZone: Fault = {
  name: 'loss of a zone',
  async strike({ cluster }, random) {
    const brokers = oneOf(random, cluster.zones());
    const ms = 1000 + below(random, OUTAGE_MS);
    await awayFor(cluster, brokers, ms);
    await Promise.all(brokers.map((id) => cluster.running(brokerNode(id))));
    return `brokers ${brokers.join(', ')} for ${ms} ms`;
  },
};

/** One copy of three is not enough to acknowledge anything (min.insync.replicas=2): it must refuse, and serve again later. */
export const loseTwoZones: Fault = {
  name: 'loss of two zones',
  async strike({ cluster, acknowledged, violated, replicationFactor }, random) {
    const zones = cluster.zones();
    const spared = below(random, zones.length);
    const brokers = zones.filter((_, index) => index !== spared).flat();
    const away = awayFor(cluster, brokers, OUTAGE_MS);
    await pause(LATE_NEWS_MS);
    const before = acknowledged();
    await pause(OUTAGE_MS - 2 * LATE_NEWS_MS);
    const more = acknowledged() - before;
    if (more > 0 && replicationFactor > 2)
      violated(`${more} records were acknowledged by one zone of ${zones.length}`);
    await away;
    await Promise.all(brokers.map((id) => cluster.running(brokerNode(id))));
    return `brokers ${brokers.join(', ')} for ${OUTAGE_MS} ms`;
  },
};
