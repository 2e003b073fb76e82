import { type Disk, readWhole } from '../../base/disk.ts';
import type { ClientTls } from '../../base/tls.ts';
import { peerName } from './peer-identity.ts';
import type { PeerAccess } from './peer-secret.ts';

/** What the nodes of a cluster need that encrypt what they say to each other. */
export interface PeerTlsFiles extends PeerCaFile {
  /**
   * Absolute path of this node's certificate and key, in one PEM file that may be exchanged while the node
   * runs.
   */
  readonly identity: string;
}

/** By what one node knows another. */
export interface PeerCaFile {
  /**
   * Absolute path of the certificate of the CA that signs for the nodes of this cluster and for nobody else,
   * and of those before and after it.
   */
  readonly ca: string;
  /** The names of this cluster's nodes are below it; no other cluster has it. */
  readonly domain: string;
}

/**
 * How whoever connects to a node of the cluster encrypts, knows that it is the one, and shows who it is
 * itself.
 */
export class PeerTls {
  readonly #disk: Disk;
  readonly #files: PeerTlsFiles;

  /** Throws when the CA's file is missing. */
  constructor(disk: Disk, files: PeerTlsFiles) {
    this.#disk = disk;
    this.#files = files;
    this.#cas();
  }

  /**
   * For a connection to the node of this id. Throws when a file cannot be read now: each may be exchanged at
   * any time.
   */
  client(node: number): ClientTls {
    const { identity: file, domain } = this.#files;
    const identity = textOf(this.#disk, file, 'the certificate that a node shows to others');
    return {
      serverCas: this.#cas(),
      serverName: peerName(domain, { kind: 'node', id: node }),
      identity: { certificate: identity, key: identity },
    };
  }

  #cas(): string {
    return textOf(this.#disk, this.#files.ca, 'the certificates of the CA of a cluster');
  }
}

/** What a listener for the nodes shows, and that who is let in has a certificate of the same CA. */
export function peerListenerTls({ identity, ca }: PeerTlsFiles, access: PeerAccess = 'nodes') {
  const clientAuth = access === 'nodes' ? 'required' : 'optional';
  return { certificate: identity, key: identity, clientAuth, clientCas: ca } as const;
}

function textOf(disk: Disk, file: string, what: string): string {
  const content = readWhole(disk, file);
  if (content === null) throw new Error(`${file}, ${what}, is missing`);
  return content.toString('utf8');
}
