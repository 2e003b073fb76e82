import { errorName } from '../../src/protocol/errors.ts';
import { fetch } from '../../src/protocol/messages/01-fetch.ts';
import { batches } from '../../src/protocol/records/batch.ts';
import { type LogRecord, readRecords } from '../../src/protocol/records/record.ts';
import { type ClusterClient, REQUEST_MS } from './cluster-client.ts';

/**
 * Reads a partition from offset 0, at least up to an acknowledged offset, which every later leader has. Null
 * if the history ended before that, or the log's start has moved.
 */
export async function readThrough(
  client: ClusterClient,
  options: {
    readonly topic: string;
    readonly partition: number;
    readonly upTo: number;
    readonly isOver: () => boolean;
  },
): Promise<LogRecord[] | null> {
  const records: LogRecord[] = [];
  let next = 0;
  let end: 'reached' | 'out of range' | null = null;
  while (end === null) {
    if (options.isOver()) return null;
    await client.tried(async () => {
      const answer = await fetchOnce(client, options, next);
      if (answer === null) return;
      if (answer === 'OFFSET_OUT_OF_RANGE') {
        end = 'out of range';
        return;
      }
      for (const { header, bytes } of batches(answer.bytes)) {
        if (!header.isControl) records.push(...readRecords(bytes).filter(({ offset }) => offset >= next));
        next = header.nextOffset;
      }
      if (next >= options.upTo) end = 'reached';
    });
    if (end === null) await client.pause(20);
  }
  return end === 'reached' ? records : null;
}

async function fetchOnce(
  client: ClusterClient,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  fetchOffset: number,
): Promise<{ readonly bytes: Buffer } | 'OFFSET_OUT_OF_RANGE' | null> {
  const leader = await client.newestLeaderOf(topic, partition);
  if (!leader) return null;
  const currentLeaderEpoch = leader.leaderEpoch;
  const answer = await leader.connection.send(
    fetch,
    {
      maxWaitMs: 0,
      minBytes: 0,
      topics: [
        { topic, partitions: [{ partition, currentLeaderEpoch, fetchOffset, partitionMaxBytes: 5000 }] },
      ],
      forgottenTopicsData: [],
    },
    { version: 12, timeoutMs: REQUEST_MS },
  );
  const result = answer.responses[0]?.partitions[0];
  const error = errorName(result?.errorCode ?? -1);
  if (result && error === 'NONE') return { bytes: result.records ?? Buffer.alloc(0) };
  client.forgetLeaders();
  return error === 'OFFSET_OUT_OF_RANGE' ? error : null;
}
