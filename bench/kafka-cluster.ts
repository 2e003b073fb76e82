import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../test/support/free-port.ts';
import { kafkaTool, startKafkaTool } from '../test/support/kafka-tools.ts';
import { BROKER_IDS, type BrokerCluster } from './broker-cluster.ts';

/**
 * Three JVMs and the client share a small machine. A third of the heap in Kafka's start script is enough for
 * the load.
 */
const HEAP = ['-Xmx384m', '-Xms384m'];
const CLUSTER_ID = 'MkU3OEVBNTcwNTJENDM2Qk';

interface Node {
  readonly id: number;
  readonly properties: string;
  process: ChildProcess | null;
}

/** Three nodes of Apache Kafka with its default configs; each JVM is a broker and a controller. */
export class KafkaCluster implements BrokerCluster {
  readonly name = 'apache kafka';
  readonly bootstrap: string;
  readonly #folder: string;
  readonly #nodes: readonly Node[];
  /** A node that ends without being stopped is started again. */
  #supervised = true;

  static async start(): Promise<KafkaCluster> {
    const folder = mkdtempSync(join(tmpdir(), 'apache-kafka-'));
    const nodes = [];
    for (const id of BROKER_IDS) nodes.push({ id, port: await freePort(), controller: await freePort() });
    const voters = nodes.map(({ id, controller }) => `${id}@127.0.0.1:${controller}`).join(',');
    const cluster = new KafkaCluster({
      folder,
      bootstrap: nodes.map(({ port }) => `127.0.0.1:${port}`).join(','),
      nodes: nodes.map(({ id, port, controller }) => {
        const properties = join(folder, `server-${id}.properties`);
        const settings = {
          'process.roles': 'broker,controller',
          'node.id': id,
          'controller.quorum.voters': voters,
          listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
          'controller.listener.names': 'CONTROLLER',
          'log.dirs': join(folder, `data-${id}`),
        };
        const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
        writeFileSync(properties, lines.join('\n'));
        return { id, properties, process: null };
      }),
    });
    await cluster.#format();
    cluster.#start();
    return cluster;
  }

  private constructor(options: {
    readonly folder: string;
    readonly bootstrap: string;
    readonly nodes: readonly Node[];
  }) {
    this.#folder = options.folder;
    this.bootstrap = options.bootstrap;
    this.#nodes = options.nodes;
    process.on('exit', () => {
      for (const node of this.#nodes) node.process?.kill('SIGKILL');
    });
  }

  pids(): number[] {
    return this.#nodes.flatMap((node) => node.process?.pid ?? []);
  }

  killBroker(id: number): void {
    this.#nodes.find((node) => node.id === id)?.process?.kill('SIGKILL');
  }

  async stopAndStart(): Promise<void> {
    await this.#end('SIGTERM');
    this.#start();
  }

  async killAndStart(): Promise<void> {
    await this.#end('SIGKILL');
    this.#start();
  }

  /** Kafka logs fencings below the level that is logged here. */
  fencings(): null {
    return null;
  }

  async remove(): Promise<void> {
    await this.#end('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #format(): Promise<void> {
    for (const { properties } of this.#nodes) {
      const format = await kafkaTool('kafka-storage', ['format', '-t', CLUSTER_ID, '-c', properties]);
      if (format.status !== 0) throw new Error(`kafka-storage format: ${format.stderr}${format.stdout}`);
    }
  }

  #start(): void {
    this.#supervised = true;
    for (const node of this.#nodes) this.#run(node);
  }

  #run(node: Node): void {
    const child = startKafkaTool('kafka-server', [node.properties], HEAP);
    node.process = child;
    // The output is not kept, but it must be read so that the pipes do not fill.
    child.stdout?.resume();
    child.stderr?.resume();
    child.once('exit', () => {
      node.process = null;
      if (this.#supervised) this.#run(node);
    });
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#supervised = false;
    await Promise.all(
      this.#nodes.map(async ({ process: child }) => {
        if (!child) return;
        const ended = new Promise((done) => child.once('exit', done));
        child.kill(signal);
        await ended;
      }),
    );
  }
}
