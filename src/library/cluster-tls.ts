import { join } from 'node:path';
import { assert } from '../base/assert.ts';
import { fixedTls, type ServerTlsSource, type TlsIdentity } from '../base/tls.ts';
import type { World } from '../base/world.ts';
import { createCa, issue, withPermittedNames } from '../security/certificates/certificate.ts';
import { GivenIdentityError, givenServer, nameMissing } from '../security/certificates/given-identity.ts';
import { keptCa } from './kept-ca.ts';
import type { ClientListener } from './listener-option.ts';
import { OptionError, text } from './option-values.ts';

/** An X.509 common name has no more (RFC 5280, appendix A: ub-common-name). */
const NAME_LENGTH_MAX = 64;

interface ClusterTlsOptions {
  readonly clusterId: string;
  readonly listeners: readonly ClientListener[];
  /** Where the CAs are kept, so that clients trust the cluster again after its next start; null to keep them nowhere. */
  readonly folder: string | null;
}

/**
 * What the TLS listeners of a cluster show and believe. Its server CA vouches for the brokers, for the names that clients are told; its
 * client CA for those who ask for a `clientCertificate`. Each is made when a listener needs it, and neither is taken for the other.
 */
export class ClusterTls {
  readonly #world: World;
  readonly #options: ClusterTlsOptions;
  readonly #server: { readonly ca: string; identity(name: string): TlsIdentity } | null;
  readonly #clientCa: TlsIdentity | null;

  constructor(world: World, options: ClusterTlsOptions) {
    this.#world = world;
    this.#options = options;
    const { listeners, clusterId } = options;
    for (const listener of listeners) checkOwn(world, listener);
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
    const roots = this.#options.listeners.flatMap(({ tls }) =>
      tls ? (tls.own?.ca ?? this.#server?.ca ?? []) : [],
    );
    return roots.length === 0 ? undefined : [...new Set(roots)].join('');
  }

  /** What a listener shows; null when it does not encrypt. */
  sourceFor({ tls, advertise }: ClientListener): ServerTlsSource | null {
    const identity = tls?.own?.identity ?? (tls && this.#server?.identity(advertise));
    if (!tls || !identity) return null;
    const clientCas = tls.clientAuth === 'none' ? '' : (tls.clientCa ?? this.#clientCa?.certificate ?? '');
    return fixedTls(tls.clientAuth, { identity, clientCas });
  }

  clientCertificate(name: string): TlsIdentity {
    const commonName = text(name, 'The name of a client') ?? '';
    if (commonName === '' || commonName.length > NAME_LENGTH_MAX)
      throw new OptionError(`The name of a client has 1 to ${NAME_LENGTH_MAX} characters.`);
    if (!this.#clientCa)
      throw new OptionError(
        'No listener of this cluster takes certificates of its own client CA: start it with the option tls: { clientAuth } and without clientCa.',
      );
    return issue(this.#world, this.#clientCa, { commonName, purposes: ['client'] });
  }

  #newServer(names: readonly string[]): { readonly ca: string; identity(name: string): TlsIdentity } {
    const world = this.#world;
    const create = () =>
      createCa(world, { commonName: `Millrace cluster ${this.#options.clusterId}`, permittedNames: names });
    const ca = this.#keptCa('server-ca.json', names, create);
    // Each name has its own: a client that trusts the CA for one name alone would refuse a certificate that has another, too.
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

/** A certificate that no client would believe is told at the start. Throws OptionError. */
function checkOwn({ clock }: Pick<World, 'clock'>, { tls, name, advertise }: ClientListener): void {
  if (!tls?.own) return;
  const { certificate, key } = tls.own.identity;
  const at = `tls of the listener ${name}`;
  try {
    givenServer({ certificates: certificate, key }, clock.now());
  } catch (cause) {
    if (!(cause instanceof GivenIdentityError)) throw cause;
    throw new OptionError(`${at}: ${cause.message}.`);
  }
  if (nameMissing(certificate, [advertise]) !== null)
    throw new OptionError(
      `${at}: the certificate is not for ${advertise}, which clients are told (advertise).`,
    );
}
