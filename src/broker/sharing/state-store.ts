import type { StateBatch } from '../../coordinator/share/records.ts';
import type { ShareKey } from '../../coordinator/share/share-key.ts';
import type { Refusal } from '../../protocol/refusal.ts';

/** What the share coordinator keeps of one share partition. */
export interface KeptState {
  readonly stateEpoch: number;
  /** -1: the group has not begun. */
  readonly startOffset: number;
  readonly stateBatches: readonly StateBatch[];
}

export interface StateToKeep extends KeptState {
  readonly leaderEpoch: number;
  readonly deliveryCompleteCount: number;
}

/** The share coordinator as the leader of a partition sees it, wherever it is. Nothing rejects. */
export interface StateStore {
  /** Takes over in this leader epoch: leaders before it can write no more. */
  read(key: ShareKey, leaderEpoch: number): Promise<KeptState | Refusal>;
  write(key: ShareKey, state: StateToKeep): Promise<Refusal | null>;
}
