import { spawnSync } from 'node:child_process';
import { below, type Random } from '../../src/base/random.ts';
import { hasCommand } from '../support/kafka-tools.ts';
import { CLIENT_HOST, CONTROLLER_HOST, type FaultCluster } from './cluster.ts';
import { type Fault, oneOf, pause, type Stricken } from './faults.ts';

/**
 * The name of an nftables table that belongs to this process and holds the rules of its cuts. The table is
 * removed with the cut, or when the process ends in any way.
 */
const TABLE = `millrace_faults_${process.pid}`;
const SHORTEST_MS = 500;
const LONGEST_MS = 6000;

/** One direction: packets from one address to another, or to and from one port of it. */
interface Way {
  readonly from: string;
  readonly to: string;
  readonly fromPort?: number;
  readonly toPort?: number;
}

const noCuts = () =>
  process.getuid?.() !== 0
    ? 'connections can be cut by root alone'
    : hasCommand('nft') || spawnSync('nft', ['--version']).status === 0
      ? undefined
      : 'nft is not installed';

function nft(script: string): void {
  const { status, stderr } = spawnSync('nft', ['-f', '-'], { input: script });
  if (status !== 0) throw new Error(`nft: ${stderr}`);
}

const rule = ({ from, to, fromPort, toPort }: Way) =>
  [
    `ip saddr ${from} ip daddr ${to}`,
    ...(fromPort === undefined ? [] : [`tcp sport ${fromPort}`]),
    ...(toPort === undefined ? [] : [`tcp dport ${toPort}`]),
    'drop',
  ].join(' ');

/** Drops packets without an error, of established connections too. */
async function cutFor(ways: readonly Way[], ms: number): Promise<void> {
  const heal = () => spawnSync('nft', ['delete', 'table', 'ip', TABLE]);
  process.once('exit', heal);
  try {
    nft(
      `table ip ${TABLE} { chain cut { type filter hook output priority 0; policy accept;\n${ways.map(rule).join('\n')}\n}\n}\n`,
    );
    await pause(ms);
  } finally {
    heal();
    process.off('exit', heal);
  }
}

const back = ({ from, to, fromPort, toPort }: Way): Way => ({
  from: to,
  to: from,
  ...(toPort === undefined ? {} : { fromPort: toPort }),
  ...(fromPort === undefined ? {} : { toPort: fromPort }),
});

function cut(name: string, between: (cluster: FaultCluster, random: Random) => [string, Way[]]): Fault {
  return {
    name,
    unavailable: noCuts,
    async strike({ cluster }: Stricken, random) {
      const [what, ways] = between(cluster, random);
      const ms = SHORTEST_MS + below(random, LONGEST_MS - SHORTEST_MS);
      const side = below(random, 3);
      const cutWays = side === 0 ? ways : side === 1 ? ways.map(back) : [...ways, ...ways.map(back)];
      await cutFor(cutWays, ms);
      return `${what}, ${['one way', 'the other way', 'both ways'][side]}, for ${ms} ms`;
    },
  };
}

/**
 * What one broker sends, to the other's listener and from its own. The rules name ports, so that another
 * cluster at these addresses is not harmed.
 */
const brokerWays = (cluster: FaultCluster, one: number, other: number): Way[] => [
  {
    from: cluster.hostOf(one),
    to: cluster.hostOf(other),
    toPort: cluster.port(other, 'REPLICATION'),
  },
  {
    from: cluster.hostOf(one),
    fromPort: cluster.port(one, 'REPLICATION'),
    to: cluster.hostOf(other),
  },
];

export const cutBrokers = cut('cut between two brokers', (cluster, random) => {
  const one = oneOf(random, cluster.brokers);
  const other = oneOf(
    random,
    cluster.brokers.filter((id) => id !== one),
  );
  return [`brokers ${one} and ${other}`, brokerWays(cluster, one, other)];
});

const controllerWay = (cluster: FaultCluster, id: number): Way => ({
  from: cluster.hostOf(id),
  to: CONTROLLER_HOST,
  toPort: cluster.controllerPort(),
});

export const cutController = cut('cut between a broker and the controller', (cluster, random) => {
  const id = oneOf(random, cluster.brokers);
  return [`broker ${id}`, [controllerWay(cluster, id)]];
});

/** Clients still reach it: a broker that does not know that it leads no longer. */
export const isolateBroker = cut('cut between a broker and the rest of the cluster', (cluster, random) => {
  const id = oneOf(random, cluster.brokers);
  const others = cluster.brokers.filter((other) => other !== id);
  const ways = others.flatMap((other) => brokerWays(cluster, id, other));
  return [`broker ${id}`, [...ways, controllerWay(cluster, id)]];
});

export const cutClients = cut('cut between clients and a broker', (cluster, random) => {
  const id = oneOf(random, cluster.brokers);
  return [
    `broker ${id}`,
    [{ from: CLIENT_HOST, to: cluster.hostOf(id), toPort: cluster.port(id, 'CLIENT') }],
  ];
});
