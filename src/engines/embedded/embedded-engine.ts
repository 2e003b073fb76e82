import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { World } from '../../base/world.ts';
import { type Blow, type Engine, EngineError } from '../../control/engine.ts';
import type { Cluster, StateInfo } from '../../control/state/cluster.ts';
import { zoneId } from '../../control/zone-id.ts';
import { endProcessIn } from './end-process.ts';
import { fenceBroker } from './fence-broker.ts';
import { brokerFolder, CONTROLLER_FOLDER, clusterFolder, clustersFolder, PROCESS_FILES } from './layout.ts';
import { configDigest, type NodeConfig, nodeName, readNodeConfig } from './node-config.ts';
import { type NodeHosts, nodeConfigs } from './node-configs.ts';
import { StartedCluster } from './started-cluster.ts';
import { Supervisor } from './supervisor.ts';

export interface EmbeddedEngineOptions extends NodeHosts {
  readonly dataDirectory: string;
  /** Starts one process of ours, before `controller|broker --config FILE`. */
  readonly program: readonly [string, ...string[]];
  /** A process that serves and answers nothing for so long is killed and started again. */
  readonly hungAfterMs: number;
}

interface Node {
  readonly config: NodeConfig;
  readonly folder: string;
  readonly text: string;
  /** The zone of a broker; the controller is in none. */
  readonly zone: number | null;
}

/** Clusters of our own brokers: a detached process for the controller and for each broker, all on this machine. */
export class EmbeddedEngine implements Engine {
  readonly #world: World;
  readonly #options: EmbeddedEngineOptions;
  readonly #started = new Map<string, StartedCluster>();
  #report: (arn: string, problem: StateInfo | null) => void = () => {};

  constructor(world: World, options: EmbeddedEngineOptions) {
    this.#world = world;
    this.#options = options;
  }

  onHealth(listener: (arn: string, problem: StateInfo | null) => void): void {
    this.#report = listener;
  }

  async prepare(cluster: Cluster): Promise<void> {
    for (const node of this.#nodes(cluster)) writeConfig(node);
  }

  async start(cluster: Cluster, signal: AbortSignal, asTheyRun: readonly number[] = []): Promise<void> {
    signal.throwIfAborted();
    const started = this.#started.get(cluster.arn) ?? new StartedCluster();
    this.#started.set(cluster.arn, started);
    for (const wanted of this.#nodes(cluster)) {
      if (started.nodes.has(wanted.folder)) continue;
      const kept = wanted.config.kind === 'broker' && asTheyRun.includes(wanted.config.options.brokerId);
      const node = kept ? asItRuns(wanted) : wanted;
      // The hosts may be others than in the last life; processes with another configuration are restarted.
      writeConfig(node);
      const supervisor = this.#supervisor(cluster.arn, node);
      started.nodes.set(node.folder, supervisor);
      if (isDown(cluster, node)) await supervisor.hold();
      else supervisor.start();
    }
    await started.ready(started.nodes.keys(), signal);
    started.serving = true;
    started.zonesDown = zonesDown(cluster);
  }

  async restartBroker(
    cluster: Cluster,
    brokerId: number,
    { anew }: { readonly anew: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    const { started, node, supervisor } = this.#find(cluster, brokerId);
    if (anew || supervisor.digest !== configDigest(node.text)) {
      await supervisor.stop();
      writeConfig(node);
      const next = this.#supervisor(cluster.arn, node);
      started.nodes.set(node.folder, next);
      if (isDown(cluster, node)) await next.hold();
      else next.start();
    }
    await started.ready([node.folder], signal);
  }

  async stopBroker(cluster: Cluster, brokerId: number): Promise<void> {
    const started = this.#started.get(cluster.arn);
    const folder = this.#brokerFolder(cluster, brokerId);
    const supervisor = started?.nodes.get(folder);
    started?.nodes.delete(folder);
    await (supervisor ? supervisor.stop() : endProcessIn(this.#world.clock, folder));
  }

  async removeBroker(cluster: Cluster, brokerId: number): Promise<void> {
    rmSync(this.#brokerFolder(cluster, brokerId), { recursive: true, force: true });
  }

  async strike(cluster: Cluster, brokerId: number, blow: Blow): Promise<string> {
    const { supervisor } = this.#find(cluster, brokerId);
    const { pid } = supervisor;
    if (pid === null)
      throw new EngineError('NOT_RUNNING', `Broker ${brokerId} of ${cluster.name} does not run now.`);
    process.kill(pid, SIGNALS[blow]);
    return `${DID[blow]} broker ${brokerId} of ${cluster.name} (process ${pid}, ${SIGNALS[blow]}).`;
  }

  async applyZones(cluster: Cluster): Promise<void> {
    const started = this.#started.get(cluster.arn);
    if (!started) return;
    started.zonesDown = zonesDown(cluster);
    await Promise.all(
      this.#nodes(cluster).map(async (node) => {
        const supervisor = started.nodes.get(node.folder);
        if (isDown(cluster, node)) await supervisor?.hold();
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
    await stopNodes(nodeFolders(clusterFolder(this.#options.dataDirectory, cluster)), async (folder) => {
      const supervisor = started?.nodes.get(folder);
      await (supervisor ? supervisor.stop() : endProcessIn(this.#world.clock, folder));
    });
  }

  async remove(cluster: Cluster): Promise<void> {
    rmSync(clusterFolder(this.#options.dataDirectory, cluster), { recursive: true, force: true });
  }

  async stopOrphans(known: readonly Cluster[]): Promise<void> {
    const expected = new Set(known.flatMap((cluster) => this.#nodes(cluster).map(({ folder }) => folder)));
    const clusters = clustersFolder(this.#options.dataDirectory);
    const names = existsSync(clusters) ? readdirSync(clusters) : [];
    await Promise.all(
      names.map(async (name) => {
        const orphans = nodeFolders(join(clusters, name)).filter((folder) => !expected.has(folder));
        await stopNodes(orphans, (folder) => endProcessIn(this.#world.clock, folder));
        for (const folder of orphans)
          this.#world.log.warn('This folder belongs to no cluster that is known; no process works in it', {
            folder,
          });
      }),
    );
  }

  #supervisor(arn: string, { config, folder, text }: Node): Supervisor {
    const [node, ...program] = this.#options.program;
    const heap = config.kind === 'broker' ? [`--max-old-space-size=${config.heapMegabytes}`] : [];
    return new Supervisor(
      this.#world,
      {
        name: nodeName(config),
        folder,
        digest: configDigest(text),
        command: [node, ...heap, ...program, config.kind, '--config', join(folder, PROCESS_FILES.config)],
        hungAfterMs: this.#options.hungAfterMs,
        onDeath: ({ brokerEpoch }) => this.#died(config, brokerEpoch),
      },
      () => this.#changed(arn),
    );
  }

  #died(config: NodeConfig, epoch: number | undefined): void {
    if (config.kind !== 'broker' || epoch === undefined) return;
    const { brokerId, controller } = config.options;
    void fenceBroker(this.#world, controller, { brokerId, epoch });
  }

  #changed(arn: string): void {
    const started = this.#started.get(arn);
    if (!started) return;
    started.changed();
    if (started.serving) this.#report(arn, started.problem);
  }

  #find(cluster: Cluster, brokerId: number) {
    const folder = this.#brokerFolder(cluster, brokerId);
    const started = this.#started.get(cluster.arn);
    const supervisor = started?.nodes.get(folder);
    const node = this.#nodes(cluster).find((one) => one.folder === folder);
    if (!started || !supervisor || !node)
      throw new EngineError('NOT_RUNNING', `Broker ${brokerId} of ${cluster.name} is not started.`);
    return { started, supervisor, node };
  }

  #brokerFolder(cluster: Cluster, brokerId: number): string {
    return join(clusterFolder(this.#options.dataDirectory, cluster), brokerFolder(brokerId));
  }

  #nodes(cluster: Cluster): Node[] {
    const folder = clusterFolder(this.#options.dataDirectory, cluster);
    return nodeConfigs(cluster, folder, this.#options).map((config) => ({
      config,
      folder: join(
        folder,
        config.kind === 'controller' ? CONTROLLER_FOLDER : brokerFolder(config.options.brokerId),
      ),
      text: JSON.stringify(config, null, 2),
      zone:
        config.kind === 'controller'
          ? null
          : (cluster.brokers.find(({ id }) => id === config.options.brokerId)?.zone ?? null),
    }));
  }
}

const SIGNALS = { kill: 'SIGKILL', pause: 'SIGSTOP', resume: 'SIGCONT' } as const;
const DID: Readonly<Record<Blow, string>> = { kill: 'Killed', pause: 'Paused', resume: 'Resumed' };

/** Renamed into place, so that a process that starts now reads the old one or the new one. */
function writeConfig({ folder, text }: Node): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, PROCESS_FILES.config);
  writeFileSync(`${file}.new`, text, { flush: true });
  renameSync(`${file}.new`, file);
}

/** With the configuration in its folder, when there is one. */
function asItRuns(node: Node): Node {
  const file = join(node.folder, PROCESS_FILES.config);
  if (!existsSync(file)) return node;
  return { ...node, config: readNodeConfig(file).config, text: readFileSync(file, 'utf8') };
}

function isDown(cluster: Cluster, { zone }: Node): boolean {
  return zone !== null && cluster.zonesDown.includes(zone);
}

function zonesDown(cluster: Cluster): string[] {
  return cluster.zonesDown.map((zone) => `${zone + 1} (${zoneId(cluster.region, zone)})`);
}

function nodeFolders(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .map((name) => join(folder, name))
    .filter((node) => existsSync(join(node, PROCESS_FILES.config)));
}

/** Brokers first: a broker that stops hands its partitions over with the controller's help. */
async function stopNodes(folders: readonly string[], stop: (folder: string) => Promise<void>): Promise<void> {
  const isController = (folder: string): boolean => basename(folder) === CONTROLLER_FOLDER;
  await Promise.all(folders.filter((folder) => !isController(folder)).map(stop));
  await Promise.all(folders.filter(isController).map(stop));
}
