import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { brokerProcess, Millrace, processesOf } from '../test/support/millrace.ts';
import { BROKER_IDS, type BrokerCluster } from './broker-cluster.ts';

const ARGS = ['--cluster', 'bench', '--brokers', String(BROKER_IDS.length)];

/** `millrace up` with a controller and three brokers, each a process that it supervises. */
export class MillraceCluster implements BrokerCluster {
  readonly name = 'millrace';
  readonly bootstrap: string;
  #millrace: Millrace;

  static async start(): Promise<MillraceCluster> {
    return new MillraceCluster(await Millrace.up(ARGS));
  }

  private constructor(millrace: Millrace) {
    this.#millrace = millrace;
    this.bootstrap = millrace.ready.clusters[0]?.bootstrap ?? '';
  }

  pids(): number[] {
    return BROKER_IDS.flatMap((id) => brokerProcess(this.#millrace.data, id) ?? []);
  }

  killBroker(id: number): void {
    const pid = brokerProcess(this.#millrace.data, id);
    if (pid === null) throw new Error(`broker ${id} does not run`);
    process.kill(pid, 'SIGKILL');
  }

  async stopAndStart(): Promise<void> {
    await this.#millrace.stop();
    await this.#start();
  }

  async killAndStart(): Promise<void> {
    for (const { pid } of processesOf(this.#millrace.data)) process.kill(pid, 'SIGKILL');
    this.#millrace.child.kill('SIGKILL');
    await this.#start();
  }

  /** Counted in the controller's log. */
  fencings(): number {
    const clusters = join(this.#millrace.data, 'clusters');
    return readdirSync(clusters)
      .map((cluster) => readFileSync(join(clusters, cluster, 'controller', 'process.log'), 'utf8'))
      .reduce((sum, log) => sum + log.split('fenced a broker').length - 1, 0);
  }

  async remove(): Promise<void> {
    await this.#millrace.stop();
    rmSync(this.#millrace.data, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    const { data, port } = this.#millrace;
    this.#millrace = await Millrace.up(ARGS, { data, port });
  }
}
