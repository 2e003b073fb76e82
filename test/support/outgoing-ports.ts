import { existsSync, readFileSync } from 'node:fs';
import { FIRST_GIVEN, LAST_GIVEN } from './free-port.ts';

const RANGE_FILE = '/proc/sys/net/ipv4/ip_local_port_range';

/** Called by Vitest before the whole run: says whether this machine may take the tests' ports away. */
export function setup(): void {
  const warning = existsSync(RANGE_FILE) ? overlapOf(readFileSync(RANGE_FILE, 'utf8')) : null;
  if (warning !== null) process.stderr.write(`${warning}\n`);
}

/** What to know of a machine with this range of ports for outgoing connections; null when nothing. */
export function overlapOf(range: string): string | null {
  const [first = 0, last = 0] = range.trim().split(/\s+/).map(Number);
  if (first > LAST_GIVEN || last < FIRST_GIVEN) return null;
  return (
    `This machine gives the ports ${first} to ${last} to outgoing connections (${RANGE_FILE}), and tests ` +
    `start servers on ports from ${FIRST_GIVEN} to ${LAST_GIVEN}: a test may fail because a connection has ` +
    `the port of its server. \`sysctl -w net.ipv4.ip_local_port_range="32768 60999"\` prevents that.`
  );
}
