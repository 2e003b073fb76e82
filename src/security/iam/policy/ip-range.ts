/** Addresses that begin with the same bits. */
export interface IpRange {
  /** 4 for IPv4, 16 for IPv6. */
  readonly bytes: readonly number[];
  readonly bits: number;
}

const DECIMAL = /^(?:0|[1-9]\d{0,2})$/;
const HEXADECIMAL = /^[0-9a-f]{1,4}$/i;
const V4_BYTES = 4;
const V6_GROUPS = 8;
/** The bytes before an IPv4 address that is written as an IPv6 one (`::ffff:10.0.0.1`). */
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** `10.0.0.0/8`, `2001:db8::/32`, or one address; null where the text is none. */
export function ipRange(text: string): IpRange | null {
  const [address = '', prefix, ...more] = text.split('/');
  const bytes = address.includes(':') ? v6Bytes(address) : v4Bytes(address);
  if (!bytes || more.length > 0) return null;
  if (prefix === undefined) return { bytes, bits: bytes.length * 8 };
  if (!DECIMAL.test(prefix) || Number(prefix) > bytes.length * 8) return null;
  return { bytes, bits: Number(prefix) };
}

export function isInRange(address: IpRange, range: IpRange): boolean {
  const [one, other] = [unmapped(address), range];
  if (one.bytes.length !== other.bytes.length || one.bits < other.bits) return false;
  for (let bit = 0; bit < other.bits; bit += 8) {
    const mask = (0xff00 >> Math.min(8, other.bits - bit)) & 0xff;
    const index = bit >> 3;
    if (((one.bytes[index] ?? 0) & mask) !== ((other.bytes[index] ?? 0) & mask)) return false;
  }
  return true;
}

function unmapped({ bytes, bits }: IpRange): IpRange {
  const isMapped = bytes.length > V4_BYTES && MAPPED.every((byte, index) => bytes[index] === byte);
  return isMapped ? { bytes: bytes.slice(MAPPED.length), bits: bits - MAPPED.length * 8 } : { bytes, bits };
}

function v4Bytes(text: string): number[] | null {
  const parts = text.split('.');
  if (parts.length !== V4_BYTES || !parts.every((part) => DECIMAL.test(part) && Number(part) <= 0xff))
    return null;
  return parts.map(Number);
}

function v6Bytes(text: string): number[] | null {
  const dotted = text.lastIndexOf(':') + 1;
  if (text.slice(dotted).includes('.')) {
    const last = v4Bytes(text.slice(dotted));
    if (!last) return null;
    const [a = 0, b = 0, c = 0, d = 0] = last;
    return v6Bytes(`${text.slice(0, dotted)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`);
  }
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [front = [], back] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const given = [...front, ...(back ?? [])];
  if (!given.every((group) => HEXADECIMAL.test(group))) return null;
  const missing = V6_GROUPS - given.length;
  if (back === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [
    ...front,
    ...new Array<string>(back === undefined ? 0 : missing).fill('0'),
    ...(back ?? []),
  ];
  return groups.flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
