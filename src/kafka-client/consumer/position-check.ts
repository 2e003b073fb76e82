import { byTopic, partitionKey } from '../../base/topic-partition.ts';
import { errorName } from '../../protocol/errors.ts';
import { offsetForLeaderEpoch } from '../../protocol/messages/23-offset-for-leader-epoch.ts';
import type { ClusterBrokers } from '../connections/cluster-brokers.ts';
import type { BrokerView } from '../connections/cluster-view.ts';
import { answerError, KafkaClientError } from '../kafka-client-error.ts';
import type { PartitionReader } from './partition-reader.ts';

/** What a consumer says where a replica says its broker. */
const CONSUMER = -1;

interface PositionCheck {
  readonly broker: BrokerView;
  /** Each with the epoch in which the broker leads its partition. */
  readonly readers: ReadonlyMap<PartitionReader, number>;
  readonly lane: string;
  /** Whether a position that is lost begins where the log ends that it was read of; else it is a failure. */
  readonly resets: boolean;
}

/**
 * Asks a new leader whether its log has what was read before each position (KIP-320): after an election of a
 * replica that was not in sync the log may be shorter, and then grow over the position with other records. A
 * broker that does not serve the question is believed, as Kafka's own consumer believes it. Returns the
 * readers that have to ask again, each with its error.
 */
export async function checkPositions(
  cluster: ClusterBrokers,
  { broker, readers, lane, resets }: PositionCheck,
): Promise<Map<PartitionReader, KafkaClientError>> {
  const asked = new Map(
    [...readers].map(([reader, epoch]) => [
      partitionKey(reader.target),
      { reader, epoch, era: reader.era, position: reader.position, positionEpoch: reader.positionEpoch },
    ]),
  );
  const failed = new Map<PartitionReader, KafkaClientError>();
  const topics = byTopic([...asked.values()].map((one) => ({ ...one.reader.target, ...one })));
  const request = {
    replicaId: CONSUMER,
    topics: [...topics].map(([topic, own]) => ({
      topic,
      partitions: own.map(({ partition, epoch, positionEpoch }) => ({
        partition,
        currentLeaderEpoch: epoch,
        leaderEpoch: positionEpoch,
      })),
    })),
  };
  const answer = await cluster
    .ask(broker, offsetForLeaderEpoch, request, { lane })
    .catch((error: unknown) => {
      if (error instanceof KafkaClientError && error.code === 'NOT_SERVED') return null;
      throw error;
    });
  if (answer === null) {
    for (const { reader, epoch, era } of asked.values()) if (reader.era === era) reader.checked(epoch);
    return failed;
  }
  for (const { topic, partitions } of answer.topics)
    for (const { partition, errorCode, leaderEpoch, endOffset } of partitions) {
      const key = partitionKey({ topic, partition });
      const found = asked.get(key);
      asked.delete(key);
      // It was moved meanwhile, or has handed out what was fetched before: it asks again.
      if (!found || found.reader.era !== found.era || found.reader.position !== found.position) continue;
      const { reader, epoch } = found;
      if (errorCode !== 0)
        failed.set(
          reader,
          answerError(`OffsetForLeaderEpoch of ${topic}-${partition}`, errorName(errorCode)),
        );
      else settle(reader, { epoch, leaderEpoch, endOffset, resets }, cluster);
    }
  for (const { reader } of asked.values()) {
    const { topic, partition } = reader.target;
    const message = `OffsetForLeaderEpoch: broker ${broker.id} says nothing of ${topic}-${partition}`;
    failed.set(reader, new KafkaClientError('UNKNOWN_SERVER_ERROR', message, { retriable: true }));
  }
  return failed;
}

function settle(
  reader: PartitionReader,
  {
    epoch,
    leaderEpoch,
    endOffset,
    resets,
  }: {
    readonly epoch: number;
    readonly leaderEpoch: number;
    readonly endOffset: number;
    readonly resets: boolean;
  },
  { world }: Pick<ClusterBrokers, 'world'>,
): void {
  const { topic, partition } = reader.target;
  const { position } = reader;
  const isKnown = leaderEpoch >= 0 && endOffset >= 0;
  if (isKnown && (position ?? 0) <= endOffset) {
    reader.checked(epoch);
    return;
  }
  const where = isKnown ? `offset ${endOffset}` : 'no offset that is known';
  const message = `${topic}-${partition} was cut off: what was read up to offset ${position} is there up to ${where}`;
  if (!resets) {
    reader.failure = new KafkaClientError('LOG_TRUNCATED', `${message}; seek to an offset to go on`);
    return;
  }
  world.log.warn(message);
  reader.seek(isKnown ? endOffset : null, isKnown ? leaderEpoch : -1);
  reader.checked(epoch);
}
