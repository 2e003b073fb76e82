import { backoffMs } from '../base/backoff.ts';

/** Waits before a restart: the first is short, since one death is mostly an accident. */
const WAITS = { firstMs: 50, lastMs: 15_000 };
/**
 * One that served waits no longer than this share of the time that it did: waiting must not cost more than
 * dying.
 */
const SHARE = 1 / 10;
/** One that served for long enough to be of use is back after this at the latest. */
const SERVED_MS = 1000;

/** What counts for the wait before the next start. */
export interface Deaths {
  /** In a row, none after having held. */
  readonly deaths: number;
  /** Those of them that the process died by itself. */
  readonly crashes: number;
  /** Deaths in a row of processes that never served. */
  readonly failedStarts: number;
}

/** How long to wait after a process ended that had served for `servedMs`. */
export function startBackoffMs({ deaths, failedStarts }: Omit<Deaths, 'crashes'>, servedMs: number): number {
  if (servedMs === 0) return backoffMs(failedStarts, WAITS);
  const shareMs = Math.max(WAITS.firstMs, Math.round(servedMs * SHARE));
  return Math.min(backoffMs(deaths, WAITS), shareMs, SERVED_MS);
}
