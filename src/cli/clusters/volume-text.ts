import { bytesText } from './plan.ts';

/** How much of a broker's volume is used, and what that means. Null bytes: the broker does not say. */
export function volumeText({
  volumeBytes,
  usableBytes,
}: {
  readonly volumeBytes: number | null;
  readonly usableBytes: number | null;
}): string {
  if (volumeBytes === null || usableBytes === null) return '';
  if (usableBytes === 0) return `full (${bytesText(volumeBytes)}): writes are refused`;
  const usedPercent = Math.round(100 * (1 - usableBytes / volumeBytes));
  return `${usedPercent} % of ${bytesText(volumeBytes)}${usedPercent >= 75 ? ': nearly full' : ''}`;
}
