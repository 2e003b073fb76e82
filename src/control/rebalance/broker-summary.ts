import type { Move } from './move.ts';
import type { PlanBroker, PlanPartition } from './planned-cluster.ts';

/** What a plan means for one broker, for people who look at it before they say yes. */
export interface BrokerSummary {
  readonly id: number;
  readonly replicasBefore: number;
  readonly replicasAfter: number;
  /** Partitions that it leads now. */
  readonly leadersBefore: number;
  /** Partitions of which it is the preferred leader when all is done. */
  readonly leadersAfter: number;
  readonly partitionsIn: number;
  readonly partitionsOut: number;
  /** Copied onto the broker. */
  readonly bytesIn: number;
  /** Deleted from the broker when its replicas are elsewhere. */
  readonly bytesOut: number;
}

type Counts = { -readonly [Name in keyof BrokerSummary]: number };

export function summarize(
  brokers: readonly PlanBroker[],
  partitions: readonly { readonly partition: PlanPartition; readonly move: Move | null }[],
): BrokerSummary[] {
  const counts = new Map<number, Counts>(brokers.map(({ id }) => [id, none(id)]));
  const of = (id: number): Counts => counts.get(id) ?? none(id);
  for (const { partition, move } of partitions) {
    const { replicas: before, sizeInBytes } = partition;
    const after = move?.to ?? before;
    of(partition.leader).leadersBefore++;
    if (after[0] !== undefined) of(after[0]).leadersAfter++;
    for (const id of before) of(id).replicasBefore++;
    for (const id of after) of(id).replicasAfter++;
    for (const id of before.filter((one) => !after.includes(one))) {
      of(id).partitionsOut++;
      of(id).bytesOut += sizeInBytes;
    }
    for (const id of after.filter((one) => !before.includes(one))) {
      of(id).partitionsIn++;
      of(id).bytesIn += sizeInBytes;
    }
  }
  return [...counts.values()].sort((a, b) => a.id - b.id);
}

function none(id: number): Counts {
  return {
    id,
    replicasBefore: 0,
    replicasAfter: 0,
    leadersBefore: 0,
    leadersAfter: 0,
    partitionsIn: 0,
    partitionsOut: 0,
    bytesIn: 0,
    bytesOut: 0,
  };
}
