import type { Clock } from '../../base/clock.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { Partition } from '../../replication/partition.ts';

const DURATION = /^by_duration:P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i;
/**
 * A search holds only for the log that it was made in; after so many that were overtaken the member tries
 * again.
 */
const SEARCH_ATTEMPTS = 3;

/** Where a share group begins in a partition that it has not read, as `share.auto.offset.reset` says. */
export async function firstOffset(
  clock: Pick<Clock, 'now'>,
  { log }: Partition,
  autoOffsetReset: string,
): Promise<number | { readonly error: ErrorName }> {
  if (autoOffsetReset === 'earliest') return log.logStartOffset;
  const ageMs = durationMs(autoOffsetReset);
  if (ageMs === null) return log.highWatermark;
  for (let attempt = 0; attempt < SEARCH_ATTEMPTS; attempt++) {
    const search = await log.findTimestamp(Math.max(0, Math.floor(clock.now() - ageMs)));
    if (search === 'changed') continue;
    if ('error' in search) return { error: search.error };
    const { highWatermark } = log;
    return search.found ? Math.min(search.found.offset, highWatermark) : highWatermark;
  }
  return { error: 'OFFSET_NOT_AVAILABLE' };
}

/** Of `by_duration:` and an ISO 8601 duration; null for anything else. */
function durationMs(autoOffsetReset: string): number | null {
  const parts = DURATION.exec(autoOffsetReset);
  if (!parts) return null;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}
