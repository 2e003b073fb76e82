import type { BrokerId } from '../../base/brand.ts';
import { crashOnProgrammerError } from '../../base/programmer-error.ts';
import type { TopicPartition } from '../../base/topic-partition.ts';
import type { World } from '../../base/world.ts';
import type { PeerConnections } from '../../client/peers/peer-connections.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { type ErrorName, errorName } from '../../protocol/errors.ts';
import { listOffsets } from '../../protocol/messages/02-list-offsets.ts';
import type { ReplicaManager } from '../../replication/replica-manager.ts';

const LATEST = -1;
const CONSUMER = -1;
/** By topic names; with errors that say that the end is not certain. */
const LIST_OFFSETS_VERSION = 7;
const ANSWER_TIMEOUT_MS = 5_000;

export type EndOffset = number | { readonly error: ErrorName };

/** Where partitions end for consumers, wherever they are led: one request to each leader. Nothing rejects. */
export class EndOffsets {
  readonly #world: World;
  readonly #options: {
    readonly brokerId: BrokerId;
    readonly image: () => ClusterImage;
    readonly replicas: ReplicaManager;
    readonly connections: PeerConnections;
  };

  constructor(
    world: World,
    options: {
      readonly brokerId: BrokerId;
      readonly image: () => ClusterImage;
      readonly replicas: ReplicaManager;
      readonly connections: PeerConnections;
    },
  ) {
    this.#world = world;
    this.#options = options;
  }

  /** In the order of the partitions. */
  async of(partitions: readonly TopicPartition[]): Promise<EndOffset[]> {
    const { brokerId, image } = this.#options;
    const byLeader = new Map<BrokerId, TopicPartition[]>();
    const ends = new Map<TopicPartition, EndOffset>();
    for (const one of partitions) {
      const leader = image().topics.byName(one.topic)?.partitions[one.partition]?.leader;
      if (leader === undefined) ends.set(one, { error: 'UNKNOWN_TOPIC_OR_PARTITION' });
      else if (leader === brokerId) ends.set(one, this.#here(one));
      else if (leader < 0) ends.set(one, { error: 'LEADER_NOT_AVAILABLE' });
      else {
        const ofLeader = byLeader.get(leader);
        if (ofLeader) ofLeader.push(one);
        else byLeader.set(leader, [one]);
      }
    }
    await Promise.all(
      [...byLeader].map(async ([leader, asked]) => {
        for (const [one, end] of await this.#ask(leader, asked)) ends.set(one, end);
      }),
    );
    return partitions.map((one) => ends.get(one) ?? { error: 'UNKNOWN_SERVER_ERROR' });
  }

  #here({ topic, partition }: TopicPartition): EndOffset {
    const replica = this.#options.replicas.find(topic, partition);
    return replica?.isLeader ? replica.log.highWatermark : { error: 'NOT_LEADER_OR_FOLLOWER' };
  }

  async #ask(
    leader: BrokerId,
    asked: readonly TopicPartition[],
  ): Promise<ReadonlyMap<TopicPartition, EndOffset>> {
    const ends = new Map<TopicPartition, EndOffset>();
    try {
      const connection = await this.#options.connections.to(leader);
      const { topics } = await connection.send(
        listOffsets,
        {
          replicaId: CONSUMER,
          topics: asked.map(({ topic, partition }) => ({
            name: topic,
            partitions: [{ partitionIndex: partition, timestamp: LATEST }],
          })),
        },
        { version: LIST_OFFSETS_VERSION, timeoutMs: ANSWER_TIMEOUT_MS },
      );
      const told = topics.flatMap(({ partitions }) => partitions);
      for (const [i, one] of asked.entries()) {
        const { errorCode = -1, offset = -1 } = told[i] ?? {};
        ends.set(one, errorCode === 0 ? Number(offset) : { error: errorName(errorCode) });
      }
    } catch (error) {
      crashOnProgrammerError(this.#world, error);
      for (const one of asked) ends.set(one, { error: 'NETWORK_EXCEPTION' });
    }
    return ends;
  }
}
