import type { Uuid } from '../../../base/brand.ts';
import type { Refusal } from '../../../protocol/refusal.ts';

/** One partition of a group in the share coordinator. */
export interface StatePartition {
  readonly topicId: Uuid;
  readonly partition: number;
}

/** How far a share group has come in one partition. */
export interface StateSummary {
  /** -1: it has not begun. */
  readonly startOffset: number;
  readonly leaderEpoch: number;
  /** Offsets from there on that are done; -1 when that is not known. */
  readonly deliveryCompleteCount: number;
}

/**
 * The share coordinator as the group coordinator sees it, wherever it is. Nothing rejects. `isWanted`:
 * whether the wish still counts; it is looked at before each attempt, and once it does not, the result is
 * NOT_COORDINATOR.
 */
export interface GroupStateStore {
  /** Begins to keep the partition. `startOffset` -1: its leader decides where the group begins. */
  initialize(
    groupId: string,
    partition: StatePartition,
    state: { readonly stateEpoch: number; readonly startOffset: number },
    isWanted: () => boolean,
  ): Promise<Refusal | null>;
  delete(groupId: string, partition: StatePartition, isWanted: () => boolean): Promise<Refusal | null>;
  summary(groupId: string, partition: StatePartition): Promise<StateSummary | Refusal>;
}
