import { fixedTls, type ServerTlsSource } from '../base/tls.ts';
import type { World } from '../base/world.ts';
import { createCa, issue } from '../security/certificates/certificate.ts';
import { type SecurityProtocol, usesTls } from '../security/protocol.ts';
import { keptCa } from './kept-ca.ts';
import type { ClientListener } from './listener-option.ts';

/** What the TLS listeners of a cluster show: certificates of a CA of its own, for the names that clients are told. */
export class ClusterTls {
  /** Of the CA, as PEM text. */
  readonly ca: string;
  readonly #source: ServerTlsSource;

  /** Null where no listener has TLS. `folder`: where the CA is kept, so that clients trust the cluster again after its next start. */
  static of(
    world: World,
    options: {
      readonly clusterId: string;
      readonly listeners: readonly ClientListener[];
      readonly folder: string | null;
    },
  ): ClusterTls | null {
    const secured = options.listeners.filter(({ security }) => usesTls(security));
    if (secured.length === 0) return null;
    const names = [...new Set(secured.map(({ advertise }) => advertise))];
    return new ClusterTls(world, names, options);
  }

  private constructor(
    world: World,
    names: readonly string[],
    { clusterId, folder }: { readonly clusterId: string; readonly folder: string | null },
  ) {
    const create = () =>
      createCa(world, { commonName: `Millrace cluster ${clusterId}`, permittedNames: names });
    const ca = folder === null ? create() : keptCa(world, folder, { names, create });
    const [commonName = ''] = names;
    this.ca = ca.certificate;
    const identity = issue(world, ca, { commonName, dnsNames: names, purposes: ['server'] });
    this.#source = fixedTls('none', { identity, clientCas: '' });
  }

  /** What a listener of this protocol shows; null when it shows nothing. */
  sourceFor(security: SecurityProtocol): ServerTlsSource | null {
    return usesTls(security) ? this.#source : null;
  }
}
