import type { FaultPromise } from './faults.ts';
import type { Sent } from './history.ts';

/** The promises of faults that were broken, in words. */
export function broken(promises: readonly FaultPromise[], sent: readonly Sent[]): string[] {
  return promises.flatMap((promise) => {
    if ('broken' in promise) return [promise.broken];
    const from = 'nothingFrom' in promise ? promise.nothingFrom : promise.somethingFrom;
    // A record with an offset has the time of its own answer, not that of a whole chunk.
    const during = sent.filter(
      ({ acknowledged, partition, atMs }) =>
        acknowledged && partition !== undefined && atMs >= from && atMs < promise.until,
    );
    const [first] = during;
    if ('somethingFrom' in promise) return first ? [] : [`nothing was acknowledged while ${promise.why}`];
    const early = during.filter(
      ({ partition = -1, offset = -1 }) => offset >= (promise.committed.get(partition) ?? 0),
    );
    if (!early[0]) return [];
    const { producer, sequence, partition, offset, atMs } = early[0];
    const lastAtMs = Math.max(...early.map((record) => record.atMs));
    return [
      `${early.length} records were acknowledged while ${promise.why}: the first ${atMs - from} ms after it could be, ${sequence} of ${producer} at ${partition}-${offset}; the last ${lastAtMs - from} ms after it, of ${promise.until - from} ms`,
    ];
  });
}
