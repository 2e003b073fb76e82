import type { BrokerId } from '../../base/brand.ts';
import type { TopicPartition } from '../../base/topic-partition.ts';
import type { PeerConnections } from '../../client/peers/peer-connections.ts';
import type { Marker, MarkerTransport } from '../../coordinator/transaction/markers.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { type ErrorName, errorName } from '../../protocol/errors.ts';
import { writeTxnMarkers } from '../../protocol/messages/27-write-txn-markers.ts';

/** request.timeout.ms of Kafka between brokers. */
const REQUEST_TIMEOUT_MS = 30_000;

type Told = TopicPartition & { readonly error: ErrorName | null };

/** Markers to the leaders of partitions: to this broker directly, to others over one connection each. */
export class BrokerMarkerTransport implements MarkerTransport {
  readonly #options: {
    readonly brokerId: BrokerId;
    readonly image: () => ClusterImage;
    readonly connections: PeerConnections;
    readonly writeHere: (marker: Marker, partition: TopicPartition) => Promise<ErrorName | null>;
  };

  constructor(options: {
    readonly brokerId: BrokerId;
    readonly image: () => ClusterImage;
    readonly connections: PeerConnections;
    readonly writeHere: (marker: Marker, partition: TopicPartition) => Promise<ErrorName | null>;
  }) {
    this.#options = options;
  }

  leaderOf({ topic, partition }: TopicPartition): BrokerId | null | 'gone' {
    const known = this.#options.image().topics.byName(topic)?.partitions[partition];
    if (!known) return 'gone';
    return known.leader < 0 ? null : known.leader;
  }

  async send(
    broker: BrokerId,
    marker: Marker,
    partitions: readonly TopicPartition[],
  ): Promise<readonly Told[]> {
    if (broker === this.#options.brokerId) {
      return Promise.all(
        partitions.map(async (partition) => ({
          ...partition,
          error: await this.#options.writeHere(marker, partition),
        })),
      );
    }
    const connection = await this.#options.connections.to(broker);
    const byTopic = new Map<string, number[]>();
    for (const { topic, partition } of partitions) {
      const ofTopic = byTopic.get(topic);
      if (ofTopic) ofTopic.push(partition);
      else byTopic.set(topic, [partition]);
    }
    const answer = await connection.send(
      writeTxnMarkers,
      {
        markers: [
          {
            producerId: marker.producerId,
            producerEpoch: marker.producerEpoch,
            transactionResult: marker.committed,
            topics: [...byTopic].map(([name, partitionIndexes]) => ({ name, partitionIndexes })),
            coordinatorEpoch: marker.coordinatorEpoch,
            transactionVersion: marker.transactionVersion,
          },
        ],
      },
      { timeoutMs: REQUEST_TIMEOUT_MS },
    );
    return answer.markers.flatMap(({ topics }) =>
      topics.flatMap(({ name, partitions: told }) =>
        told.map(({ partitionIndex, errorCode }) => ({
          topic: name,
          partition: partitionIndex,
          error: errorCode === 0 ? null : errorName(errorCode),
        })),
      ),
    );
  }
}
