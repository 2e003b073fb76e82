import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrokerAddress } from '../../src/control/rebalance/broker-connections.ts';
import { KEEPS_OLD_RECORDS } from '../support/apache-kafka.ts';
import { freePort } from '../support/free-port.ts';
import { kafkaTool, startKafkaTool } from '../support/kafka-tools.ts';

const CLUSTER_ID = 'MkU3OEVBNTcwNTJENDM2Qk';

export interface ApacheCluster {
  readonly brokers: readonly BrokerAddress[];
  /** Sends SIGKILL to a broker, by its id; resolves when it has ended. */
  kill(brokerId: number): Promise<void>;
  /** Starts a broker that was killed; it may still be starting when this resolves. */
  restart(brokerId: number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A real Apache Kafka of three brokers in three racks; the first is also the controller. They may still be
 * starting.
 */
export async function startApacheCluster(): Promise<ApacheCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'apache-cluster-'));
  const controller = `127.0.0.1:${await freePort()}`;
  const ports = [await freePort(), await freePort(), await freePort()];
  const children = new Map<number, ChildProcess>();
  const files = ports.map((port, index) => writeProperties(folder, index + 1, port, controller));
  const format = await kafkaTool('kafka-storage', ['format', '-t', CLUSTER_ID, '-c', files[0] ?? '']);
  if (format.status !== 0) throw new Error(`kafka-storage format: ${format.stderr}${format.stdout}`);
  const start = (brokerId: number): void => {
    const child = startKafkaTool('kafka-server', [files[brokerId - 1] ?? '']);
    child.stdout?.resume();
    child.stderr?.resume();
    children.set(brokerId, child);
  };
  for (const [index] of files.entries()) start(index + 1);
  return {
    brokers: ports.map((port, index) => ({ node: index + 1, host: '127.0.0.1', port })),
    async kill(brokerId) {
      const child = children.get(brokerId);
      if (child) await killed(child);
    },
    async restart(brokerId) {
      start(brokerId);
    },
    async stop() {
      await Promise.all([...children.values()].map(killed));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((done) => child.once('close', done));
  child.kill('SIGKILL');
  await closed;
}

function writeProperties(folder: string, id: number, port: number, controller: string): string {
  const data = join(folder, `data-${id}`);
  const isController = id === 1;
  const listeners = [
    `PLAINTEXT://127.0.0.1:${port}`,
    ...(isController ? [`CONTROLLER://${controller}`] : []),
  ];
  const settings = {
    'process.roles': isController ? 'broker,controller' : 'broker',
    'node.id': id,
    'broker.rack': `zone-${id}`,
    'controller.quorum.voters': `1@${controller}`,
    listeners: listeners.join(','),
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': data,
    // On a busy machine a broker may be late without being dead.
    'broker.session.timeout.ms': 60_000,
    'replica.lag.time.max.ms': 60_000,
    'auto.leader.rebalance.enable': 'false',
    ...KEEPS_OLD_RECORDS,
  };
  const file = join(folder, `server-${id}.properties`);
  writeFileSync(file, lines(settings));
  // Formatting only has to tell such a broker its identity.
  if (!isController) {
    mkdirSync(data);
    writeFileSync(
      join(data, 'meta.properties'),
      lines({ version: 1, 'cluster.id': CLUSTER_ID, 'node.id': id }),
    );
  }
  return file;
}

function lines(settings: Record<string, string | number>): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
