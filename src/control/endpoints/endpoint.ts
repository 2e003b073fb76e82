import type { SecurityProtocol } from '../../security/protocol.ts';
import { isLocalhost } from '../loopback.ts';
import type { ListenerKind } from '../state/listeners.ts';

/** Where one listener of a node is. */
export interface ListenerEndpoint {
  /** What Kafka calls the listener in the node's configuration. */
  readonly listener: string;
  readonly security: SecurityProtocol;
  /** The address that is bound. */
  readonly host: string;
  readonly port: number;
}

/** An endpoint for clients, which are told a name under which they find it again. */
export interface ClientEndpoint extends ListenerEndpoint {
  readonly kind: ListenerKind;
  /** Which of the advertised hosts it belongs to: 0 is the first. */
  readonly nth: number;
  readonly advertisedHost: string;
}

/**
 * What Kafka's `advertised.listeners` says of a listener: clients that came in by an endpoint of this host
 * are told its name, for every broker. In both, `{id}` stands for the broker's number.
 */
export interface AdvertisedHost {
  /** The address that brokers bind. */
  readonly host: string;
  /** The name or address that clients are told. */
  readonly name: string;
}

/** At least one; the first is the default. */
export type AdvertisedHosts = readonly [AdvertisedHost, ...AdvertisedHost[]];

/** IPv6 addresses stand in brackets before a port. */
export function hostInAddress(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/**
 * The one that a host names; names of this machine for itself mean the same where the host itself is not
 * among them.
 */
export function namedEndpoint(
  endpoints: readonly ClientEndpoint[],
  host: string,
): ClientEndpoint | undefined {
  const own = host.toLowerCase();
  return (
    endpoints.find(({ advertisedHost }) => advertisedHost.toLowerCase() === own) ??
    (isLocalhost(own) ? endpoints.find(({ advertisedHost }) => isLocalhost(advertisedHost)) : undefined)
  );
}
