import { X509Certificate } from 'node:crypto';
import type { TlsIdentity } from '../../base/tls.ts';
import type { World } from '../../base/world.ts';
import { createCa, issue } from '../../security/certificates/certificate.ts';
import { certificatesIn, publicKeysIn } from '../../security/certificates/pem.ts';
import { validUntil } from '../../security/certificates/read-certificate.ts';
import { type ApiError, badRequest } from '../aws/api-error.ts';
import { clientCaArn, type Place } from '../aws/arn.ts';
import { EngineError } from '../engine.ts';
import type { SealedStore } from '../sealed/sealed-store.ts';
import type { ClientCa } from '../state/client-ca.ts';
import type { KeptCa } from '../state/sealed-records.ts';

/** Long enough for a root, those that it signed, and one that takes its place. */
const MOST_CERTIFICATES = 16;

/**
 * The CAs that vouch for clients. A cluster believes those that it names, and no other: neither the CA of the
 * brokers' certificates nor that of a cluster's nodes is one of them.
 */
export class ClientAuthorities {
  readonly #world: World;
  readonly #sealed: SealedStore;
  readonly #place: Place;

  constructor(world: World, sealed: SealedStore, place: Place) {
    this.#world = world;
    this.#sealed = sealed;
    this.#place = place;
  }

  all(): ClientCa[] {
    return this.#sealed.clientCas.all();
  }

  byName(name: string): ClientCa | null {
    return this.#sealed.clientCas.get(clientCaArn(this.#place, name));
  }

  has(arn: string): boolean {
    return this.#sealed.clientCas.get(arn) !== null;
  }

  /**
   * The PEM text of all their certificates. Throws EngineError when one is not known: nobody is believed
   * instead.
   */
  roots(arns: readonly string[]): string {
    return arns.map((arn) => this.#known(arn).certificates).join('');
  }

  /** A CA of our own, for people who have none. Throws StoreError. */
  create(name: string): ClientCa | ApiError {
    const { certificate, key } = createCa(this.#world, { commonName: `Millrace clients ${name}` });
    return this.#add(name, certificate, key);
  }

  /**
   * A CA that is kept elsewhere, by the PEM text of its certificates. `nodeCas`: PEM texts of the CAs of
   * clusters' nodes. Throws StoreError.
   */
  import(name: string, pem: string, nodeCas: readonly string[]): ClientCa | ApiError {
    const blocks = certificatesIn(pem);
    const wrong = /PRIVATE KEY/.test(pem)
      ? 'There is a private key beside the certificates: give the certificates alone.'
      : wrongChain(blocks, this.#world.clock.now(), [
          ...ofBrokers(this.#sealed.ca),
          ...nodeCas.map((of) => ({ of, vouchesFor: "the nodes of one of Millrace's clusters" })),
        ]);
    if (wrong !== null) return badRequest(wrong, 'certificates');
    return this.#add(name, blocks.join(''), null);
  }

  /** A new certificate, for a year and a month, and its key; the client is `User:CN=<commonName>`. */
  issue(ca: ClientCa, commonName: string): TlsIdentity | ApiError {
    if (ca.key === null)
      return badRequest(`The key of the client CA ${ca.name} is not here: whoever has it signs for clients.`);
    const authority = { certificate: ca.certificates, key: ca.key };
    return issue(this.#world, authority, { commonName, purposes: ['client'] });
  }

  /** The caller has seen that no cluster names it. Throws StoreError. */
  remove({ arn }: ClientCa): void {
    this.#sealed.execute(({ clientCas }) => clientCas.remove(arn));
  }

  #add(name: string, certificates: string, key: string | null): ClientCa | ApiError {
    const arn = clientCaArn(this.#place, name);
    const addedAt = this.#world.clock.now();
    return this.#sealed.execute(({ clientCas }) => clientCas.add({ arn, name, certificates, key, addedAt }));
  }

  #known(arn: string): ClientCa {
    const ca = this.#sealed.clientCas.get(arn);
    if (!ca) throw new EngineError('CLIENT_CA_MISSING', `The client CA ${arn} is not in secrets.sealed.`);
    return ca;
  }
}

/** Roots that vouch for somebody else than clients, as PEM text. */
interface OtherRoots {
  readonly of: string;
  readonly vouchesFor: string;
}

function ofBrokers(ca: KeptCa | null): OtherRoots[] {
  const kept = [ca?.certificate, ca?.next?.certificate, ca?.former?.certificate];
  return [{ of: kept.join(''), vouchesFor: "Millrace's brokers" }];
}

/** Why these certificates are no CA of clients; null when they are one. */
function wrongChain(blocks: readonly string[], now: number, others: readonly OtherRoots[]): string | null {
  if (blocks.length === 0) return 'There is no certificate in PEM form.';
  if (blocks.length > MOST_CERTIFICATES) return `There are more than ${MOST_CERTIFICATES} certificates.`;
  const chain = blocks.map(read);
  for (const certificate of chain) {
    if (!certificate) return 'A certificate cannot be read.';
    const name = certificate.subject.replaceAll('\n', ', ');
    if (!certificate.ca) return `${name} is no CA: it may not sign certificates.`;
    if (validUntil(certificate.raw) < now) return `${name} has expired.`;
    const other = others.find(({ of }) => publicKeysIn(of).some((key) => certificate.publicKey.equals(key)));
    if (other) return `${name} vouches for ${other.vouchesFor}: clients need a CA of their own.`;
    if (!chain.some((issuer) => issuer && isSignedBy(certificate, issuer)))
      return `The issuer of ${name} is missing: give the certificates up to the root.`;
  }
  return null;
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function read(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
