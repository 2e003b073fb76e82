import type { BrokerId } from '../base/brand.ts';
import type { World } from '../base/world.ts';
import { KafkaConnection } from '../client/connection.ts';
import type { Marker, MarkerTransport } from '../coordinator/transaction/markers.ts';
import type { TopicPartition } from '../coordinator/transaction/transaction.ts';
import type { ClusterImage } from '../metadata/image.ts';
import { type ErrorName, errorName } from '../protocol/errors.ts';
import { writeTxnMarkers } from '../protocol/messages/27-write-txn-markers.ts';

const CONNECT_TIMEOUT_MS = 5_000;
/** request.timeout.ms of Kafka between brokers. */
const REQUEST_TIMEOUT_MS = 30_000;

type Told = TopicPartition & { readonly error: ErrorName | null };

/** Markers to the leaders of partitions: to this broker directly, to others over one connection each. */
export class BrokerMarkerTransport implements MarkerTransport {
  readonly #world: World;
  readonly #options: {
    readonly brokerId: BrokerId;
    readonly image: () => ClusterImage;
    readonly address: (broker: BrokerId) => { readonly host: string; readonly port: number } | null;
    readonly writeHere: (marker: Marker, partition: TopicPartition) => Promise<ErrorName | null>;
  };
  readonly #connections = new Map<BrokerId, Promise<KafkaConnection>>();

  constructor(
    world: World,
    options: {
      readonly brokerId: BrokerId;
      readonly image: () => ClusterImage;
      /** Where a broker listens for other brokers; null while it is not in the image. */
      readonly address: (broker: BrokerId) => { readonly host: string; readonly port: number } | null;
      readonly writeHere: (marker: Marker, partition: TopicPartition) => Promise<ErrorName | null>;
    },
  ) {
    this.#world = world;
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
    const connection = await this.#connection(broker);
    const byTopic = new Map<string, number[]>();
    for (const { topic, partition } of partitions) {
      byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
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

  close(): void {
    for (const connection of this.#connections.values()) {
      void connection.then(
        (open) => open.close(),
        () => {
          // It never opened.
        },
      );
    }
    this.#connections.clear();
  }

  #connection(broker: BrokerId): Promise<KafkaConnection> {
    const known = this.#connections.get(broker);
    if (known) return known;
    const opening = this.#connect(broker);
    this.#connections.set(broker, opening);
    const forget = () => {
      if (this.#connections.get(broker) === opening) this.#connections.delete(broker);
    };
    opening.then((connection) => connection.onClose(forget), forget);
    return opening;
  }

  async #connect(broker: BrokerId): Promise<KafkaConnection> {
    const address = this.#options.address(broker);
    if (!address) throw new Error(`broker ${broker} is not in the cluster's image`);
    return KafkaConnection.connect(this.#world, {
      host: address.host,
      port: address.port,
      clientId: `broker-${this.#options.brokerId}-txn-markers`,
      timeoutMs: CONNECT_TIMEOUT_MS,
    });
  }
}
