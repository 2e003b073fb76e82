import { evenBand } from './band.ts';
import { type BrokerSummary, summarize } from './broker-summary.ts';
import { Leaderships } from './leaderships.ts';
import { levelReplicas } from './level-replicas.ts';
import { type Move, sameOrder } from './move.ts';
import { placeHomeless } from './place-homeless.ts';
import type { PlanBroker, PlanPartition } from './planned-cluster.ts';
import { PlannedReplicas } from './planned-replicas.ts';

export interface RebalancePlan {
  /** By topic and partition; partitions that stay as they are have none. */
  readonly moves: readonly Move[];
  readonly brokers: readonly BrokerSummary[];
  /** The bytes of all moves. */
  readonly totalBytes: number;
}

export interface PlanError {
  readonly error: 'NOT_ENOUGH_BROKERS';
  /** The topic of the highest replication factor that the brokers cannot hold. */
  readonly topic: string;
  readonly replicationFactor: number;
  /** How many brokers accept. */
  readonly brokers: number;
  readonly message: string;
}

/**
 * Where the replicas of a cluster should go and how few of them have to move for it. Afterwards
 *   - brokers that do not accept (and brokers that are not listed) have nothing,
 *   - the replicas of a partition lie in different zones, or as evenly over them as there are zones and
 *     brokers,
 *   - brokers have as many replicas, and as many preferred leaders, as each other within 10 % or one, as far
 *     as the zones allow it,
 *   - each topic has given its share, so that it lies as evenly as that many moves can do.
 * The same input gives the same plan; a cluster that is so already gives an empty one.
 */
export function planRebalance(
  brokers: readonly PlanBroker[],
  partitions: readonly PlanPartition[],
): RebalancePlan | PlanError {
  const impossible = tooFewBrokers(brokers, partitions);
  if (impossible) return impossible;
  const ordered = [...partitions].sort((a, b) => compareText(a.topic, b.topic) || a.index - b.index);
  const assignment = new PlannedReplicas(brokers, ordered);
  if (ordered.length > 0) {
    const replicas = ordered.reduce((sum, partition) => sum + partition.replicas.length, 0);
    const band = evenBand(replicas, assignment.accepting.length);
    placeHomeless(assignment, band);
    levelReplicas(assignment, band);
  }
  const leaderships = new Leaderships(assignment);
  if (ordered.length > 0) leaderships.level();
  const changes = ordered.map((partition, number) => {
    const to = leaderships.order(number).map((broker) => assignment.ids[broker] ?? -1);
    return { partition, move: moveOf(partition, to) };
  });
  const moves = changes.flatMap(({ move }) => (move ? [move] : []));
  return {
    moves,
    brokers: summarize(brokers, changes),
    totalBytes: moves.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function tooFewBrokers(
  brokers: readonly PlanBroker[],
  partitions: readonly PlanPartition[],
): PlanError | null {
  const accepting = brokers.filter(({ accepts }) => accepts).length;
  const [worst] = partitions
    .filter(({ replicas }) => replicas.length > accepting)
    .sort((a, b) => b.replicas.length - a.replicas.length || compareText(a.topic, b.topic));
  if (!worst) return null;
  const replicationFactor = worst.replicas.length;
  return {
    error: 'NOT_ENOUGH_BROKERS',
    topic: worst.topic,
    replicationFactor,
    brokers: accepting,
    message: `The topic ${worst.topic} has the replication factor ${replicationFactor}, and only ${accepting === 1 ? '1 broker' : `${accepting} brokers`} would be left.`,
  };
}

function moveOf(partition: PlanPartition, to: readonly number[]): Move | null {
  const { topic, index, replicas: from, sizeInBytes } = partition;
  if (sameOrder(from, to)) return null;
  const added = to.filter((broker) => !from.includes(broker)).length;
  return { topic, partition: index, from, to, bytes: added * sizeInBytes };
}

/** By code units: the same on every machine, whatever its language. */
function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
