import type { Broker } from '../../src/broker/broker.ts';
import { CONSUMER_OFFSETS, TRANSACTION_STATE } from '../../src/metadata/internal-topics.ts';
import type { Violations } from './violations.ts';

/**
 * A broker that coordinates a group or a transaction leads the partition that keeps it, also after that
 * partition moved to another broker.
 */
export class CoordinatorsLeadTheirPartitions {
  readonly #violations: Violations;

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  saw(id: number, { coordinators, replicas }: Broker): void {
    const hosted = [
      [CONSUMER_OFFSETS, coordinators.groups.runtime.partitions()],
      [TRANSACTION_STATE, coordinators.transactions.runtime.partitions()],
    ] as const;
    for (const [topic, partitions] of hosted) {
      for (const partition of partitions) {
        const replica = replicas.find(topic, partition);
        // A broker that is stopping has given up its roles already.
        const hasRole = replica === undefined || replica.isLeader || replica.isFollower;
        if (hasRole && !replica?.isLeader)
          this.#violations.add(
            'CoordinatorsLeadTheirPartitions',
            `broker ${id} coordinates what is in ${topic}-${partition}, and does not lead it`,
          );
      }
    }
  }
}
