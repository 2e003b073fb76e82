import type { BrokerId } from '../../base/brand.ts';
import type { World } from '../../base/world.ts';
import { coordinatorKey, type ShareKey } from '../../coordinator/share/share-key.ts';
import type { Partition } from '../../replication/partition.ts';
import type { RoleListener } from '../../replication/replica-manager.ts';
import type { DeliveryConfig } from '../configs/share-groups-config.ts';
import { SharePartition } from './share-partition.ts';
import type { StateStore } from './state-store.ts';

/** The share partitions whose partitions this broker leads; they end with the leadership. */
export class SharePartitions implements RoleListener {
  readonly brokerId: BrokerId;
  readonly #world: World;
  readonly #store: StateStore;
  readonly #config: (groupId: string) => DeliveryConfig;
  readonly #byKey = new Map<string, SharePartition>();
  /** The same by their partition here, since most partitions have none. */
  readonly #byReplica = new Map<Partition, Set<SharePartition>>();
  #isStopped = false;

  constructor(
    world: World,
    options: {
      readonly brokerId: BrokerId;
      readonly store: StateStore;
      /** What is in force for a group now. */
      readonly config: (groupId: string) => DeliveryConfig;
    },
  ) {
    this.brokerId = options.brokerId;
    this.#world = world;
    this.#store = options.store;
    this.#config = options.config;
  }

  configOf(groupId: string): DeliveryConfig {
    return this.#config(groupId);
  }

  find(key: ShareKey): SharePartition | undefined {
    return this.#byKey.get(coordinatorKey(key));
  }

  /** The one that is there, or a new one; `replica` is led here. */
  of(key: ShareKey, replica: Partition): SharePartition {
    const known = this.find(key);
    if (known && known.replica === replica && known.leaderEpoch === replica.leaderEpoch) return known;
    known?.end('NOT_LEADER_OR_FOLLOWER');
    const made = new SharePartition(this.#world, {
      key,
      replica,
      host: { store: this.#store, config: this.#config, ended: (ended) => this.#ended(ended) },
    });
    this.#byKey.set(coordinatorKey(key), made);
    const others = this.#byReplica.get(replica);
    if (others) others.add(made);
    else this.#byReplica.set(replica, new Set([made]));
    if (this.#isStopped) made.end('NOT_LEADER_OR_FOLLOWER');
    return made;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /**
   * The group has no member here any more: what it did is read anew when one comes, since it may be changed
   * meanwhile.
   */
  groupLeft(groupId: string): void {
    for (const one of [...this.#byKey.values()]) if (one.key.groupId === groupId) one.endWhenKept();
  }

  becameLeader(partition: Partition): void {
    for (const one of [...(this.#byReplica.get(partition) ?? [])])
      if (one.leaderEpoch !== partition.leaderEpoch) one.end('NOT_LEADER_OR_FOLLOWER');
  }

  becameFollower(partition: Partition): void {
    for (const one of [...(this.#byReplica.get(partition) ?? [])]) one.end('NOT_LEADER_OR_FOLLOWER');
  }

  removed(partition: Partition): void {
    for (const one of [...(this.#byReplica.get(partition) ?? [])]) one.end('UNKNOWN_TOPIC_OR_PARTITION');
  }

  /** Ends all of them; those that are asked for afterwards have ended. */
  stop(): void {
    this.#isStopped = true;
    for (const one of [...this.#byKey.values()]) one.end('NOT_LEADER_OR_FOLLOWER');
  }

  #ended(ended: SharePartition): void {
    const key = coordinatorKey(ended.key);
    if (this.#byKey.get(key) === ended) this.#byKey.delete(key);
    const others = this.#byReplica.get(ended.replica);
    others?.delete(ended);
    if (others?.size === 0) this.#byReplica.delete(ended.replica);
  }
}
