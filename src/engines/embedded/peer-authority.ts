import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsIdentity } from '../../base/tls.ts';
import type { World } from '../../base/world.ts';
import type { Certificates } from '../../control/access/server-certificates.ts';
import { createCa } from '../../security/certificates/certificate.ts';
import { keptLeaf } from '../../security/certificates/kept-leaf.ts';
import { type PeerIdentity, peerName } from '../../security/peers/peer-identity.ts';
import type { PeerCaFile, PeerTlsFiles } from '../../security/peers/peer-tls.ts';
import { CONTROL_PLANE_FILE, PEER_CA_FILES } from './layout.ts';
import {
  identityIn,
  writeListenerIdentity,
  writePrivate,
  writePrivateUnlessSo,
} from './listener-identity.ts';

/**
 * The CA of one cluster, which vouches for its nodes alone: another one than the CA that clients trust, so that no certificate
 * of a listener for clients, and of no other cluster, passes for a node. It is kept in the cluster's folder.
 */
export class PeerAuthority implements Certificates {
  readonly #world: World;
  readonly #ca: TlsIdentity;
  readonly #folder: string;
  readonly #domain: string;

  /** Throws when the CA of the folder is missing or damaged: with another one, nodes that run would believe nobody. */
  constructor(world: World, folder: string, uuid: string) {
    this.#world = world;
    this.#folder = folder;
    this.#ca = readCa(join(folder, PEER_CA_FILES.key));
    this.#domain = peerDomain(uuid);
  }

  identity(names: readonly string[], there: TlsIdentity | null): TlsIdentity {
    return keptLeaf(this.#world, this.#ca, { names, purposes: ['server', 'client'] }, there);
  }

  /** Sees that the file has a good certificate of this node, with its key. */
  writeNode(file: string, id: number): void {
    this.#write(file, { kind: 'node', id });
  }

  /** Sees that `controlPlaneFiles` has a good certificate of the control plane, with its key. */
  writeControlPlane(): void {
    this.#write(join(this.#folder, CONTROL_PLANE_FILE), { kind: 'control plane' });
  }

  #write(file: string, peer: PeerIdentity): void {
    writeListenerIdentity(file, [peerName(this.#domain, peer)], this);
  }
}

/** Makes the CA of a cluster's folder unless it is there. Throws when it is damaged. */
export function makePeerAuthority(world: World, folder: string, uuid: string): void {
  const file = join(folder, PEER_CA_FILES.key);
  if (!existsSync(file)) {
    const made = createCa(world, {
      commonName: 'Millrace nodes',
      permittedNames: [peerDomain(uuid)],
    });
    writePrivate(file, `${made.certificate}${made.key}`);
  }
  const { ca } = peerCaFile(folder, uuid);
  const { certificate } = readCa(file);
  writePrivateUnlessSo(ca, certificate);
}

function readCa(file: string): TlsIdentity {
  const ca = identityIn(file);
  if (!ca) throw new Error(`${file}, the CA of a cluster's nodes, is missing or damaged`);
  return ca;
}

/** What the nodes of this cluster know each other by. */
export function peerCaFile(folder: string, uuid: string): PeerCaFile {
  return { ca: join(folder, PEER_CA_FILES.certificate), domain: peerDomain(uuid) };
}

/** What the control plane shows to the nodes of this cluster, and knows them by. */
export function controlPlaneFiles(folder: string, uuid: string): PeerTlsFiles {
  return { ...peerCaFile(folder, uuid), identity: join(folder, CONTROL_PLANE_FILE) };
}

function peerDomain(uuid: string): string {
  return `${uuid}.nodes`;
}
