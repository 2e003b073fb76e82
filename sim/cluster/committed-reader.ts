import { below } from '../../src/base/random.ts';
import { errorName } from '../../src/protocol/errors.ts';
import { fetch } from '../../src/protocol/messages/01-fetch.ts';
import { batches } from '../../src/protocol/records/batch.ts';
import { controlType } from '../../src/protocol/records/control.ts';
import { readRecords } from '../../src/protocol/records/record.ts';
import { type ClusterClient, REQUEST_MS } from './cluster-client.ts';

const READ_COMMITTED = 1;

export interface CommittedReaderOptions {
  readonly topic: string;
  readonly partitions: number;
  readonly saw: (value: string) => void;
  readonly isOver: () => boolean;
}

/**
 * Reads committed records from the start again and again, and leaves aborted records out as Kafka's consumers
 * do.
 */
export async function readCommitted(client: ClusterClient, options: CommittedReaderOptions): Promise<void> {
  const positions = Array.from({ length: options.partitions }, () => 0);
  while (!options.isOver()) {
    const partition = below(client.random, options.partitions);
    await client.tried(async () => {
      positions[partition] = await readOn(client, options, partition, positions[partition] ?? 0);
    });
    await client.pause(80);
  }
}

async function readOn(
  client: ClusterClient,
  { topic, saw }: CommittedReaderOptions,
  partition: number,
  fetchOffset: number,
): Promise<number> {
  const leader = await client.newestLeaderOf(topic, partition);
  if (!leader) return fetchOffset;
  const currentLeaderEpoch = leader.leaderEpoch;
  const answer = await leader.connection.send(
    fetch,
    {
      maxWaitMs: 100,
      minBytes: 1,
      isolationLevel: READ_COMMITTED,
      topics: [
        { topic, partitions: [{ partition, currentLeaderEpoch, fetchOffset, partitionMaxBytes: 2000 }] },
      ],
      forgottenTopicsData: [],
    },
    { version: 12, timeoutMs: REQUEST_MS },
  );
  const result = answer.responses[0]?.partitions[0];
  if (!result || errorName(result.errorCode) !== 'NONE') {
    client.forgetLeaders();
    return fetchOffset;
  }
  const aborted = [...(result.abortedTransactions ?? [])].sort((a, b) => a.firstOffset - b.firstOffset);
  const open = new Set<number>();
  let next = fetchOffset;
  for (const { header, bytes } of batches(result.records ?? Buffer.alloc(0))) {
    while (aborted[0] && aborted[0].firstOffset <= header.lastOffset)
      open.add(aborted.shift()?.producerId ?? -1);
    next = header.nextOffset;
    if (header.isControl) {
      if (controlType(readRecords(bytes)[0]?.key ?? null) === 'ABORT') open.delete(header.producerId);
    } else if (!header.isTransactional || !open.has(header.producerId)) {
      for (const { offset, value } of readRecords(bytes)) if (offset >= fetchOffset) saw(String(value));
    }
  }
  return next === fetchOffset && below(client.random, 10) === 0 ? 0 : next;
}
