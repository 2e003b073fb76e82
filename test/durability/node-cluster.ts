import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silent } from '../../src/base/log.ts';
import { randomUuid } from '../../src/base/random.ts';
import type { NodeConfig } from '../../src/engines/embedded/node-config.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { freePorts } from '../support/free-port.ts';

const PROGRAM = join(import.meta.dirname, '../../dist/main.js');
const HOST = '127.0.0.1';
const CONTROLLER_ID = 10_000;
const HEAP_MEGABYTES = 256;

/**
 * A controller and brokers as separate processes, with any broker configs and no supervisor: a killed process
 * stays dead until the test starts it. Their folders are removed at the end.
 */
export class NodeCluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'millrace-durability-'));
  readonly brokerIds: readonly number[];
  readonly bootstrap: readonly string[];
  readonly #processes = new Map<string, ChildProcess>();

  static async start(brokers: number, config: Readonly<Record<string, string>>): Promise<NodeCluster> {
    const cluster = new NodeCluster(brokers, await freePorts(), config);
    cluster.startController();
    for (const id of cluster.brokerIds) cluster.startBroker(id);
    return cluster;
  }

  private constructor(brokers: number, firstPort: number, config: Readonly<Record<string, string>>) {
    this.brokerIds = Array.from({ length: brokers }, (_, i) => i + 1);
    const clusterId = randomUuid(nodeWorld(silent).random);
    const controllerPort = firstPort;
    const clientPort = (id: number) => firstPort + 2 * id;
    this.bootstrap = this.brokerIds.map((id) => `${HOST}:${clientPort(id)}`);
    this.#write('controller', {
      kind: 'controller',
      cluster: 'durability',
      options: {
        nodeId: CONTROLLER_ID,
        clusterId,
        dataDirectory: join(this.folder, 'controller'),
        host: HOST,
        port: controllerPort,
        config,
      },
    });
    for (const brokerId of this.brokerIds) {
      const port = clientPort(brokerId);
      this.#write(nameOf(brokerId), {
        kind: 'broker',
        cluster: 'durability',
        heapMegabytes: HEAP_MEGABYTES,
        options: {
          clusterId,
          brokerId,
          rack: `zone-${brokerId}`,
          dataDirectory: join(this.folder, nameOf(brokerId)),
          controller: { id: CONTROLLER_ID, host: HOST, port: controllerPort },
          listeners: [
            { name: 'CLIENT', purpose: 'client', host: HOST, port },
            { name: 'REPLICATION', purpose: 'replication', host: HOST, port: port + 1 },
          ],
          config,
        },
      });
    }
  }

  startController(): void {
    this.#start('controller', 'controller');
  }

  startBroker(id: number): void {
    this.#start('broker', nameOf(id));
  }

  killController(): Promise<void> {
    return this.#kill('controller');
  }

  /** Sends SIGKILL; resolves when they are gone. */
  async killBrokers(ids: readonly number[] = this.brokerIds): Promise<void> {
    await Promise.all(ids.map((id) => this.#kill(nameOf(id))));
  }

  /** Sends SIGSTOP or SIGCONT. */
  signal(id: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#processes.get(nameOf(id))?.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#processes.keys()].map((name) => this.#kill(name)));
    rmSync(this.folder, { recursive: true, force: true });
  }

  #write(name: string, config: NodeConfig): void {
    mkdirSync(join(this.folder, name), { recursive: true });
    writeFileSync(this.#file(name), JSON.stringify(config));
  }

  #file(name: string): string {
    return join(this.folder, name, 'process.json');
  }

  #start(kind: 'controller' | 'broker', name: string): void {
    const args = ['--disable-warning=ExperimentalWarning', PROGRAM, kind, '--config', this.#file(name)];
    this.#processes.set(name, spawn(process.execPath, args, { stdio: 'ignore' }));
  }

  async #kill(name: string): Promise<void> {
    const child = this.#processes.get(name);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await ended;
  }
}

function nameOf(id: number): string {
  return `broker-${id}`;
}
