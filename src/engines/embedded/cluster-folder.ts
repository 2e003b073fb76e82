import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '../../base/assert.ts';
import type { World } from '../../base/world.ts';
import type { BrokerListener } from '../../broker/broker.ts';
import { VOLUME_FILE } from '../../broker/volume/volume-file.ts';
import { Peers } from '../../client/peers/peers.ts';
import type { Certificates } from '../../control/access/server-certificates.ts';
import type { ClientRoots, DirectoryOf } from '../../control/engine.ts';
import type { Cluster } from '../../control/state/cluster.ts';
import { encryptsInCluster } from '../../control/state/listeners.ts';
import { volumeBytes } from '../../control/state/provisioned-spec.ts';
import { makeSyncedFolder } from '../../platform/make-folder.ts';
import { replaceChangedFile } from '../../platform/replace-file.ts';
import { makePeerSecret, readPeerSecret } from '../../security/peers/peer-secret-file.ts';
import { PeerTls } from '../../security/peers/peer-tls.ts';
import { exportersConfig } from './cluster-exporters.ts';
import { writeDirectory } from './iam-directory.ts';
import {
  brokerFolder,
  CONTROLLER_FOLDER,
  clientCasFile,
  clusterFolder,
  PEER_SECRET_FILE,
  PROCESS_FILES,
} from './layout.ts';
import { writeListenerIdentity } from './listener-identity.ts';
import { type NodeConfig, readNodeConfig } from './node-config.ts';
import { type NodeHosts, nodeConfigs } from './node-configs.ts';
import { controlPlaneFiles, makePeerAuthority, PeerAuthority, peerCaFile } from './peer-authority.ts';
import { PeerPhases } from './peer-phases.ts';

export interface ClusterFolderOptions extends NodeHosts {
  readonly dataDirectory: string;
  /** What else the API and the exporters are called. */
  readonly apiNames?: readonly string[];
}

/** What brokers show to clients, and whom they believe. */
export interface ClientTrust {
  /** Null until the engine was told: a cluster without encrypted listeners needs none. */
  readonly certificates: Certificates | null;
  readonly roots: ClientRoots;
  /** Null until the engine was told: a cluster where nobody signs in by IAM needs none. */
  readonly directoryOf: DirectoryOf | null;
}

/** One process of a cluster: the controller, or a broker. */
export interface ClusterNode {
  readonly config: NodeConfig;
  readonly folder: string;
  /** The configuration as its file has it. */
  readonly text: string;
  /** The zone of a broker; the controller is in none. */
  readonly zone: number | null;
}

/**
 * The folder of a cluster: what its nodes are started with, what they know each other by, and what they show
 * to clients. Every file is renamed into place, and one that is there already is not written again: a full
 * disk must not keep from running what ran before.
 */
export class ClusterFolder {
  readonly path: string;
  readonly #world: World;
  readonly #options: ClusterFolderOptions;
  readonly #cluster: Cluster;
  readonly #trust: ClientTrust;

  constructor(world: World, options: ClusterFolderOptions, cluster: Cluster, trust: ClientTrust) {
    this.path = clusterFolder(options.dataDirectory, cluster);
    this.#world = world;
    this.#options = options;
    this.#cluster = cluster;
    this.#trust = trust;
  }

  brokerFolder(brokerId: number): string {
    return join(this.path, brokerFolder(brokerId));
  }

  get controllerFolder(): string {
    return join(this.path, CONTROLLER_FOLDER);
  }

  /** As the cluster wants them, the controller first; what their folders have may be older. */
  nodes(): ClusterNode[] {
    const peers = {
      peerSecretFile: this.#peerSecretFile,
      peerAccess: this.phases.current ?? 'nodes',
    };
    return nodeConfigs(this.#cluster, this.path, { ...this.#options, ...peers }).map((config) => ({
      config,
      folder:
        config.kind === 'controller' ? this.controllerFolder : this.brokerFolder(config.options.brokerId),
      text: JSON.stringify(config, null, 2),
      zone:
        config.kind === 'controller'
          ? null
          : (this.#cluster.brokers.find(({ id }) => id === config.options.brokerId)?.zone ?? null),
    }));
  }

  /** Whom the nodes let in. */
  get phases(): PeerPhases {
    return new PeerPhases(this.path);
  }

  /** What the nodes know each other by is there, and whom they let in is settled. */
  async secure(): Promise<void> {
    makeSyncedFolder(this.path);
    await makePeerSecret(this.#world, this.#peerSecretFile);
    if (this.#encrypts) makePeerAuthority(this.#world, this.path, this.#cluster.uuid);
    this.phases.begin(this.nodes());
    this.#writeOwnIdentity();
  }

  /** All that the node's process reads at its start. */
  writeNode(node: ClusterNode): void {
    makeSyncedFolder(node.folder);
    this.#writeIdentities(node);
    this.writeDirectory(node);
    replaceChangedFile(join(node.folder, PROCESS_FILES.config), node.text);
    this.writeSettings(node);
  }

  /** What a broker looks at while it runs; a controller has none of it. */
  writeSettings({ config, folder }: ClusterNode): void {
    if (config.kind !== 'broker') return;
    replaceChangedFile(join(folder, VOLUME_FILE), `${volumeBytes(this.#cluster.spec)}\n`);
    const place = this.#cluster.brokers.find(({ id }) => id === config.options.brokerId);
    if (!place) return;
    const exporters = exportersConfig(this.#cluster, place, this.#options);
    replaceChangedFile(join(folder, PROCESS_FILES.exporters), JSON.stringify(exporters, null, 2));
  }

  /** What a broker where clients sign in by IAM looks at while it runs; no other node has it. */
  writeDirectory({ config, folder }: ClusterNode): void {
    if (config.kind !== 'broker') return;
    const { directoryOf } = this.#trust;
    writeDirectory(folder, config.options.listeners, () => {
      assert(directoryOf, 'the engine was told where directories come from');
      return directoryOf(this.#cluster);
    });
  }

  /** The CA of the nodes, as PEM; null where they do not encrypt, or never started. */
  get nodeCa(): string | null {
    const { ca } = peerCaFile(this.path, this.#cluster.uuid);
    return existsSync(ca) ? readFileSync(ca, 'utf8') : null;
  }

  /**
   * Makes the CA that takes the place of the nodes' own one. False when there is one already, or none to
   * replace.
   */
  prepareNextNodeCa(): boolean {
    return this.nodeCa !== null && this.#peerAuthority.prepareNext();
  }

  /** Returns how many ms to wait before the nodes' next CA can go on; null when nothing is to be done. */
  renewCertificates(): number | null {
    const nodes = this.nodes().filter(({ folder }) => existsSync(folder));
    if (nodes.length === 0) return null;
    const write = (): void => {
      this.#writeOwnIdentity();
      for (const node of nodes) this.#writeIdentities(node);
    };
    write();
    if (!this.#encrypts) return null;
    const authority = this.#peerAuthority;
    if (authority.advance()) write();
    return authority.waitMs;
  }

  /** Reaches the nodes as their control plane. */
  peers(): Peers {
    const { disk } = this.#world;
    const file = this.#peerSecretFile;
    // Before its first start by a release that has secrets.
    const secret = existsSync(file) ? readPeerSecret(disk, file) : null;
    const access = this.phases.current ?? 'everybody';
    if (!this.#encrypts) return new Peers(this.#world, secret, null, access);
    const files = controlPlaneFiles(this.path, this.#cluster.uuid);
    return new Peers(this.#world, secret, new PeerTls(disk, files), access);
  }

  get #encrypts(): boolean {
    return encryptsInCluster(this.#cluster.spec);
  }

  get #peerAuthority(): PeerAuthority {
    return new PeerAuthority(this.#world, this.path, this.#cluster.uuid);
  }

  get #peerSecretFile(): string {
    return join(this.path, PEER_SECRET_FILE);
  }

  /** Of the control plane, where the cluster's nodes ask for it. */
  #writeOwnIdentity(): void {
    if (this.#encrypts) this.#peerAuthority.writeControlPlane();
  }

  #writeIdentities({ config, folder }: ClusterNode): void {
    if (config.options.peerTls) {
      const id = config.kind === 'broker' ? config.options.brokerId : config.options.nodeId;
      this.#peerAuthority.writeNode(join(folder, PROCESS_FILES.peer), id);
    }
    if (config.kind !== 'broker') return;
    const { brokerId, listeners } = config.options;
    this.#writeListenerIdentities(listeners);
    const { clientCas = [] } = this.#cluster.brokers.find(({ id }) => id === brokerId) ?? {};
    const roots = join(folder, clientCasFile(clientCas));
    // One that runs as before names the file of the CAs that it had, which is there.
    if (listeners.some(({ tls }) => tls && 'clientCas' in tls && tls.clientCas === roots))
      replaceChangedFile(roots, this.#trust.roots(clientCas));
  }

  /**
   * Of a broker's encrypted listeners for clients: each file has a certificate with the names of all
   * listeners that show it.
   */
  #writeListenerIdentities(listeners: readonly BrokerListener[]): void {
    const namesIn = new Map<string, Set<string>>();
    for (const { purpose, tls, advertisedHost } of listeners) {
      if (purpose !== 'client' || !tls || !('certificate' in tls) || advertisedHost === undefined) continue;
      namesIn.set(tls.certificate, (namesIn.get(tls.certificate) ?? new Set()).add(advertisedHost));
    }
    for (const [file, names] of namesIn) {
      assert(this.#trust.certificates, 'the engine was told where certificates come from');
      writeListenerIdentity(file, [...names], this.#trust.certificates);
    }
  }
}

/** The node with the configuration in its folder, when there is one. */
export function asItRuns(node: ClusterNode): ClusterNode {
  const file = join(node.folder, PROCESS_FILES.config);
  if (!existsSync(file)) return node;
  return { ...node, config: readNodeConfig(file).config, text: readFileSync(file, 'utf8') };
}
