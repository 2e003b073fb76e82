import { tlsName } from '../access/tls-names.ts';
import { hostOfBroker } from '../broker-host.ts';
import type { BrokerPlace } from '../state/cluster.ts';
import { CLIENT_LISTENERS, isEncrypted } from '../state/listeners.ts';
import { portOf } from '../state/ports.ts';
import type { AdvertisedHost, ClientEndpoint } from './endpoint.ts';

/**
 * The endpoints of a broker for clients: all its listeners under the first advertised host, then all under
 * the second, and so on.
 */
export function clientEndpoints(
  { id, portBase, listeners, endpoints }: Pick<BrokerPlace, 'id' | 'portBase' | 'listeners' | 'endpoints'>,
  advertised: readonly AdvertisedHost[],
): readonly ClientEndpoint[] {
  if (endpoints) return endpoints;
  return advertised.flatMap(({ host, name }, nth) =>
    listeners.map((kind): ClientEndpoint => {
      const { name: listener, security, offset } = CLIENT_LISTENERS[kind];
      return {
        kind,
        nth,
        listener: nth === 0 ? listener : `${listener}_${nth + 1}`,
        security,
        host: hostOfBroker(host, id),
        port: portOf(portBase, offset, nth),
        advertisedHost: (isEncrypted(kind) && tlsName(name, id)) || hostOfBroker(name, id),
      };
    }),
  );
}
