import type { BrokerId } from '../base/brand.ts';
import type { Peers } from '../client/peers/peers.ts';
import type { FetchLimits } from './fetch-limits.ts';
import { ReplicaFetcher } from './fetcher.ts';
import type { Partition } from './partition.ts';
import type { Fetchers } from './replica-manager.ts';
import type { ReplicationThrottle } from './replication-throttle.ts';

/** One fetcher for each broker that leads something which is followed here. */
export class ReplicaFetchers implements Fetchers {
  readonly #peers: Peers;
  readonly #options: {
    readonly brokerId: BrokerId;
    readonly brokerEpoch: () => number;
    readonly address: (leader: BrokerId) => { readonly host: string; readonly port: number } | null;
    readonly throttle: ReplicationThrottle;
    readonly limits: FetchLimits;
  };
  readonly #byLeader = new Map<BrokerId, ReplicaFetcher>();
  readonly #leaderOf = new Map<Partition, { readonly leader: BrokerId; readonly epoch: number }>();

  constructor(
    peers: Peers,
    options: {
      readonly brokerId: BrokerId;
      readonly brokerEpoch: () => number;
      /** Where a broker listens for replication, as the cluster's image says; null while it is not in it. */
      readonly address: (leader: BrokerId) => { readonly host: string; readonly port: number } | null;
      /** Limits what is fetched from all leaders together. */
      readonly throttle: ReplicationThrottle;
      readonly limits: FetchLimits;
    },
  ) {
    this.#peers = peers;
    this.#options = options;
  }

  follow(partition: Partition, leader: BrokerId): void {
    const current = this.#leaderOf.get(partition);
    if (current?.leader === leader && current.epoch === partition.leaderEpoch) return;
    this.unfollow(partition);
    this.#leaderOf.set(partition, { leader, epoch: partition.leaderEpoch });
    let fetcher = this.#byLeader.get(leader);
    if (!fetcher) {
      const { brokerId, brokerEpoch, address, throttle, limits } = this.#options;
      fetcher = new ReplicaFetcher(this.#peers, {
        brokerId,
        leaderId: leader,
        brokerEpoch,
        leaderAddress: () => address(leader),
        throttle,
        limits,
      });
      this.#byLeader.set(leader, fetcher);
    }
    fetcher.follow(partition);
  }

  unfollow(partition: Partition): void {
    const current = this.#leaderOf.get(partition);
    if (!current) return;
    this.#leaderOf.delete(partition);
    this.#byLeader.get(current.leader)?.unfollow(partition);
  }

  stop(): void {
    for (const fetcher of this.#byLeader.values()) fetcher.stop();
    this.#byLeader.clear();
    this.#leaderOf.clear();
  }
}
