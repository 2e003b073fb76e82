import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsIdentity } from '../../base/tls.ts';
import type { World } from '../../base/world.ts';
import type { Certificates } from '../../control/access/server-certificates.ts';
import { replaceChangedFile, replaceFile } from '../../platform/replace-file.ts';
import { createCa } from '../../security/certificates/certificate.ts';
import { keptLeaf } from '../../security/certificates/kept-leaf.ts';
import { derOf } from '../../security/certificates/pem.ts';
import { validUntil } from '../../security/certificates/read-certificate.ts';
import { type PeerIdentity, peerName } from '../../security/peers/peer-identity.ts';
import type { PeerCaFile, PeerTlsFiles } from '../../security/peers/peer-tls.ts';
import { CONTROL_PLANE_FILE, PEER_CA_FILES } from './layout.ts';
import { writeListenerIdentity } from './listener-identity.ts';
import { believedCas, type PeerCas, parsePeerCas, peerCasText } from './peer-cas.ts';

const DAY_MS = 86_400_000;
/**
 * When so much of a CA's ten years is left, another one takes its place: no certificate of a node, which is
 * valid for 396 days, outlives its CA.
 */
const REPLACED_BEFORE_MS = 430 * DAY_MS;
/**
 * Nodes read what they believe every 5 s; one that was held up has three times as long. A connection that
 * comes too early is tried again.
 */
const LEARNT_MS = 15_000;
/** A node that was stopped meanwhile, as by a debugger, shows its former certificate until it goes on. */
const FORMER_MS = DAY_MS;

/**
 * The CA of one cluster, which vouches for its nodes alone: another one than the CA that clients trust, so
 * that no certificate of a listener for clients, and of no other cluster, passes for a node. It is kept in
 * the cluster's folder. It is replaced in two phases while the nodes run: first they believe the next one
 * beside it, then the next one signs. Each step is one file that is exchanged, and who was killed between two
 * goes on from what the files say.
 */
export class PeerAuthority implements Certificates {
  readonly #world: World;
  readonly #folder: string;
  readonly #domain: string;
  #cas: PeerCas;

  /**
   * Throws when the CA of the folder is missing or damaged: with another one, nodes that run would believe
   * nobody.
   */
  constructor(world: World, folder: string, uuid: string) {
    this.#world = world;
    this.#folder = folder;
    this.#cas = readCas(this.#file);
    this.#domain = peerDomain(uuid);
  }

  identity(names: readonly string[], there: TlsIdentity | null): TlsIdentity {
    return keptLeaf(this.#world, this.#cas.signs, { names, purposes: ['server', 'client'] }, there);
  }

  /** Sees that the file has a good certificate of this node, with its key. */
  writeNode(file: string, id: number): void {
    this.#write(file, { kind: 'node', id });
  }

  /** Sees that `controlPlaneFiles` has a good certificate of the control plane, with its key. */
  writeControlPlane(): void {
    this.#write(join(this.#folder, CONTROL_PLANE_FILE), { kind: 'control plane' });
  }

  /**
   * Makes the CA that takes the place of this one, and has the nodes believe it. False when that is under
   * way.
   */
  prepareNext(): boolean {
    if (this.#cas.next) return false;
    this.#keep({ ...this.#cas, next: newCa(this.#world, this.#domain) });
    return true;
  }

  /**
   * Goes on with the replacement of the CA as far as the time allows, and begins one long before the CA ends.
   * Every node has a good certificate when this is called. True when another CA signs from now on, and each
   * needs one of it.
   */
  advance(): boolean {
    // A kill may have been between the two files.
    this.#keep(this.#cas);
    const { signs, next, former } = this.#cas;
    if (next && this.waitMs === 0) {
      this.#keep({ signs: next, next: null, former: signs.certificate });
      return true;
    }
    if (former && this.#since(PEER_CA_FILES.key) >= FORMER_MS) this.#keep({ ...this.#cas, former: null });
    else if (leftMs(this.#world, signs) < REPLACED_BEFORE_MS) this.prepareNext();
    return false;
  }

  /** After which the next CA can sign; null when there is none. */
  get waitMs(): number | null {
    return this.#cas.next && Math.max(0, LEARNT_MS - this.#since(PEER_CA_FILES.certificate));
  }

  /** One that has ended lets nobody in any more: another one takes its place at once. */
  replaceEnded(): void {
    if (leftMs(this.#world, this.#cas.signs) <= 0)
      this.#keep({ signs: newCa(this.#world, this.#domain), next: null, former: null });
    else this.#keep(this.#cas);
  }

  get #file(): string {
    return join(this.#folder, PEER_CA_FILES.key);
  }

  /** Milliseconds since the file was written. */
  #since(name: string): number {
    return this.#world.clock.now() - statSync(join(this.#folder, name)).mtimeMs;
  }

  #keep(cas: PeerCas): void {
    this.#cas = cas;
    replaceChangedFile(this.#file, peerCasText(cas));
    replaceChangedFile(join(this.#folder, PEER_CA_FILES.certificate), believedCas(cas));
  }

  #write(file: string, peer: PeerIdentity): void {
    writeListenerIdentity(file, [peerName(this.#domain, peer)], this);
  }
}

/** Makes the CA of a cluster's folder unless it is there. Throws when it is damaged. */
export function makePeerAuthority(world: World, folder: string, uuid: string): void {
  const file = join(folder, PEER_CA_FILES.key);
  if (!existsSync(file)) {
    const signs = newCa(world, peerDomain(uuid));
    replaceFile(file, peerCasText({ signs, next: null, former: null }));
  }
  new PeerAuthority(world, folder, uuid).replaceEnded();
}

/** Two CAs of one name would be told apart by their keys alone. */
function newCa(world: World, domain: string): TlsIdentity {
  const tag = Buffer.from(world.random.bytes(4)).toString('hex');
  return createCa(world, { commonName: `Millrace nodes ${tag}`, permittedNames: [domain] });
}

function leftMs({ clock }: World, { certificate }: TlsIdentity): number {
  return validUntil(derOf(certificate)) - clock.now();
}

function readCas(file: string): PeerCas {
  const cas = existsSync(file) ? parsePeerCas(readFileSync(file, 'utf8')) : null;
  if (!cas) throw new Error(`${file}, the CA of a cluster's nodes, is missing or damaged`);
  return cas;
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
