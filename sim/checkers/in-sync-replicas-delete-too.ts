import type { Uuid } from '../../src/base/brand.ts';
import type { Broker } from '../../src/broker/broker.ts';
import type { SimCluster } from '../cluster/sim-cluster.ts';
import type { Violations } from './violations.ts';

/** A partition when records of it were asked to be deleted, with the processes that were in its ISR. */
export interface AskedPartition {
  readonly topic: string;
  readonly topicId: Uuid;
  readonly index: number;
  readonly partitionEpoch: number;
  readonly members: ReadonlyMap<number, Broker>;
}

/**
 * When DeleteRecords is answered, the log of every replica in sync begins at the offset that was asked for: a
 * new leader does not show the records again. Only deletions are judged during which the leader and the ISR
 * stayed as they were: a broker that comes back may join the ISR before it deletes, as in Apache Kafka.
 */
export class InSyncReplicasDeleteToo {
  readonly #cluster: SimCluster;
  readonly #violations: Violations;

  constructor(cluster: SimCluster, violations: Violations) {
    this.#cluster = cluster;
    this.#violations = violations;
  }

  /**
   * Null when there is nothing to judge: the controller or a process in the ISR is away, or some broker leads
   * the partition that has not heard of the next leader or the next topic.
   */
  asks(topic: string, index: number): AskedPartition | null {
    const { image } = this.#cluster;
    const found = image?.topics.byName(topic);
    const state = found?.partitions[index];
    if (!found || !state || state.leader < 0) return null;
    const running = new Map(this.#cluster.running());
    for (const { replicas } of running.values()) {
      const replica = replicas.find(topic, index);
      if (!replica?.isLeader) continue;
      if (replica.topicId !== found.id || replica.leaderEpoch !== state.leaderEpoch) return null;
    }
    const members = new Map<number, Broker>();
    for (const id of state.isr) {
      const broker = running.get(id);
      if (!broker) return null;
      members.set(id, broker);
    }
    return { topic, topicId: found.id, index, partitionEpoch: state.partitionEpoch, members };
  }

  /** The records before `offset` were told to be deleted. */
  answered(asked: AskedPartition, offset: number): void {
    const now = this.asks(asked.topic, asked.index);
    if (now?.topicId !== asked.topicId || now.partitionEpoch !== asked.partitionEpoch) return;
    for (const [id, broker] of now.members) {
      if (asked.members.get(id) !== broker) continue;
      const log = broker.replicas.find(asked.topic, asked.index)?.log;
      if (!log || log.logStartOffset >= offset) continue;
      this.#violations.add(
        'InSyncReplicasDeleteToo',
        `records of ${asked.topic}-${asked.index} before ${offset} were told to be deleted, and its replica on broker ${id}, which is in sync, begins at ${log.logStartOffset}`,
      );
    }
  }
}
