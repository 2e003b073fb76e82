import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { assert } from '../../base/assert.ts';
import type { LogLevel } from '../../base/log.ts';
import type { World } from '../../base/world.ts';
import type { BrokerListener } from '../../broker/broker.ts';
import { VOLUME_FILE } from '../../broker/volume/volume-file.ts';
import { Peers } from '../../client/peers/peers.ts';
import type { Certificates } from '../../control/access/server-certificates.ts';
import {
  type Blow,
  type ClientRoots,
  type Engine,
  EngineError,
  type NodeNews,
} from '../../control/engine.ts';
import type { Cluster, StateInfo } from '../../control/state/cluster.ts';
import { encryptsInCluster } from '../../control/state/listeners.ts';
import { volumeBytes } from '../../control/state/provisioned-spec.ts';
import { makeSyncedFolder } from '../../platform/make-folder.ts';
import { replaceChangedFile } from '../../platform/replace-file.ts';
import { Supervisor } from '../../processes/supervisor.ts';
import { makePeerSecret, readPeerSecret } from '../../security/peers/peer-secret-file.ts';
import { PeerTls } from '../../security/peers/peer-tls.ts';
import { exportersConfig } from './cluster-exporters.ts';
import { endProcessIn } from './end-process.ts';
import { fenceBroker } from './fence-broker.ts';
import {
  brokerFolder,
  CONTROLLER_FOLDER,
  clientCasFile,
  clusterFolder,
  clustersFolder,
  PEER_SECRET_FILE,
  PROCESS_FILES,
} from './layout.ts';
import { writeListenerIdentity } from './listener-identity.ts';
import { configDigest, type NodeConfig, nodeName, readNodeConfig } from './node-config.ts';
import { type NodeHosts, nodeConfigs } from './node-configs.ts';
import { OwnProcess } from './own-process.ts';
import { controlPlaneFiles, makePeerAuthority, PeerAuthority, peerCaFile } from './peer-authority.ts';
import { PeerPhases } from './peer-phases.ts';
import { StartedCluster, type StartedNode } from './started-cluster.ts';
import { endProcesses, nodeProcesses } from './stray-nodes.ts';

export interface EmbeddedEngineOptions extends NodeHosts {
  readonly dataDirectory: string;
  /** Starts one process of ours, before `controller|broker --config FILE`. */
  readonly program: readonly [string, ...string[]];
  /** A process that serves and answers nothing for so long is killed and started again. */
  readonly hungAfterMs: number;
  /** `info` where none is given. */
  readonly logLevel?: LogLevel;
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
  #tell: (arn: string, news: NodeNews) => void = () => {};
  #certificates: Certificates | null = null;
  #clientRoots: ClientRoots = () => '';

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

  nodeCa(cluster: Cluster): string | null {
    const { ca } = peerCaFile(this.#clusterFolder(cluster), cluster.uuid);
    return existsSync(ca) ? readFileSync(ca, 'utf8') : null;
  }

  async renewCertificates(cluster: Cluster): Promise<number | null> {
    const nodes = this.#nodes(cluster).filter(({ folder }) => existsSync(folder));
    if (nodes.length === 0) return null;
    const write = (): void => {
      this.#writeOwnIdentity(cluster);
      for (const node of nodes) this.#writeIdentities(cluster, node);
    };
    write();
    if (!encryptsInCluster(cluster.spec)) return null;
    const authority = this.#peerAuthority(cluster);
    if (authority.advance()) write();
    return authority.waitMs;
  }

  renewNodeCa(cluster: Cluster): boolean {
    return this.nodeCa(cluster) !== null && this.#peerAuthority(cluster).prepareNext();
  }

  async prepare(cluster: Cluster): Promise<void> {
    await this.#secure(cluster);
    for (const node of this.#nodes(cluster)) this.#writeFiles(cluster, node);
  }

  async start(cluster: Cluster, signal: AbortSignal, asTheyRun: readonly number[] = []): Promise<void> {
    signal.throwIfAborted();
    const phases = this.#phases(cluster);
    const started = this.#started.get(cluster.arn) ?? new StartedCluster(cluster);
    this.#started.set(cluster.arn, started);
    await this.#secure(cluster);
    signal.throwIfAborted();
    const launched: Promise<void>[] = [];
    for (const wanted of this.#nodes(cluster)) {
      if (started.nodes.has(wanted.folder)) continue;
      const kept = wanted.config.kind === 'broker' && asTheyRun.includes(wanted.config.options.brokerId);
      const node = kept || phases.mayWait(wanted) ? asItRuns(wanted) : wanted;
      // The hosts may be others than in the last life; processes with another configuration are restarted.
      this.#writeFiles(cluster, node);
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
    const phases = this.#phases(cluster);
    let next = phases.next(this.#nodes(cluster));
    if (!next && phases.current === 'everybody') {
      phases.become('nodes');
      next = phases.next(this.#nodes(cluster));
    }
    if (!next) return null;
    return next.config.kind === 'controller' ? 'controller' : next.config.options.brokerId;
  }

  async #restart(
    cluster: Cluster,
    { started, node, running }: { started: StartedCluster; node: Node; running: StartedNode },
    anew: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    if (anew || running.digest !== configDigest(node.text)) {
      // First what can fail for want of room: the process that runs is stopped only for one that can be started.
      this.#writeFiles(cluster, node);
      await running.supervisor.stop();
      await this.#launch(cluster, node, started);
    }
    await started.ready([node.folder], signal);
  }

  fixed(): null {
    return null;
  }

  async applySettings(cluster: Cluster): Promise<void> {
    for (const node of this.#nodes(cluster)) if (existsSync(node.folder)) this.#writeSettings(cluster, node);
  }

  async stopBroker(cluster: Cluster, brokerId: number): Promise<void> {
    const started = this.#started.get(cluster.arn);
    const folder = this.#brokerFolder(cluster, brokerId);
    const supervisor = started?.nodes.get(folder)?.supervisor;
    started?.nodes.delete(folder);
    await (supervisor ? supervisor.stop() : endProcessIn(this.#world.clock, folder));
    await endProcesses(
      this.#world.clock,
      nodeProcesses(this.#clusterFolder(cluster)).filter((one) => one.folder === folder),
    );
  }

  async removeBroker(cluster: Cluster, brokerId: number): Promise<void> {
    rmSync(this.#brokerFolder(cluster, brokerId), { recursive: true, force: true });
  }

  async strike(cluster: Cluster, brokerId: number, blow: Blow): Promise<string> {
    const { pid } = this.#find(cluster, brokerId).running.supervisor;
    if (pid === null)
      throw new EngineError('NOT_RUNNING', `Broker ${brokerId} of ${cluster.name} does not run now.`);
    process.kill(pid, SIGNALS[blow]);
    return `${DID[blow]} broker ${brokerId} of ${cluster.name} (process ${pid}, ${SIGNALS[blow]}).`;
  }

  async applyZones(cluster: Cluster): Promise<void> {
    const started = this.#started.get(cluster.arn);
    if (!started) return;
    started.zonesDown = cluster.zonesDown;
    await Promise.all(
      this.#nodes(cluster).map(async (node) => {
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
    // Also those whose folders were removed: their supervisors would go on for ever.
    const folders = new Set([...nodeFolders(this.#clusterFolder(cluster)), ...(started?.nodes.keys() ?? [])]);
    await stopNodes([...folders], async (folder) => {
      const supervisor = started?.nodes.get(folder)?.supervisor;
      await (supervisor ? supervisor.stop() : endProcessIn(this.#world.clock, folder));
    });
    // What is left works in a folder that was removed: nothing in it says so any more.
    await endProcesses(this.#world.clock, nodeProcesses(this.#clusterFolder(cluster)));
  }

  async remove(cluster: Cluster): Promise<void> {
    rmSync(this.#clusterFolder(cluster), { recursive: true, force: true });
  }

  async stopOrphans(known: readonly Cluster[]): Promise<void> {
    const expected = new Set(known.flatMap((cluster) => this.#nodes(cluster).map(({ folder }) => folder)));
    const clusters = clustersFolder(this.#options.dataDirectory);
    const names = existsSync(clusters) ? readdirSync(clusters) : [];
    const lost = nodeProcesses(clusters).filter(({ isFolderGone }) => isFolderGone);
    for (const { pid, folder } of lost)
      this.#world.log.warn('The folder of a node was removed, and its process is stopped', { pid, folder });
    await endProcesses(this.#world.clock, lost);
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

  #writeFiles(cluster: Cluster, node: Node): void {
    makeSyncedFolder(node.folder);
    this.#writeIdentities(cluster, node);
    writeConfig(node);
    this.#writeSettings(cluster, node);
  }

  /** What a broker looks at while it runs; a controller has none of it. */
  #writeSettings(cluster: Cluster, { config, folder }: Node): void {
    if (config.kind !== 'broker') return;
    replaceChangedFile(join(folder, VOLUME_FILE), `${volumeBytes(cluster.spec)}\n`);
    const place = cluster.brokers.find(({ id }) => id === config.options.brokerId);
    if (!place) return;
    const exporters = exportersConfig(cluster, place, this.#options.advertised[0].host);
    replaceChangedFile(join(folder, PROCESS_FILES.exporters), JSON.stringify(exporters, null, 2));
  }

  /** What the nodes know each other by is there, and whom they let in is settled. */
  async #secure(cluster: Cluster): Promise<void> {
    makeSyncedFolder(this.#clusterFolder(cluster));
    await makePeerSecret(this.#world, this.#peerSecretFile(cluster));
    if (encryptsInCluster(cluster.spec))
      makePeerAuthority(this.#world, this.#clusterFolder(cluster), cluster.uuid);
    this.#phases(cluster).begin(this.#nodes(cluster));
    this.#writeOwnIdentity(cluster);
  }

  /** Of the control plane, where the cluster's nodes ask for it. */
  #writeOwnIdentity(cluster: Cluster): void {
    if (!encryptsInCluster(cluster.spec)) return;
    this.#peerAuthority(cluster).writeControlPlane();
  }

  #writeIdentities(cluster: Cluster, { config, folder }: Node): void {
    if (config.options.peerTls) {
      const id = config.kind === 'broker' ? config.options.brokerId : config.options.nodeId;
      this.#peerAuthority(cluster).writeNode(join(folder, PROCESS_FILES.peer), id);
    }
    if (config.kind !== 'broker') return;
    const { brokerId, listeners } = config.options;
    this.#writeClientIdentities(listeners);
    const { clientCas = [] } = cluster.brokers.find(({ id }) => id === brokerId) ?? {};
    const roots = join(folder, clientCasFile(clientCas));
    // One that runs as before names the file of the CAs that it had, which is there.
    if (listeners.some(({ tls }) => tls && 'clientCas' in tls && tls.clientCas === roots))
      replaceChangedFile(roots, this.#clientRoots(clientCas));
  }

  /** Of a broker's encrypted listeners for clients: each file has a certificate with the names of all listeners that show it. */
  #writeClientIdentities(listeners: readonly BrokerListener[]): void {
    const namesIn = new Map<string, Set<string>>();
    for (const { purpose, tls, advertisedHost } of listeners) {
      if (purpose !== 'client' || !tls || !('certificate' in tls) || advertisedHost === undefined) continue;
      namesIn.set(tls.certificate, (namesIn.get(tls.certificate) ?? new Set()).add(advertisedHost));
    }
    for (const [file, names] of namesIn) {
      assert(this.#certificates, 'the engine was told where certificates come from');
      writeListenerIdentity(file, [...names], this.#certificates);
    }
  }

  /** Resolves at once, or when a process that must not run has ended. */
  async #launch(cluster: Cluster, node: Node, started: StartedCluster): Promise<void> {
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

  #process(cluster: Cluster, { config, folder, text }: Node, started: StartedCluster): OwnProcess {
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
    const folder =
      brokerId === null
        ? join(this.#clusterFolder(cluster), CONTROLLER_FOLDER)
        : this.#brokerFolder(cluster, brokerId);
    const started = this.#started.get(cluster.arn);
    const running = started?.nodes.get(folder);
    const node = this.#nodes(cluster).find((one) => one.folder === folder);
    if (!started || !running || !node)
      throw new EngineError(
        'NOT_RUNNING',
        `${brokerId === null ? 'The controller' : `Broker ${brokerId}`} of ${cluster.name} is not started.`,
      );
    return { started, running, node };
  }

  #brokerFolder(cluster: Cluster, brokerId: number): string {
    return join(this.#clusterFolder(cluster), brokerFolder(brokerId));
  }

  /** Reaches the nodes of a cluster as its control plane. */
  peers(cluster: Cluster): Peers {
    const { disk } = this.#world;
    const file = this.#peerSecretFile(cluster);
    // Before its first start by a release that has secrets.
    const secret = existsSync(file) ? readPeerSecret(disk, file) : null;
    const access = this.#phases(cluster).current ?? 'everybody';
    if (!encryptsInCluster(cluster.spec)) return new Peers(this.#world, secret, null, access);
    const files = controlPlaneFiles(this.#clusterFolder(cluster), cluster.uuid);
    return new Peers(this.#world, secret, new PeerTls(disk, files), access);
  }

  #peerAuthority(cluster: Cluster): PeerAuthority {
    return new PeerAuthority(this.#world, this.#clusterFolder(cluster), cluster.uuid);
  }

  #clusterFolder(cluster: Cluster): string {
    return clusterFolder(this.#options.dataDirectory, cluster);
  }

  #phases(cluster: Cluster): PeerPhases {
    return new PeerPhases(this.#clusterFolder(cluster));
  }

  #peerSecretFile(cluster: Cluster): string {
    return join(this.#clusterFolder(cluster), PEER_SECRET_FILE);
  }

  #nodes(cluster: Cluster): Node[] {
    const folder = this.#clusterFolder(cluster);
    const peers = {
      peerSecretFile: this.#peerSecretFile(cluster),
      peerAccess: this.#phases(cluster).current ?? 'nodes',
    };
    return nodeConfigs(cluster, folder, { ...this.#options, ...peers }).map((config) => ({
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

/**
 * Renamed into place, so that a process that starts now reads the old one or the new one. What is there already is not written again: a
 * full disk must not keep from running what ran before.
 */
function writeConfig({ folder, text }: Node): void {
  replaceChangedFile(join(folder, PROCESS_FILES.config), text);
}

/** With the configuration in its folder, when there is one. */
function asItRuns(node: Node): Node {
  const file = join(node.folder, PROCESS_FILES.config);
  if (!existsSync(file)) return node;
  return { ...node, config: readNodeConfig(file).config, text: readFileSync(file, 'utf8') };
}

function isDown(started: StartedCluster, { zone }: Node): boolean {
  return zone !== null && started.zonesDown.includes(zone);
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
