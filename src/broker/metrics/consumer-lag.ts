import type { BrokerId } from '../../base/brand.ts';
import type { World } from '../../base/world.ts';
import type { PeerConnections } from '../../client/peers/peer-connections.ts';
import type { GroupCoordinator } from '../../coordinator/group/coordinator.ts';
import type { GroupOffset } from '../../coordinator/group/shard-offsets.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { HEADER_BYTES, readBatchHeader } from '../../protocol/records/batch.ts';
import type { Partition } from '../../replication/partition.ts';
import type { ReplicaManager } from '../../replication/replica-manager.ts';
import { distantEnds } from './distant-ends.ts';

/**
 * The number of batches that are read for one scrape to tell how old they are; the lag in time of further
 * partitions is left out.
 */
const MOST_READS = 1_000;

export interface PartitionLag {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** Records that are committed by the log and not by the group. */
  readonly records: number;
  /** The age of the first of these records, in milliseconds; null when it is not known. */
  readonly seconds: number | null;
}

interface Parts {
  readonly groups: GroupCoordinator;
  readonly replicas: ReplicaManager;
  readonly connections: PeerConnections;
  image(): ClusterImage;
}

/**
 * How far groups are behind, with members or without: of the groups that this broker coordinates. Where it
 * has a replica it looks there, and asks the leader otherwise.
 */
export class ConsumerLag {
  readonly #world: World;
  readonly #parts: Parts;

  constructor(world: World, parts: Parts) {
    this.#world = world;
    this.#parts = parts;
  }

  /** Nothing while a coordinator is being loaded: the list would not be whole. */
  async measure(): Promise<PartitionLag[]> {
    const committed = await this.#parts.groups.offsets.committed();
    if ('error' in committed) return [];
    const lags: PartitionLag[] = [];
    const distant = new Map<BrokerId, GroupOffset[]>();
    let reads = 0;
    for (const one of committed) {
      const replica = this.#parts.replicas.find(one.topic, one.partition);
      if (!replica) {
        const leader = this.#parts.image().topics.byName(one.topic)?.partitions[one.partition]?.leader ?? -1;
        if (leader === -1) continue;
        const ofLeader = distant.get(leader);
        if (ofLeader) ofLeader.push(one);
        else distant.set(leader, [one]);
        continue;
      }
      const records = behind(one.offset, replica.log);
      const isRead = records > 0 && reads < MOST_READS;
      if (isRead) reads++;
      const seconds = records === 0 ? 0 : isRead ? await this.#ageIn(replica, one.offset) : null;
      lags.push({ ...one, records, seconds });
    }
    for (const [leader, places] of distant) for (const lag of await this.#ask(leader, places)) lags.push(lag);
    return lags;
  }

  /**
   * Several groups may be in one partition at different offsets: each place is asked in a request of its own
   * round.
   */
  async #ask(leader: BrokerId, places: readonly GroupOffset[]): Promise<PartitionLag[]> {
    const lags: PartitionLag[] = [];
    for (let left = places; left.length > 0; ) {
      const seen = new Set<string>();
      const round = left.filter(({ topic, partition }) => {
        const key = `${topic}/${partition}`;
        return !seen.has(key) && seen.add(key);
      });
      left = left.filter((one) => !round.includes(one));
      for (const [place, end] of await distantEnds(this.#parts.connections, leader, round)) {
        const of = round.find((one) => one === place);
        if (!of) continue;
        const records = behind(of.offset, end);
        lags.push({ ...of, records, seconds: records === 0 ? 0 : this.#age(end.records) });
      }
    }
    return lags;
  }

  /** Of the batch that holds the offset, or of the first one that is left. */
  async #ageIn({ log }: Partition, offset: number): Promise<number | null> {
    const read = await log.reads.readCold(Math.max(offset, log.logStartOffset), {
      maxBytes: 1,
      minOneBatch: true,
      isUrgent: false,
      withAborted: false,
    });
    if (read === null || 'error' in read) return null;
    try {
      return this.#age(Buffer.concat(read.parts));
    } finally {
      read.release();
    }
  }

  #age(batch: Buffer | null): number | null {
    if (batch === null || batch.length < HEADER_BYTES) return null;
    const header = readBatchHeader(batch);
    const hasFirst = header.timestampType === 'CreateTime' && !header.deleteHorizon;
    const writtenAt = hasFirst ? header.baseTimestamp : header.maxTimestamp;
    return Math.max(0, (this.#world.clock.now() - writtenAt) / 1000);
  }
}

function behind(
  offset: number,
  log: { readonly highWatermark: number; readonly logStartOffset: number },
): number {
  return Math.max(0, log.highWatermark - Math.max(offset, log.logStartOffset));
}
