import type { ConnectAddress, Connection, ListenAddress, Listener, Network } from '../../src/base/network.ts';
import { fixedTls, type ServerTlsSource } from '../../src/base/tls.ts';
import type { World } from '../../src/base/world.ts';
import { createCa } from '../../src/security/certificates/certificate.ts';
import { derOf } from '../../src/security/certificates/pem.ts';

/** Makes a user's name of what `KnownClients` says that its clients have shown. */
export const KNOWN_CLIENTS_RULES = { 'ssl.principal.mapping.rules': 'RULE:^CN=([^,]*)$/$1/,DEFAULT' };

/**
 * A network on which a listener knows its clients without anything that they do, as Apache Kafka's tests of
 * authorization have it with a principal builder of their own: to the broker each has shown a certificate.
 * Nothing is encrypted.
 */
export class KnownClients implements Network {
  readonly #world: World;
  /** Certificates (DER) by the TLS settings of the listeners. */
  readonly #shown = new Map<ServerTlsSource, Uint8Array>();

  constructor(world: World) {
    this.#world = world;
  }

  /** For a listener all of whose clients are this user. */
  allAre(user: string): ServerTlsSource {
    const identity = createCa(this.#world, { commonName: user });
    const tls = fixedTls('required', { identity, clientCas: identity.certificate });
    this.#shown.set(tls, derOf(identity.certificate));
    return tls;
  }

  listen(address: ListenAddress, accept: (connection: Connection) => void): Promise<Listener> {
    const { tls, ...plain } = address;
    const peerCertificate = tls && this.#shown.get(tls);
    if (!peerCertificate) return this.#world.network.listen(address, accept);
    return this.#world.network.listen(plain, (connection) =>
      accept(Object.assign(connection, { peerCertificate })),
    );
  }

  connect(address: ConnectAddress): Promise<Connection> {
    return this.#world.network.connect(address);
  }
}
