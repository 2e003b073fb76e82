import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../base/assert.ts';
import type { World } from '../base/world.ts';
import type { BrokerListener } from '../broker/broker.ts';
import { VOLUME_FILE } from '../broker/volume/volume-file.ts';
import type { Certificates } from '../control/access/server-certificates.ts';
import type { StateInfo } from '../control/aws/state-info.ts';
import { zoneId } from '../control/aws/zone-id.ts';
import { clientEndpoints } from '../control/endpoints/client-endpoints.ts';
import type { AdvertisedHosts, ClientEndpoint } from '../control/endpoints/endpoint.ts';
import {
  type Blow,
  type ClientRoots,
  type DirectoryOf,
  type Engine,
  EngineError,
} from '../control/engine.ts';
import { type BrokerPlace, type Cluster, startConfig } from '../control/state/cluster.ts';
import {
  CLIENT_LISTENERS,
  clientAuthOf,
  encryptsInCluster,
  isEncrypted,
  signInOf,
} from '../control/state/listeners.ts';
import { volumeBytes } from '../control/state/provisioned-spec.ts';
import { exportersConfig } from '../engines/embedded/cluster-exporters.ts';
import { writeDirectory, writeEach } from '../engines/embedded/iam-directory.ts';
import { brokerFolder, clusterFolder, PROCESS_FILES } from '../engines/embedded/layout.ts';
import { makeSyncedFolder } from '../platform/make-folder.ts';
import { replaceChangedFile } from '../platform/replace-file.ts';
import type { BrokerPlan } from './broker-node.ts';
import { ChangingTls } from './changing-tls.ts';
import { ClusterNodes, INTERNAL_HOST } from './cluster-nodes.ts';
import { REPLICATION_LISTENER } from './listener-option.ts';

export interface InProcessEngineOptions {
  readonly folder: string;
  /** Where brokers listen for clients, and what those are told. */
  readonly advertised: AdvertisedHosts;
}

/** What an encrypted listener of a broker shows, and the name that is in its certificate. */
interface ShownCertificate {
  readonly name: string;
  readonly source: ChangingTls;
}

/**
 * Runs the clusters that are made through the API in this process, as `startCluster` runs its own, which is
 * adopted. Brokers of a zone that is down were killed. Nothing can be paused: there are no processes of their
 * own.
 */
export class InProcessEngine implements Engine {
  readonly #world: World;
  readonly #options: InProcessEngineOptions;
  readonly #clusters = new Map<string, ClusterNodes>();
  /** By the ARN of the cluster, then by broker. */
  readonly #shown = new Map<string, Map<number, readonly ShownCertificate[]>>();
  readonly #adopted = new Set<string>();
  readonly #problems = new Map<string, StateInfo>();
  #report: (arn: string, problem: StateInfo | null) => void = () => {};
  #certificates: Certificates | null = null;
  #clientRoots: ClientRoots = () => '';
  #directoryOf: DirectoryOf | null = null;

  constructor(world: World, options: InProcessEngineOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** A cluster that runs already. */
  adopt(arn: string, nodes: ClusterNodes): void {
    this.#clusters.set(arn, nodes);
    this.#adopted.add(arn);
  }

  nodes(arn: string): ClusterNodes | undefined {
    return this.#clusters.get(arn);
  }

  onHealth(listener: (arn: string, problem: StateInfo | null) => void): void {
    this.#report = listener;
  }

  /** A node that dies is a problem of its cluster, and the cluster's state tells it. */
  onNodeNews(): void {}

  useCertificates(certificates: Certificates, clientRoots: ClientRoots): void {
    this.#certificates = certificates;
    this.#clientRoots = clientRoots;
  }

  useDirectories(directoryOf: DirectoryOf): void {
    this.#directoryOf = directoryOf;
  }

  applyDirectory(cluster: Cluster): void {
    // What was adopted lets nobody in by IAM.
    if (!this.#clusters.has(cluster.arn) || this.#adopted.has(cluster.arn)) return;
    writeEach(cluster.brokers, (place) => this.#writeDirectory(cluster, place));
  }

  /** Nodes encrypt with a CA that lives as long as the process, which nobody has a file of. */
  nodeCa(): null {
    return null;
  }

  renewNodeCa(): boolean {
    return false;
  }

  async renewCertificates({ arn }: Cluster): Promise<null> {
    for (const { name, source } of [...(this.#shown.get(arn)?.values() ?? [])].flat()) {
      const there = source.current().identity;
      const identity = this.#certificates?.identity([name], there);
      if (identity && identity !== there) source.become({ ...source.current(), identity });
    }
    return null;
  }

  async prepare(): Promise<void> {}

  async start(cluster: Cluster, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const nodes = this.#clusters.get(cluster.arn) ?? this.#newNodes(cluster);
    this.#clusters.set(cluster.arn, nodes);
    for (const place of cluster.brokers)
      if (!nodes.ids.includes(place.id)) nodes.add(this.#plan(cluster, place));
    await this.applySettings(cluster);
    this.applyDirectory(cluster);
    try {
      await nodes.start();
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new EngineError('START_FAILED', message, { cause });
    }
  }

  async restartBroker(cluster: Cluster, brokerId: number): Promise<void> {
    const nodes = this.#clusters.get(cluster.arn);
    const place = cluster.brokers.find(({ id }) => id === brokerId);
    // What was adopted listens where `startCluster` said.
    if (place && !this.#adopted.has(cluster.arn)) {
      this.#writeDirectory(cluster, place);
      nodes?.relisten(brokerId, this.#plan(cluster, place).listeners);
    }
    if (place) nodes?.reconfigure(brokerId, startConfig(cluster, place));
    await nodes?.restart(brokerId);
  }

  /** All nodes of a cluster begin together. */
  nextToSecure(): null {
    return null;
  }

  fixed({ arn }: Cluster): string | null {
    return this.#adopted.has(arn)
      ? 'The cluster was made by startCluster, whose options say how it listens, stores and is monitored: make a cluster with CreateCluster to change that.'
      : null;
  }

  async applySettings(cluster: Cluster): Promise<void> {
    // What was adopted is what `startCluster` made it: without volumes and exporters.
    if (this.#adopted.has(cluster.arn)) return;
    for (const place of cluster.brokers) this.#writeSettings(cluster, place);
  }

  async restartController(cluster: Cluster): Promise<void> {
    await this.#clusters.get(cluster.arn)?.restartController(startConfig(cluster));
  }

  async stopBroker(cluster: Cluster, brokerId: number): Promise<void> {
    await this.#clusters.get(cluster.arn)?.stopBroker(brokerId);
  }

  async removeBroker(cluster: Cluster, brokerId: number): Promise<void> {
    await this.#clusters.get(cluster.arn)?.removeBroker(brokerId);
  }

  async strike(cluster: Cluster, brokerId: number, blow: Blow): Promise<string> {
    if (blow !== 'kill')
      throw new EngineError(
        'NOT_SUPPORTED',
        'A broker inside the process of its user cannot be paused: kill it, or use "millrace up".',
      );
    const nodes = this.#clusters.get(cluster.arn);
    if (!nodes?.isRunning(brokerId))
      throw new EngineError('NOT_RUNNING', `Broker ${brokerId} of ${cluster.name} does not run now.`);
    await nodes.kill(brokerId);
    await nodes.restart(brokerId);
    return `Killed broker ${brokerId} of ${cluster.name}.`;
  }

  async applyZones(cluster: Cluster): Promise<void> {
    const nodes = this.#clusters.get(cluster.arn);
    if (!nodes) return;
    for (const { id, zone } of cluster.brokers) {
      const isDown = cluster.zonesDown.includes(zone);
      if (isDown && nodes.isRunning(id)) await nodes.kill(id);
      if (!isDown && !nodes.isRunning(id)) await nodes.restart(id);
    }
    const zones = cluster.zonesDown.map((zone) => `${zone + 1} (${zoneId(cluster.region, zone)})`);
    this.#setProblem(
      cluster.arn,
      zones.length === 0 ? null : { code: 'ZONE_DOWN', message: `Zone ${zones.join(', ')} is down.` },
    );
  }

  problem(cluster: Cluster): StateInfo | null {
    return this.#problems.get(cluster.arn) ?? null;
  }

  async stop(cluster: Cluster): Promise<void> {
    await this.#clusters.get(cluster.arn)?.stop();
    this.#clusters.delete(cluster.arn);
    this.#shown.delete(cluster.arn);
  }

  async remove(cluster: Cluster): Promise<void> {
    await rm(clusterFolder(this.#options.folder, cluster), { recursive: true, force: true });
  }

  async stopOrphans(): Promise<void> {}

  #newNodes(cluster: Cluster): ClusterNodes {
    return new ClusterNodes(this.#world, {
      clusterId: cluster.clusterId,
      folder: clusterFolder(this.#options.folder, cluster),
      config: startConfig(cluster),
      ...(encryptsInCluster(cluster.spec) ? { encryptsAs: cluster.uuid } : {}),
      brokers: cluster.brokers.map((place) => this.#plan(cluster, place)),
      onDeath: ({ message }) => this.#setProblem(cluster.arn, { code: 'NODE_DIED', message }),
    });
  }

  #writeSettings(cluster: Cluster, place: BrokerPlace): void {
    const folder = join(clusterFolder(this.#options.folder, cluster), brokerFolder(place.id));
    makeSyncedFolder(folder);
    replaceChangedFile(join(folder, VOLUME_FILE), `${volumeBytes(cluster.spec)}\n`);
    const exporters = JSON.stringify(exportersConfig(cluster, place, this.#options));
    replaceChangedFile(join(folder, PROCESS_FILES.exporters), exporters);
  }

  #writeDirectory(cluster: Cluster, place: BrokerPlace): void {
    const folder = join(clusterFolder(this.#options.folder, cluster), brokerFolder(place.id));
    const directoryOf = this.#directoryOf;
    const ways = place.listeners.map(signInOf);
    makeSyncedFolder(folder);
    writeDirectory(folder, ways, () => {
      assert(directoryOf, 'the engine was told where directories come from');
      return directoryOf(cluster);
    });
  }

  #plan(cluster: Cluster, place: BrokerPlace): BrokerPlan {
    const { id, zone } = place;
    return {
      brokerId: id,
      rack: zoneId(cluster.region, zone),
      listeners: [
        ...this.#listeners(cluster, place),
        { name: REPLICATION_LISTENER, purpose: 'replication', host: INTERNAL_HOST, port: 0 },
      ],
      config: startConfig(cluster, place),
    };
  }

  /** The encrypted ones show a certificate with the name that clients are told there, and no other. */
  #listeners({ arn }: Cluster, place: BrokerPlace): BrokerListener[] {
    const endpoints = clientEndpoints(place, this.#options.advertised);
    const encrypted = endpoints.filter(({ kind }) => isEncrypted(kind));
    if (encrypted.length === 0) return endpoints.map((endpoint) => listenerOf(endpoint));
    const certificates = this.#certificates;
    assert(certificates, 'the engine was told where certificates come from');
    const clientCas = this.#clientRoots(place.clientCas);
    const tls = new Map(
      encrypted.map((one) => {
        const identity = certificates.identity([one.advertisedHost], null);
        return [one, new ChangingTls(clientAuthOf(one.kind), { identity, clientCas })];
      }),
    );
    const shown = [...tls].map(([{ advertisedHost }, source]) => ({ name: advertisedHost, source }));
    const ofCluster = this.#shown.get(arn) ?? new Map<number, readonly ShownCertificate[]>();
    this.#shown.set(arn, ofCluster.set(place.id, shown));
    return endpoints.map((endpoint) => listenerOf(endpoint, tls.get(endpoint)));
  }

  #setProblem(arn: string, problem: StateInfo | null): void {
    if (problem) this.#problems.set(arn, problem);
    else this.#problems.delete(arn);
    this.#report(arn, problem);
  }
}

function listenerOf(
  { kind, nth, listener: name, security, host, port, advertisedHost }: ClientEndpoint,
  tls?: ChangingTls,
): BrokerListener {
  const more = nth === 0 ? {} : { configsOf: CLIENT_LISTENERS[kind].name };
  const listener = { name, security, purpose: 'client', host, port, advertisedHost, ...more } as const;
  return tls ? { ...listener, ...signInOf(kind), tls } : listener;
}
