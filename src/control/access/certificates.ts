import type { TlsIdentity } from '../../base/tls.ts';
import type { World } from '../../base/world.ts';
import { createCa, withPermittedNames } from '../../security/certificates/certificate.ts';
import { keptLeaf } from '../../security/certificates/kept-leaf.ts';
import { derOf } from '../../security/certificates/pem.ts';
import { validUntil } from '../../security/certificates/read-certificate.ts';
import type { SealedStore } from '../sealed/sealed-store.ts';
import type { KeptCa } from '../state/sealed-records.ts';
import type { CaRenewal, ServerCertificates } from './server-certificates.ts';
import { permittedNames } from './tls-names.ts';

const DAY_MS = 86_400_000;
/**
 * When so much of a CA's ten years is left, the next one is made, so that clients have a year to trust it.
 */
const NEXT_BEFORE_MS = 800 * DAY_MS;
/** And so much later it signs: no certificate of a broker, which is valid for 396 days, outlives its CA. */
const SIGNS_BEFORE_MS = 430 * DAY_MS;
/** Brokers have new certificates in seconds; a client that is just starting may have seen the old one. */
const FORMER_MS = DAY_MS;

/**
 * The CA of a data folder and the certificates that it signs. It is made when the first cluster needs it, its
 * key is sealed as secrets are, and it vouches for the names of this installation alone. With a further
 * advertised name it stays, by name and key, in a certificate that vouches for that name, too: clients that
 * have the former certificate go on with the names that they had. It is replaced in two phases: first clients
 * are told to trust the next one beside it, then the next one signs.
 */
export class InstallationCertificates implements ServerCertificates, CaRenewal {
  readonly renewal = this;
  readonly #world: World;
  readonly #sealed: SealedStore;
  readonly #names: readonly string[] | null;

  constructor(world: World, sealed: SealedStore, advertised: readonly string[]) {
    this.#world = world;
    this.#sealed = sealed;
    this.#names = permittedNames(advertised);
  }

  get ca(): string {
    const { certificate, next, former } = this.#authority();
    return [certificate, next?.certificate, former?.certificate].join('');
  }

  identity(names: readonly string[], there: TlsIdentity | null): TlsIdentity {
    return keptLeaf(this.#world, this.#authority(), { names, purposes: ['server'] }, there);
  }

  prepareNext(): boolean {
    const ca = this.#authority();
    if (ca.next) return false;
    this.#keep({ ...ca, next: this.#made(`Millrace CA ${this.#tag()}`) });
    return true;
  }

  useNext(): boolean {
    const { next, certificate, names } = this.#authority();
    if (!next) return false;
    const until = this.#world.clock.now() + FORMER_MS;
    this.#keep({ ...next, names, former: { certificate, until } });
    return true;
  }

  /** Nobody else changes what it has. */
  watch(): () => void {
    return () => {};
  }

  keepUp(): void {
    const { ca } = this.#sealed;
    if (!ca) return;
    const now = this.#world.clock.now();
    const leftMs = validUntil(derOf(ca.certificate)) - now;
    const days = Math.floor(leftMs / DAY_MS);
    if (ca.former && ca.former.until < now) {
      const { former: _, ...rest } = ca;
      this.#keep(rest);
    } else if (ca.next && leftMs < SIGNS_BEFORE_MS) {
      this.#world.log.warn('The CA of brokers ends, and the next one signs from now on', { days });
      this.useNext();
    } else if (!ca.next && leftMs < NEXT_BEFORE_MS && this.prepareNext())
      this.#world.log.warn('The CA of brokers ends: give clients the output of "millrace ca export" again', {
        days,
      });
  }

  #authority(): KeptCa {
    const kept = this.#sealed.ca;
    const wanted = this.#names;
    if (!kept) {
      const made = { ...this.#made('Millrace CA'), names: wanted };
      this.#keep(made);
      return made;
    }
    const names = withFurtherNames(kept.names, wanted);
    if (names === kept.names) return kept;
    const widened = (ca: TlsIdentity): TlsIdentity => withPermittedNames(this.#world, ca, names ?? undefined);
    const wider = { ...kept, ...widened(kept), ...(kept.next ? { next: widened(kept.next) } : {}), names };
    this.#keep(wider);
    this.#world.log.warn(
      'The CA of brokers vouches for further names from now on: clients that use those need the output of "millrace ca export"',
      { names },
    );
    return wider;
  }

  #made(commonName: string): TlsIdentity {
    // The next one vouches for no less than the one that it follows.
    const permitted = withFurtherNames(this.#sealed.ca?.names ?? [], this.#names);
    return createCa(this.#world, {
      commonName,
      ...(permitted === null ? {} : { permittedNames: permitted }),
    });
  }

  /** Two CAs of one name would be told apart by their keys alone, which not every client does. */
  #tag(): string {
    return Buffer.from(this.#world.random.bytes(4)).toString('hex');
  }

  #keep(ca: KeptCa): void {
    this.#sealed.execute(() => ({ records: [{ type: 'CaRecord', ca }], answer: null }));
  }
}

/**
 * For what a CA vouches that vouched for `names` and is to vouch for `wanted`, too; `names` itself when that
 * is enough. Null is every name.
 */
function withFurtherNames(names: readonly string[] | null, wanted: readonly string[] | null) {
  if (names === null || wanted === null) return null;
  const further = wanted.filter((name) => !names.includes(name));
  return further.length === 0 ? names : [...names, ...further];
}
