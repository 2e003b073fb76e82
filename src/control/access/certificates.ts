import type { TlsIdentity } from '../../base/tls.ts';
import type { World } from '../../base/world.ts';
import { createCa } from '../../security/certificates/certificate.ts';
import { keptLeaf } from '../../security/certificates/kept-leaf.ts';
import type { SealedStore } from '../sealed/sealed-store.ts';
import { permittedNames } from './tls-names.ts';

/** What an engine gets the certificates of its brokers from. */
export interface Certificates {
  /** A certificate for a server of these names, at least one: the one that is there, when it is good for some months more, or a new one. */
  identity(names: readonly string[], there: TlsIdentity | null): TlsIdentity;
}

/**
 * The CA of a data folder and the certificates that it signs. It is made when the first cluster needs it, its key is sealed as
 * secrets are, and it vouches for the names of this installation alone: with another advertised name there is another CA.
 */
export class InstallationCertificates implements Certificates {
  readonly #world: World;
  readonly #sealed: SealedStore;
  readonly #names: readonly string[] | null;

  constructor(world: World, sealed: SealedStore, advertised: readonly string[]) {
    this.#world = world;
    this.#sealed = sealed;
    this.#names = permittedNames(advertised);
  }

  /** PEM of the certificate that clients trust. Throws StoreError. */
  get ca(): string {
    return this.#authority().certificate;
  }

  identity(names: readonly string[], there: TlsIdentity | null): TlsIdentity {
    return keptLeaf(this.#world, this.#authority(), { names, purposes: ['server'] }, there);
  }

  #authority(): TlsIdentity {
    const kept = this.#sealed.ca;
    if (kept && JSON.stringify(kept.names) === JSON.stringify(this.#names)) return kept;
    if (kept)
      this.#world.log.warn('The CA vouches for other names, so there is a new one: clients must trust it');
    const names = this.#names;
    const made = createCa(this.#world, {
      commonName: 'Millrace CA',
      ...(names === null ? {} : { permittedNames: names }),
    });
    this.#sealed.execute(() => ({ records: [{ type: 'CaRecord', ca: { ...made, names } }], answer: null }));
    return made;
  }
}
