import { isIPv4 } from 'node:net';

export const LOCALHOST = 'localhost';

/** The names of a machine for itself that mean the same to its programs. */
export const LOCALHOST_NAMES: readonly string[] = [LOCALHOST, '127.0.0.1', '::1'];

/**
 * Whether a host is one of these names. Another loopback address, as one for each broker, is another place.
 */
export function isLocalhost(host: string): boolean {
  return LOCALHOST_NAMES.includes(host.toLowerCase());
}

/**
 * Whether nobody but programs on this machine reaches the host: `localhost`, ::1, and every address of
 * 127.0.0.0/8.
 */
export function isLoopback(host: string): boolean {
  return isLocalhost(host) || (isIPv4(host) && host.startsWith('127.'));
}
