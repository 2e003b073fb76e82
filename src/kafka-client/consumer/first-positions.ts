import { partitionKey } from '../../base/topic-partition.ts';
import type { ClusterBrokers } from '../connections/cluster-brokers.ts';
import { KafkaClientError } from '../kafka-client-error.ts';
import { EARLIEST, LATEST, logEnd, lookUpOffsets } from '../offset-lookup.ts';
import { retried } from '../retried.ts';
import { committedOffsets } from './committed-offsets.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import type { PartitionReader } from './partition-reader.ts';

/** A topic that was just made may be unknown to a broker for a moment. */
const UNKNOWN_TOPIC_MS = 5000;

/**
 * Gives readers without a position theirs: where the group is, or by `offsetReset`. One that is moved
 * meanwhile keeps its place. Rejects with a KafkaClientError: NO_OFFSET where nothing says where to begin.
 */
export async function findFirstPositions(
  cluster: ClusterBrokers,
  options: ConsumerOptions,
  readers: readonly PartitionReader[],
): Promise<void> {
  const { groupId, offsetReset = 'latest', isolation = 'read_committed' } = options;
  const { view, world } = cluster;
  for (const topic of new Set(readers.map(({ target }) => target.topic)))
    await retried(world, UNKNOWN_TOPIC_MS, () => view.topic(topic));
  const eras = new Map(readers.map((reader) => [reader, reader.era]));
  const place = (reader: PartitionReader, offset: number, epoch: number): void => {
    if (reader.era === eras.get(reader)) reader.seek(offset, epoch);
  };
  const fresh = readers.filter(({ wasLocated }) => !wasLocated).map(({ target }) => target);
  const committed = new Map(
    groupId === undefined || fresh.length === 0
      ? []
      : (await committedOffsets(cluster, groupId, fresh)).map((one) => [partitionKey(one), one]),
  );
  const open = readers.filter((reader) => {
    const found = committed.get(partitionKey(reader.target));
    if (found) place(reader, found.offset, found.leaderEpoch ?? -1);
    return !found;
  });
  if (open.length === 0) return;
  if (offsetReset === 'none') {
    const names = open.map(({ target }) => `${target.topic}-${target.partition}`).join(', ');
    throw new KafkaClientError(
      'NO_OFFSET',
      `no offset is committed for ${names}, and offsetReset is none: seek to one`,
    );
  }
  const timestamp = offsetReset === 'earliest' ? EARLIEST : LATEST;
  const found = await lookUpOffsets(
    cluster,
    open.map(({ target }) => ({ ...target, timestamp })),
    isolation,
  );
  for (const reader of open) place(reader, logEnd(found, reader.target), -1);
}
