import type { Random } from '../../base/random.ts';

/** A member id as Kafka makes them: who, a dash, and a UUID in its long spelling. */
export function newMemberId(random: Random, prefix: string): string {
  const bytes = Buffer.from(random.bytes(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return `${prefix}-${uuid.join('-')}`;
}
