import { type Disk, readWhole } from '../../base/disk.ts';
import type { ClientTls } from '../../base/tls.ts';

/** What the nodes of a cluster need that encrypt what they say to each other. */
export interface PeerTlsFiles extends PeerCaFile {
  /** Absolute path of this node's certificate and key, in one PEM file that may be exchanged while the node runs. */
  readonly identity: string;
}

/** By what one node knows another. */
export interface PeerCaFile {
  /** Absolute path of the certificate of the CA that signs for the nodes of this cluster, and for nobody else. */
  readonly ca: string;
  /** The names of this cluster's nodes are below it; no other cluster has it. */
  readonly domain: string;
}

/** What nodes of one cluster are called in their certificates. Nobody resolves these names. */
export class PeerNames {
  readonly #ca: string;
  readonly #domain: string;

  /** Throws when the file is missing. */
  constructor(disk: Disk, { ca, domain }: PeerCaFile) {
    const certificate = readWhole(disk, ca);
    if (certificate === null) throw new Error(`${ca}, the certificate of the CA of a cluster, is missing`);
    this.#ca = certificate.toString('utf8');
    this.#domain = domain;
  }

  /** How whoever connects to this node verifies that it is the one. */
  tls(node: number): ClientTls {
    return { serverCas: this.#ca, serverName: peerName(this.#domain, node) };
  }
}

/** The name in the certificate of one node: a broker or the controller, by its id. */
export function peerName(domain: string, node: number): string {
  return `node-${node}.${domain}`;
}

/** What a listener for the nodes shows: they sign in by the secret that they share, and show no certificate. */
export function peerListenerTls({ identity }: PeerTlsFiles) {
  return { certificate: identity, key: identity, clientAuth: 'none' } as const;
}
