import { isIP } from 'node:net';
import { javaAddress } from '../../base/java-address.ts';
import { WILDCARD } from '../../security/acl/acl.ts';

/** As brokers compare hosts: an IPv6 address in Java's spelling, anything else as it is. */
export function aclHost(host: string): string {
  return isIP(host) === 0 ? host : javaAddress(host.toLowerCase());
}

/** Why an ACL from this host would apply to nobody; null when it may apply. */
export function invalidAclHost(host: string): string | null {
  if (host === WILDCARD || isIP(host) !== 0) return null;
  return `${JSON.stringify(host)} is no IP address. An ACL is from one address, as 10.0.0.1 or ::1, or from every one (*); brokers know no names of hosts, and no networks.`;
}
