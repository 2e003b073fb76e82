import type { TimeZone } from './partitioners/time-zone.ts';

/** When the objects of a partition are ended and stored. */
export interface Rotation {
  /** Records in all of them. */
  readonly flushSize: number;
  /** By the times of records; null: not. */
  readonly intervalMs: number | null;
  /** Whether these times are those of the clock, so that they also pass without records. */
  readonly isByClock: boolean;
  /** By the clock, at multiples of it in the local day; null: not. */
  readonly scheduleMs: number | null;
  readonly zone: TimeZone;
}

/** When objects that are begun now are ended by the clock; null: not by it. */
export function scheduledEnd({ scheduleMs, zone }: Rotation, now: number): number | null {
  if (scheduleMs === null) return null;
  const offset = zone.offsetMs(now);
  return (Math.floor((now + offset) / scheduleMs) + 1) * scheduleMs - offset;
}
