const MAPPED = '::ffff:';
const GROUPS = 8;

/**
 * An IP address as Java's `InetAddress.getHostAddress` writes it, since the hosts of ACLs are compared as
 * text: IPv6 with all of its eight groups and no leading zeros, and an IPv4 address that came through an IPv6
 * socket as IPv4.
 */
export function javaAddress(address: string): string {
  if (!address.includes(':')) return address;
  if (address.startsWith(MAPPED) && address.includes('.')) return address.slice(MAPPED.length);
  const [text = '', zone] = address.split('%', 2);
  const [head = '', tail] = text.split('::', 2);
  const front = groupsOf(head);
  const back = tail === undefined ? [] : groupsOf(tail);
  const missing = new Array<string>(Math.max(0, GROUPS - front.length - back.length)).fill('0');
  const all = [...front, ...missing, ...back].join(':');
  return zone === undefined ? all : `${all}%${zone}`;
}

/**
 * Whom an address as above belongs to: an IPv6 address is one of the 2^64 that whoever has it can come from.
 */
export function networkOf(address: string): string {
  return address.includes(':')
    ? address
        .split(':')
        .slice(0, GROUPS / 2)
        .join(':')
    : address;
}

function groupsOf(text: string): string[] {
  if (text === '') return [];
  return text.split(':').map((group) => Number.parseInt(group, 16).toString(16));
}
