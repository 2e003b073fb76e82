import type { World } from '../base/world.ts';
import type { GroupCoordinator } from '../coordinator/group/coordinator.ts';
import { CONSUMER_OFFSETS } from '../metadata/internal-topics.ts';
import type { Partition } from '../replication/partition.ts';
import type { RoleListener } from '../replication/replica-manager.ts';
import { PartitionCoordinatorLog } from './coordinator-log.ts';

/** Whoever leads a partition of `__consumer_offsets` coordinates its groups. */
export class CoordinatorElections implements RoleListener {
  readonly #world: World;
  readonly #groups: GroupCoordinator;
  readonly #logs = new Map<number, PartitionCoordinatorLog>();

  constructor(world: World, groups: GroupCoordinator) {
    this.#world = world;
    this.#groups = groups;
  }

  becameLeader(partition: Partition): void {
    if (partition.topic !== CONSUMER_OFFSETS) return;
    this.#logs.get(partition.index)?.close();
    const log = new PartitionCoordinatorLog(this.#world, partition);
    this.#logs.set(partition.index, log);
    this.#groups.onElection(partition.index, partition.leaderEpoch, log);
  }

  becameFollower(partition: Partition): void {
    if (partition.topic === CONSUMER_OFFSETS) this.#resign(partition.index, partition.leaderEpoch);
  }

  removed(partition: Partition): void {
    if (partition.topic === CONSUMER_OFFSETS) this.#resign(partition.index);
  }

  #resign(index: number, leaderEpoch?: number): void {
    this.#logs.get(index)?.close();
    this.#logs.delete(index);
    this.#groups.onResignation(index, leaderEpoch);
  }
}
