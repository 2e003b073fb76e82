import type { ClusterAccess } from '../../src/control/cluster-access.ts';
import type { PartitionDescription } from '../../src/control/rebalance/cluster-admin.ts';

/** What a cluster without processes says about its partitions: a move is over as soon as it is asked for. */
export class FakeAccess implements ClusterAccess {
  readonly unregistered: number[] = [];
  /** While set, moves wait for it. */
  gate: Promise<void> | null = null;
  #partitions: PartitionDescription[];

  constructor(replicas: readonly (readonly number[])[]) {
    this.#partitions = replicas.map((own, partition) => ({
      topic: 't',
      partition,
      replicas: own,
      isr: own,
      leader: own[0] ?? -1,
    }));
  }

  get replicas(): (readonly number[])[] {
    return this.#partitions.map(({ replicas }) => replicas);
  }

  async describePartitions() {
    return this.#partitions;
  }

  async logSizes() {
    return { sizes: [], unreachable: [] };
  }

  async alterReassignments(targets: Parameters<ClusterAccess['alterReassignments']>[0]) {
    await this.gate;
    for (const { partition, replicas } of targets) {
      const before = this.#partitions[partition];
      if (!before || !replicas) continue;
      this.#partitions[partition] = { ...before, replicas, isr: replicas, leader: replicas[0] ?? -1 };
    }
    return [];
  }

  async listReassignments() {
    return [];
  }

  async setThrottles() {
    return { unreachable: [] };
  }

  async electPreferred() {
    return [];
  }

  async unregister(broker: number): Promise<void> {
    this.unregistered.push(broker);
  }

  async close(): Promise<void> {}
}
