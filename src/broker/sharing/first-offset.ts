import type { Clock } from '../../base/clock.ts';
import { readShareOffsetReset } from '../../metadata/configs/share-offset-reset.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { Partition } from '../../replication/partition.ts';

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
  // What an older release took and Kafka does not is as good as the default.
  const reset = readShareOffsetReset(autoOffsetReset) ?? 'latest';
  if (reset === 'earliest') return log.logStartOffset;
  if (reset === 'latest') return log.highWatermark;
  for (let attempt = 0; attempt < SEARCH_ATTEMPTS; attempt++) {
    const search = await log.reads.findTimestamp(Math.max(0, Math.floor(clock.now() - reset.ageMs)));
    if (search === 'changed') continue;
    if ('error' in search) return { error: search.error };
    const { highWatermark } = log;
    return search.found ? Math.min(search.found.offset, highWatermark) : highWatermark;
  }
  return { error: 'OFFSET_NOT_AVAILABLE' };
}
