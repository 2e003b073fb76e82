import { isIP } from 'node:net';
import { BROKER_ID, hostOfBroker } from '../broker-host.ts';
import { isLocalhost, LOCALHOST } from '../loopback.ts';

/**
 * The name by which clients reach a broker by TLS. Not every client finds an address in a certificate, so
 * those of
 * `localhost` become that name; null for other addresses, which have none.
 */
export function tlsName(advertise: string, brokerId: number): string | null {
  const host = hostOfBroker(advertise, brokerId);
  if (isIP(host) === 0) return host;
  return isLocalhost(host) ? LOCALHOST : null;
}

/**
 * The names, with all names below them, that a CA for brokers with these advertised names vouches for; null
 * when it vouches for every name.
 */
export function permittedNames(advertised: readonly string[]): string[] | null {
  const names = advertised.map(permittedOf);
  // In one order, whatever the order of the options: with other names there is another CA.
  return names.includes(null) ? null : [LOCALHOST, ...new Set(names.flatMap((one) => one ?? []).sort())];
}

/** Beside `localhost`; null when the names of the brokers have nothing in common. */
function permittedOf(advertise: string): string[] | null {
  const [before = '', after] = advertise.split(BROKER_ID);
  if (after === undefined) {
    const name = tlsName(advertise, 0);
    return name === null || name === LOCALHOST ? [] : [name];
  }
  // `broker-{id}.example` is below `example`.
  const domain = /^[^.]*\.(.+)$/.exec(after)?.[1];
  return domain !== undefined && !before.includes('.') ? [domain] : null;
}
