import { join } from 'node:path';
import { assert } from '../base/assert.ts';
import type { ServerTls, ServerTlsSource, TlsIdentity } from '../base/tls.ts';
import type { World } from '../base/world.ts';
import { createCa, issue, withPermittedNames } from '../security/certificates/certificate.ts';
import {
  type GivenIdentity,
  GivenIdentityError,
  givenAuthority,
  givenServer,
  nameMissing,
} from '../security/certificates/given-identity.ts';
import { givenLeaf } from '../security/certificates/given-leaf.ts';
import { isPemOfCertificates } from '../security/certificates/pem.ts';
import { ChangingTls } from './changing-tls.ts';
import { keptCa } from './kept-ca.ts';
import type { ClientListener } from './listener-option.ts';
import { text } from './option-values.ts';
import { type ListenerTlsSettings, readCertificates } from './tls-option.ts';

/** An X.509 common name has no more (RFC 5280, appendix A: ub-common-name). */
const NAME_LENGTH_MAX = 64;

/** Certificates, and the CA that clients trust for them, as PEM text. */
interface Shown {
  readonly ca: string;
  identity(name: string): TlsIdentity;
}

interface ClusterTlsOptions {
  readonly clusterId: string;
  readonly listeners: readonly ClientListener[];
  /**
   * Where the CAs are kept, so that clients trust the cluster again after its next start; null to keep them
   * nowhere.
   */
  readonly folder: string | null;
}

/**
 * What the TLS listeners of a cluster show and believe. Its server CA vouches for the brokers, for the names
 * that clients are told; its client CA for those who ask for a `clientCertificate`. Each is made when a
 * listener needs it, and neither is taken for the other.
 */
export class ClusterTls {
  readonly #world: World;
  readonly #options: ClusterTlsOptions;
  readonly #server: Shown | null;
  /** What the listeners with certificates or a CA of one's own show. */
  readonly #own: Map<ClientListener, Shown>;
  /** What changed of the listeners' options since the start. */
  readonly #changed = new Map<ClientListener, ListenerTlsSettings>();
  readonly #sources = new Map<ClientListener, ChangingTls>();
  readonly #clientCa: TlsIdentity | null;

  constructor(world: World, options: ClusterTlsOptions) {
    this.#world = world;
    this.#options = options;
    const { listeners, clusterId } = options;
    this.#own = new Map(
      listeners.flatMap((listener) => {
        const own = ownShown(world, listener);
        return own ? [[listener, own] as const] : [];
      }),
    );
    const names = [
      ...new Set(listeners.filter(({ tls }) => tls && !tls.own).map(({ advertise }) => advertise)),
    ];
    this.#server = names.length === 0 ? null : this.#newServer(names);
    const hasClients = listeners.some(({ tls }) => tls && tls.clientAuth !== 'none' && tls.clientCa === null);
    const commonName = `Millrace clients of ${clusterId}`;
    this.#clientCa = hasClients
      ? this.#keptCa('client-ca.json', [], () => createCa(world, { commonName }))
      : null;
  }

  /** The roots of all that the listeners show, as PEM text; undefined where none encrypts. */
  get ca(): string | undefined {
    const roots = this.#options.listeners.flatMap((listener) => this.#shownBy(listener)?.ca ?? []);
    return roots.length === 0 ? undefined : [...new Set(roots)].join('');
  }

  /** What a listener shows, on every broker; null when it does not encrypt. */
  sourceFor(listener: ClientListener): ServerTlsSource | null {
    return this.#sourceFor(listener);
  }

  /**
   * What new connections through the listener get and what their clients are believed by is as `given` says,
   * in the words of its option. Throws TypeError.
   */
  change(listener: ClientListener, given: unknown): void {
    const source = this.#sourceFor(listener);
    const before = this.#tlsOf(listener);
    if (!source || !before)
      throw new TypeError(`The listener ${listener.name} does not encrypt: it shows no certificate.`);
    const tls = readCertificates(given, before, 'changeCertificates');
    if (tls.clientCa !== null && !isPemOfCertificates(tls.clientCa))
      throw new TypeError('changeCertificates.clientCa holds something that is no certificate.');
    const own = tls.own === before.own ? null : ownShown(this.#world, { ...listener, tls });
    if (own) this.#own.set(listener, own);
    this.#changed.set(listener, tls);
    source.become(this.#settings(listener, tls));
  }

  #sourceFor(listener: ClientListener): ChangingTls | null {
    const tls = this.#tlsOf(listener);
    if (!tls) return null;
    const source =
      this.#sources.get(listener) ?? new ChangingTls(tls.clientAuth, this.#settings(listener, tls));
    this.#sources.set(listener, source);
    return source;
  }

  #tlsOf(listener: ClientListener): ListenerTlsSettings | null {
    return this.#changed.get(listener) ?? listener.tls;
  }

  #settings(listener: ClientListener, tls: ListenerTlsSettings): ServerTls {
    const identity = this.#shownBy(listener)?.identity(listener.advertise);
    assert(identity, 'a listener that encrypts shows a certificate');
    const clientCas = tls.clientAuth === 'none' ? '' : (tls.clientCa ?? this.#clientCa?.certificate ?? '');
    return { identity, clientCas };
  }

  clientCertificate(name: string): TlsIdentity {
    const commonName = text(name, 'The name of a client') ?? '';
    if (commonName === '' || commonName.length > NAME_LENGTH_MAX)
      throw new TypeError(`The name of a client has 1 to ${NAME_LENGTH_MAX} characters.`);
    if (!this.#clientCa)
      throw new TypeError(
        'No listener of this cluster takes certificates of its own client CA: start it with the option tls: { clientAuth } and without clientCa.',
      );
    return issue(this.#world, this.#clientCa, { commonName, purposes: ['client'] });
  }

  #shownBy(listener: ClientListener): Shown | null {
    return listener.tls ? (this.#own.get(listener) ?? this.#server) : null;
  }

  #newServer(names: readonly string[]): Shown {
    const world = this.#world;
    const create = () =>
      createCa(world, { commonName: `Millrace cluster ${this.#options.clusterId}`, permittedNames: names });
    const ca = this.#keptCa('server-ca.json', names, create);
    // Each name has its own: a client that trusts the CA for one name alone would refuse a certificate that
    // has another, too.
    const identities = new Map(
      names.map((name) => [
        name,
        issue(world, ca, { commonName: name, dnsNames: [name], purposes: ['server'] }),
      ]),
    );
    return {
      ca: ca.certificate,
      identity(name) {
        const identity = identities.get(name);
        assert(identity, 'the listener is one of those that were given');
        return identity;
      },
    };
  }

  #keptCa(file: string, names: readonly string[], create: () => TlsIdentity): TlsIdentity {
    const { folder } = this.#options;
    if (folder === null) return create();
    return keptCa(join(folder, file), {
      names,
      create,
      widened: (ca, more) => withPermittedNames(this.#world, ca, more),
    });
  }
}

/**
 * Null where the cluster's own CA signs. What no client would believe is told at the start. Throws
 * TypeError.
 */
function ownShown(world: World, { tls, name, advertise }: ClientListener): Shown | null {
  if (!tls?.own) return null;
  const { own } = tls;
  const at = `tls of the listener ${name}`;
  const now = world.clock.now();
  const { certificate, key, root } = usable(at, () =>
    own.kind === 'server' ? givenServer(own.given, now) : givenAuthority(own.given, now),
  );
  if (own.kind === 'authority' && root === null)
    throw new TypeError(`${at}: ca ends with the root, which is what clients trust; it is missing.`);
  const given = { certificate, key };
  const identity = own.kind === 'server' ? given : givenLeaf(world, given, [advertise], null);
  if (nameMissing(identity.certificate, [advertise]) !== null)
    throw new TypeError(
      `${at}: the certificate is not for ${advertise}, which clients are told (advertise).`,
    );
  return { ca: own.kind === 'server' ? own.ca : (root ?? ''), identity: () => identity };
}

function usable(at: string, read: () => GivenIdentity): GivenIdentity {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof GivenIdentityError)) throw cause;
    throw new TypeError(`${at}: ${cause.message}.`);
  }
}
