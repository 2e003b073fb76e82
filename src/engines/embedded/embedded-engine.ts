import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LogLevel } from '../../base/log.ts';
import type { World } from '../../base/world.ts';
import type { Peers } from '../../client/peers/peers.ts';
import type { Certificates } from '../../control/access/server-certificates.ts';
import type { StateInfo } from '../../control/aws/state-info.ts';
import {
  type Blow,
  type ClientRoots,
  type DirectoryOf,
  type Engine,
  EngineError,
  type NodeNews,
} from '../../control/engine.ts';
import type { Cluster } from '../../control/state/cluster.ts';
import { signalTo } from '../../processes/signal-to.ts';
import { Supervisor } from '../../processes/supervisor.ts';
import { asItRuns, ClusterFolder, type ClusterFolderOptions, type ClusterNode } from './cluster-folder.ts';
import { endProcessIn } from './end-process.ts';
import { fenceBroker } from './fence-broker.ts';
import { writeEach } from './iam-directory.ts';
import { clustersFolder, PROCESS_FILES } from './layout.ts';
import { configDigest, type NodeConfig, nodeName } from './node-config.ts';
import { nodeFolders, stopNodes } from './node-folders.ts';
import { stopOrphans } from './orphaned-nodes.ts';
import { OwnProcess } from './own-process.ts';
import { endProcesses, nodeProcesses } from './stray-nodes.ts';
import { type StartedNode, SupervisedCluster } from './supervised-cluster.ts';

export interface EmbeddedEngineOptions extends ClusterFolderOptions {
  /** Starts one process of ours, before `controller|broker --config FILE`. */
  readonly program: readonly [string, ...string[]];
  /** A process that serves and answers nothing for so long is killed and started again. */
  readonly hungAfterMs: number;
  /** `info` where none is given. */
  readonly logLevel?: LogLevel;
}

/**
 * Clusters of our own brokers: a detached process for the controller and for each broker, all on this
 * machine.
 */
export class EmbeddedEngine implements Engine {
  readonly #world: World;
  readonly #options: EmbeddedEngineOptions;
  readonly #started = new Map<string, SupervisedCluster>();
  #report: (arn: string, problem: StateInfo | null) => void = () => {};
  #tell: (arn: string, news: NodeNews) => void = () => {};
  #certificates: Certificates | null = null;
  #clientRoots: ClientRoots = () => '';
  #directoryOf: DirectoryOf | null = null;

  constructor(world: World, options: EmbeddedEngineOptions) {
    this.#world = world;
    this.#options = options;
  }

  onHealth(listener: (arn: string, problem: StateInfo | null) => void): void {
    this.#report = listener;
  }

  onNodeNews(listener: (arn: string, news: NodeNews) => void): void {
    this.#tell = listener;
  }

  useCertificates(certificates: Certificates, clientRoots: ClientRoots): void {
    this.#certificates = certificates;
    this.#clientRoots = clientRoots;
  }

  useDirectories(directoryOf: DirectoryOf): void {
    this.#directoryOf = directoryOf;
  }

  nodeCa(cluster: Cluster): string | null {
    return this.#folder(cluster).nodeCa;
  }

  async renewCertificates(cluster: Cluster): Promise<number | null> {
    return this.#folder(cluster).renewCertificates();
  }

  renewNodeCa(cluster: Cluster): boolean {
    return this.#folder(cluster).prepareNextNodeCa();
  }

  async prepare(cluster: Cluster): Promise<void> {
    const folder = this.#folder(cluster);
    await folder.secure();
    for (const node of folder.nodes()) folder.writeNode(node);
  }

  async start(cluster: Cluster, signal: AbortSignal, asTheyRun: readonly number[] = []): Promise<void> {
    signal.throwIfAborted();
    const folder = this.#folder(cluster);
    const phases = folder.phases;
    const started = this.#started.get(cluster.arn) ?? new SupervisedCluster(cluster);
    this.#started.set(cluster.arn, started);
    await folder.secure();
    signal.throwIfAborted();
    const launched: Promise<void>[] = [];
    for (const wanted of folder.nodes()) {
      if (started.nodes.has(wanted.folder)) continue;
      const kept = wanted.config.kind === 'broker' && asTheyRun.includes(wanted.config.options.brokerId);
      const node = kept || phases.mayWait(wanted) ? asItRuns(wanted) : wanted;
      // The hosts may be others than in the last life; processes with another configuration are restarted.
      folder.writeNode(node);
      launched.push(this.#launch(cluster, node, started));
    }
    await Promise.all(launched);
    await started.ready(started.nodes.keys(), signal);
    started.serving = true;
  }

  async restartBroker(
    cluster: Cluster,
    brokerId: number,
    { anew }: { readonly anew: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#restart(cluster, this.#find(cluster, brokerId), anew, signal);
  }

  async restartController(cluster: Cluster, signal: AbortSignal): Promise<void> {
    await this.#restart(cluster, this.#find(cluster, null), false, signal);
  }

  nextToSecure(cluster: Cluster): number | 'controller' | null {
    const folder = this.#folder(cluster);
    const phases = folder.phases;
    let next = phases.next(folder.nodes());
    if (!next && phases.current === 'everybody') {
      phases.become('nodes');
      next = phases.next(folder.nodes());
    }
    if (!next) return null;
    return next.config.kind === 'controller' ? 'controller' : next.config.options.brokerId;
  }

  async #restart(
    cluster: Cluster,
    { started, node, running }: { started: SupervisedCluster; node: ClusterNode; running: StartedNode },
    anew: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    if (anew || running.digest !== configDigest(node.text)) {
      // First what can fail for want of room: the process that runs is stopped only for one that can be
      // started.
      this.#folder(cluster).writeNode(node);
      await running.supervisor.stop();
      await this.#launch(cluster, node, started);
    }
    await started.ready([node.folder], signal);
  }

  fixed(): null {
    return null;
  }

  async applySettings(cluster: Cluster): Promise<void> {
    const folder = this.#folder(cluster);
    for (const node of folder.nodes()) if (existsSync(node.folder)) folder.writeSettings(node);
  }

  applyDirectory(cluster: Cluster): void {
    const folder = this.#folder(cluster);
    const there = folder.nodes().filter((node) => existsSync(node.folder));
    writeEach(there, (node) => folder.writeDirectory(node));
  }

  async stopBroker(cluster: Cluster, brokerId: number): Promise<void> {
    const started = this.#started.get(cluster.arn);
    const clusterFolder = this.#folder(cluster);
    const folder = clusterFolder.brokerFolder(brokerId);
    const supervisor = started?.nodes.get(folder)?.supervisor;
    started?.nodes.delete(folder);
    await (supervisor ? supervisor.stop() : endProcessIn(this.#world.clock, folder));
    await endProcesses(
      this.#world.clock,
      nodeProcesses(clusterFolder.path).filter((one) => one.folder === folder),
    );
  }

  async removeBroker(cluster: Cluster, brokerId: number): Promise<void> {
    rmSync(this.#folder(cluster).brokerFolder(brokerId), { recursive: true, force: true });
  }

  async strike(cluster: Cluster, brokerId: number, blow: Blow): Promise<string> {
    const { pid } = this.#find(cluster, brokerId).running.supervisor;
    // A process that died this moment is still taken for one that runs.
    if (pid === null || !signalTo(pid, SIGNALS[blow]))
      throw new EngineError('NOT_RUNNING', `Broker ${brokerId} of ${cluster.name} does not run now.`);
    return `${DID[blow]} broker ${brokerId} of ${cluster.name} (process ${pid}, ${SIGNALS[blow]}).`;
  }

  async applyZones(cluster: Cluster): Promise<void> {
    const started = this.#started.get(cluster.arn);
    if (!started) return;
    started.zonesDown = cluster.zonesDown;
    await Promise.all(
      this.#folder(cluster)
        .nodes()
        .map(async (node) => {
          const supervisor = started.nodes.get(node.folder)?.supervisor;
          if (isDown(started, node)) await supervisor?.hold();
          else supervisor?.release();
        }),
    );
    this.#changed(cluster.arn);
  }

  problem(cluster: Cluster): StateInfo | null {
    return this.#started.get(cluster.arn)?.problem ?? null;
  }

  async stop(cluster: Cluster): Promise<void> {
    const started = this.#started.get(cluster.arn);
    this.#started.delete(cluster.arn);
    started?.stopped.abort();
    const { path } = this.#folder(cluster);
    // Also those whose folders were removed: their supervisors would go on for ever.
    const folders = new Set([...nodeFolders(path), ...(started?.nodes.keys() ?? [])]);
    await stopNodes([...folders], async (folder) => {
      const supervisor = started?.nodes.get(folder)?.supervisor;
      await (supervisor ? supervisor.stop() : endProcessIn(this.#world.clock, folder));
    });
    // What is left works in a folder that was removed: nothing in it says so any more.
    await endProcesses(this.#world.clock, nodeProcesses(path));
  }

  async remove(cluster: Cluster): Promise<void> {
    rmSync(this.#folder(cluster).path, { recursive: true, force: true });
  }

  async stopOrphans(known: readonly Cluster[]): Promise<void> {
    const expected = new Set(
      known.flatMap((cluster) =>
        this.#folder(cluster)
          .nodes()
          .map(({ folder }) => folder),
      ),
    );
    await stopOrphans(this.#world, clustersFolder(this.#options.dataDirectory), expected);
  }

  /** Resolves at once, or when a process that must not run has ended. */
  async #launch(cluster: Cluster, node: ClusterNode, started: SupervisedCluster): Promise<void> {
    const own = this.#process(cluster, node, started);
    const supervisor = new Supervisor(
      this.#world,
      own,
      () => this.#changed(cluster.arn),
      ({ died }) =>
        this.#tell(cluster.arn, {
          isLost: died !== null,
          message: died === null ? `${own.name} serves again.` : `${own.name} died: ${died}.`,
        }),
    );
    started.nodes.set(node.folder, { supervisor, digest: own.digest });
    if (isDown(started, node)) await supervisor.hold();
    else supervisor.start();
  }

  #process(cluster: Cluster, { config, folder, text }: ClusterNode, started: SupervisedCluster): OwnProcess {
    const [node, ...program] = this.#options.program;
    const heap = config.kind === 'broker' ? [`--max-old-space-size=${config.heapMegabytes}`] : [];
    return new OwnProcess(this.#world, {
      name: nodeName(config),
      folder,
      digest: configDigest(text),
      command: [node, ...heap, ...program, config.kind, '--config', join(folder, PROCESS_FILES.config)],
      hungAfterMs: this.#options.hungAfterMs,
      logLevel: this.#options.logLevel ?? 'info',
      onDeath: ({ brokerEpoch }) => this.#died(cluster, config, brokerEpoch, started.stopped.signal),
    });
  }

  #died(cluster: Cluster, config: NodeConfig, epoch: number | undefined, signal: AbortSignal): void {
    if (config.kind !== 'broker' || epoch === undefined) return;
    const { brokerId, controller } = config.options;
    fenceBroker(this.peers(cluster), controller, { brokerId, epoch }, signal).catch((error: unknown) =>
      this.#world.log.error('A dead broker could not be reported', { brokerId, epoch, error }),
    );
  }

  #changed(arn: string): void {
    const started = this.#started.get(arn);
    if (!started) return;
    started.changed();
    if (started.serving) this.#report(arn, started.problem);
  }

  /** Null finds the controller. */
  #find(cluster: Cluster, brokerId: number | null) {
    const clusterFolder = this.#folder(cluster);
    const folder = brokerId === null ? clusterFolder.controllerFolder : clusterFolder.brokerFolder(brokerId);
    const started = this.#started.get(cluster.arn);
    const running = started?.nodes.get(folder);
    const node = clusterFolder.nodes().find((one) => one.folder === folder);
    if (!started || !running || !node)
      throw new EngineError(
        'NOT_RUNNING',
        `${brokerId === null ? 'The controller' : `Broker ${brokerId}`} of ${cluster.name} is not started.`,
      );
    return { started, running, node };
  }

  /** Reaches the nodes of a cluster as its control plane. */
  peers(cluster: Cluster): Peers {
    return this.#folder(cluster).peers();
  }

  #folder(cluster: Cluster): ClusterFolder {
    return new ClusterFolder(this.#world, this.#options, cluster, {
      certificates: this.#certificates,
      roots: this.#clientRoots,
      directoryOf: this.#directoryOf,
    });
  }
}

const SIGNALS = { kill: 'SIGKILL', pause: 'SIGSTOP', resume: 'SIGCONT' } as const;
const DID: Readonly<Record<Blow, string>> = { kill: 'Killed', pause: 'Paused', resume: 'Resumed' };

function isDown(started: SupervisedCluster, { zone }: ClusterNode): boolean {
  return zone !== null && started.zonesDown.includes(zone);
}
