import { partitionKey, type TopicPartition } from '../../base/topic-partition.ts';
import { type ErrorName, isRetriable } from '../../protocol/errors.ts';
import type { PartitionRefusal } from './cluster-admin.ts';
import type { SurveyedMove } from './survey.ts';

/** Refusals of one move that may be of passing nature. */
const REFUSALS_MAX = 10;
/** Brokers learn of a finished reassignment a moment after the controller: only what stays is believed. */
const CHANGED_LOOKS = 5;

export interface MoveRefusal extends TopicPartition {
  /** REPLICAS_CHANGED: somebody else moved the partition since the plan was made. */
  readonly error: ErrorName | 'REPLICAS_CHANGED';
  readonly message: string;
}

/** The moves of a plan that are given up, and how near the others are to it. */
export class RefusedMoves {
  readonly #refused = new Map<string, MoveRefusal>();
  /** How often a move was refused, or seen changed, in a row. */
  readonly #strikes = new Map<string, number>();

  get all(): readonly MoveRefusal[] {
    return [...this.#refused.values()];
  }

  has(partition: TopicPartition): boolean {
    return this.#refused.has(partitionKey(partition));
  }

  /** The cluster refused a move. One that may pass is given up when it comes again and again. */
  add(refusal: PartitionRefusal): void {
    const strikes = this.#strike(refusal);
    if (isRetriable(refusal.error) && strikes < REFUSALS_MAX) return;
    this.#refused.set(partitionKey(refusal), refusal);
  }

  /** Gives up on moves whose partition is gone, or lies elsewhere and stays there. */
  judge(surveyed: readonly SurveyedMove[]): void {
    for (const { move, state, replicas } of surveyed) {
      const { topic, partition } = move;
      if (state === 'UNKNOWN' || state === 'CHANGED') {
        if (this.#strike(move) < CHANGED_LOOKS) continue;
        this.#refused.set(partitionKey(move), {
          topic,
          partition,
          error: state === 'UNKNOWN' ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'REPLICAS_CHANGED',
          message:
            state === 'UNKNOWN'
              ? 'The topic or partition does not exist any more.'
              : `The replicas are on ${replicas.join(', ')} since the plan was made.`,
        });
      } else if (state !== 'PENDING') {
        this.#strikes.delete(partitionKey(move));
      }
    }
  }

  #strike(partition: TopicPartition): number {
    const strikes = (this.#strikes.get(partitionKey(partition)) ?? 0) + 1;
    this.#strikes.set(partitionKey(partition), strikes);
    return strikes;
  }
}
