import { Failure } from '../failure.ts';

/**
 * A time of the command line in milliseconds since 1970: in ISO's spelling, such milliseconds, or so long
 * ago, as `15m`.
 */
export function timeOf(text: string, option: string): number {
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return Date.now() - Number(count) * (UNITS[unit] ?? 0);
  const time = /^\d{12,15}$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(time))
    throw new Failure(
      `${option} must be a time as 2026-11-28T12:00:00Z, or as 15m for 15 minutes ago, not "${text}".`,
      {
        exit: 'usage',
      },
    );
  return time;
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A whole number of any sign. */
export function whole(text: string, option: string): number {
  if (!/^[+-]?\d{1,15}$/.test(text))
    throw new Failure(`${option} must be a whole number, not "${text}".`, { exit: 'usage' });
  return Number(text);
}
