import type { StateInfo } from '../../src/control/aws/state-info.ts';
import { type Blow, type DirectoryOf, type Engine, EngineError } from '../../src/control/engine.ts';
import { type Cluster, startConfig } from '../../src/control/state/cluster.ts';
import { volumeGib } from '../../src/control/state/provisioned-spec.ts';

/** An engine without processes: stores its calls, and starts a cluster when the test says so. */
export class FakeEngine implements Engine {
  readonly calls: string[] = [];
  /** By broker id: the configuration with which a node was last started. */
  readonly configs = new Map<number | 'controller', Readonly<Record<string, string>>>();
  /** By broker id: the Kafka version with which a broker was last restarted. */
  readonly versions = new Map<number, string | null>();
  /** While set, starts and restarts wait for it. */
  gate: Promise<void> | null = null;
  /** While set, `start` fails with it. */
  failure: Error | null = null;
  /** The number of failures, after which it starts. */
  failures = Number.POSITIVE_INFINITY;
  /** While set, restarts of brokers fail with it. */
  restartFailure: Error | null = null;
  /** Restarts of brokers with this size fail. */
  failsWith: string | null = null;
  /** Restarts with any other size do not wait for the gate. */
  gateOnlyFor: string | null = null;
  /** Nodes of an older release, which must be restarted one after the other. */
  toSecure: (number | 'controller')[] = [];
  onRestart: () => void = () => {};
  /** By the cluster's name: what its brokers were last given of IAM's directory. */
  readonly directories = new Map<string, string>();
  /** While set, no directory can be written; with `directoryFailsFor`, that of this cluster alone. */
  directoryFailure: Error | null = null;
  directoryFailsFor: string | null = null;
  #directoryOf: DirectoryOf = () => '';
  #report: (arn: string, problem: StateInfo | null) => void = () => {};

  useCertificates(): void {}

  useDirectories(directoryOf: DirectoryOf): void {
    this.#directoryOf = directoryOf;
  }

  applyDirectory(cluster: Cluster): void {
    const fails = this.directoryFailsFor === null || this.directoryFailsFor === cluster.name;
    if (this.directoryFailure && fails) throw this.directoryFailure;
    this.directories.set(cluster.name, this.#directoryOf(cluster));
  }

  nodeCa(): null {
    return null;
  }

  async renewCertificates(): Promise<null> {
    return null;
  }

  renewNodeCa(): boolean {
    return false;
  }

  async prepare(cluster: Cluster): Promise<void> {
    this.calls.push(`prepare ${cluster.name}`);
  }

  async start(cluster: Cluster, signal: AbortSignal, asTheyRun: readonly number[] = []): Promise<void> {
    // As the engine of real processes begins.
    signal.throwIfAborted();
    const kept = asTheyRun.map((broker) => ` with ${broker} as it runs`);
    this.calls.push(`start ${cluster.name}${kept.join()}`);
    if (this.failure && this.failures-- > 0) throw this.failure;
    this.configs.set('controller', startConfig(cluster));
    for (const broker of cluster.brokers) this.configs.set(broker.id, startConfig(cluster, broker));
    await this.#open(signal);
  }

  async restartBroker(
    cluster: Cluster,
    brokerId: number,
    options: { anew: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const broker = cluster.brokers.find(({ id }) => id === brokerId);
    const size = broker?.instanceType;
    if (this.toSecure[0] === brokerId) this.toSecure.shift();
    if (this.gateOnlyFor === null || this.gateOnlyFor === size) await this.#open(signal);
    if (this.restartFailure) throw this.restartFailure;
    if (size === this.failsWith)
      throw new EngineError('CRASH_LOOP', `Broker ${brokerId} died 4 times in a row`);
    this.onRestart();
    if (broker) this.configs.set(brokerId, startConfig(cluster, broker));
    if (broker) this.versions.set(brokerId, broker.kafkaVersion);
    this.calls.push(`restart ${cluster.name} ${brokerId} ${options.anew ? 'anew' : size}`);
  }

  nextToSecure(): number | 'controller' | null {
    return this.toSecure[0] ?? null;
  }

  fixed(): null {
    return null;
  }

  async applySettings(cluster: Cluster): Promise<void> {
    await this.gate;
    this.calls.push(`volumes of ${cluster.name}: ${volumeGib(cluster.spec)} GiB`);
  }

  async restartController(cluster: Cluster, signal: AbortSignal): Promise<void> {
    await this.#open(signal);
    if (this.restartFailure) throw this.restartFailure;
    if (this.toSecure[0] === 'controller') this.toSecure.shift();
    this.configs.set('controller', startConfig(cluster));
    this.calls.push(`restart ${cluster.name} controller`);
  }

  async stopBroker(cluster: Cluster, brokerId: number): Promise<void> {
    this.calls.push(`stop ${cluster.name} ${brokerId}`);
  }

  async removeBroker(cluster: Cluster, brokerId: number): Promise<void> {
    this.calls.push(`remove ${cluster.name} ${brokerId}`);
  }

  async strike(cluster: Cluster, brokerId: number, blow: Blow): Promise<string> {
    this.calls.push(`${blow} ${cluster.name} ${brokerId}`);
    return `${blow} ${brokerId}`;
  }

  async applyZones(cluster: Cluster): Promise<void> {
    this.calls.push(`zones down of ${cluster.name}: ${cluster.zonesDown.join(',')}`);
  }

  problem(): StateInfo | null {
    return null;
  }

  async stop(cluster: Cluster): Promise<void> {
    this.calls.push(`stop ${cluster.name}`);
  }

  async remove(cluster: Cluster): Promise<void> {
    this.calls.push(`remove ${cluster.name}`);
  }

  async stopOrphans(known: readonly Cluster[]): Promise<void> {
    this.calls.push(`stop orphans of ${known.map((cluster) => cluster.name).join(',')}`);
  }

  onHealth(listener: (arn: string, problem: StateInfo | null) => void): void {
    this.#report = listener;
  }

  onNodeNews(): void {}

  async #open(signal: AbortSignal): Promise<void> {
    await Promise.race([
      this.gate,
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    ]);
  }

  report(cluster: Cluster, problem: StateInfo | null): void {
    this.#report(cluster.arn, problem);
  }
}
