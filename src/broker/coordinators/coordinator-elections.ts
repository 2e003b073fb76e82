import { Turns } from '../../base/turns.ts';
import type { World } from '../../base/world.ts';
import type { CoordinatorLog } from '../../coordinator/coordinator-log.ts';
import type { Partition } from '../../replication/partition.ts';
import type { RoleListener } from '../../replication/replica-manager.ts';
import { PartitionCoordinatorLog } from './coordinator-log.ts';

/** A coordinator that lives on the partitions of one internal topic. */
export interface Coordinator {
  onElection(partition: number, leaderEpoch: number, log: CoordinatorLog): void;
  onResignation(partition: number, leaderEpoch?: number): void;
}

/** Whoever leads a partition of a coordinator's topic coordinates what hashes to it. */
export class CoordinatorElections implements RoleListener {
  readonly #world: World;
  readonly #topic: string;
  readonly #coordinator: Coordinator;
  readonly #turns: Turns;
  readonly #logs = new Map<number, PartitionCoordinatorLog>();

  constructor(world: World, topic: string, coordinator: Coordinator) {
    this.#world = world;
    this.#topic = topic;
    this.#coordinator = coordinator;
    this.#turns = new Turns(world.clock);
  }

  becameLeader(partition: Partition): void {
    if (partition.topic !== this.#topic) return;
    this.#logs.get(partition.index)?.close();
    const log = new PartitionCoordinatorLog(this.#world, partition, this.#turns);
    this.#logs.set(partition.index, log);
    this.#coordinator.onElection(partition.index, partition.leaderEpoch, log);
  }

  becameFollower(partition: Partition): void {
    if (partition.topic === this.#topic) this.#resign(partition.index, partition.leaderEpoch);
  }

  removed(partition: Partition): void {
    if (partition.topic === this.#topic) this.#resign(partition.index);
  }

  #resign(index: number, leaderEpoch?: number): void {
    this.#logs.get(index)?.close();
    this.#logs.delete(index);
    this.#coordinator.onResignation(index, leaderEpoch);
  }
}
