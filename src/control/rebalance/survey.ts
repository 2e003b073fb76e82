import { partitionKey } from '../../base/topic-partition.ts';
import type { OngoingReassignment, PartitionDescription } from './cluster-admin.ts';
import { type Move, sameBrokers, sameOrder } from './move.ts';

/**
 * What the cluster says about one move. It is all the state that a rebalance has: nothing is remembered that
 * a crash could lose.
 */
type MoveState =
  | 'PENDING'
  | 'MOVING'
  | 'DONE'
  /** Somebody else moves the partition elsewhere; what comes of it is seen later. */
  | 'BLOCKED'
  /** The partition lies neither where the plan found it nor where it puts it. */
  | 'CHANGED'
  /** The topic is gone. */
  | 'UNKNOWN';

export interface SurveyedMove {
  readonly move: Move;
  readonly state: MoveState;
  /** Empty when the topic is gone. */
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly leader: number;
}

export function survey(
  moves: readonly Move[],
  described: readonly PartitionDescription[],
  ongoing: readonly OngoingReassignment[],
): SurveyedMove[] {
  const partitions = new Map(described.map((one) => [partitionKey(one), one]));
  const reassignments = new Map(ongoing.map((one) => [partitionKey(one), one]));
  return moves.map((move) => {
    const key = partitionKey(move);
    const partition = partitions.get(key);
    const { replicas = [], isr = [], leader = -1 } = partition ?? {};
    const state = partition ? stateOf(move, replicas, reassignments.get(key)) : 'UNKNOWN';
    return { move, state, replicas, isr, leader };
  });
}

function stateOf(
  move: Move,
  replicas: readonly number[],
  reassignment: OngoingReassignment | undefined,
): MoveState {
  if (reassignment) {
    const target = reassignment.replicas.filter((broker) => !reassignment.removing.includes(broker));
    return sameBrokers(target, move.to) ? 'MOVING' : 'BLOCKED';
  }
  if (sameOrder(replicas, move.to)) return 'DONE';
  // Kafka keeps no order when a reassignment is taken back, so the old brokers in any order are the old
  // place.
  return sameBrokers(replicas, move.from) || sameBrokers(replicas, move.to) ? 'PENDING' : 'CHANGED';
}
