import type {
  GroupStateStore,
  StatePartition,
  StateSummary,
} from '../../src/coordinator/group/share/group-state-store.ts';
import type { Refusal } from '../../src/protocol/refusal.ts';

/** A share coordinator that keeps what the group coordinator says, and fails when it is told to. */
export class MemoryShareState implements GroupStateStore {
  /** By group, topic id and partition. */
  readonly kept = new Map<string, { readonly stateEpoch: number; readonly startOffset: number }>();
  failure: Refusal | null = null;
  /** How often it was asked to keep a partition. */
  initializations = 0;
  /** Requests to keep, or to forget, a partition wait for these. */
  heldInitializations: Promise<void> | null = null;
  heldDeletions: Promise<void> | null = null;

  async initialize(
    groupId: string,
    partition: StatePartition,
    state: { readonly stateEpoch: number; readonly startOffset: number },
  ): Promise<Refusal | null> {
    this.initializations += 1;
    await this.heldInitializations;
    if (!this.failure) this.kept.set(keyOf(groupId, partition), state);
    return this.failure;
  }

  async delete(groupId: string, partition: StatePartition): Promise<Refusal | null> {
    await this.heldDeletions;
    if (!this.failure) this.kept.delete(keyOf(groupId, partition));
    return this.failure;
  }

  async summary(groupId: string, partition: StatePartition): Promise<StateSummary | Refusal> {
    const { startOffset = -1 } = this.kept.get(keyOf(groupId, partition)) ?? {};
    return (
      this.failure ?? { startOffset, leaderEpoch: 0, deliveryCompleteCount: startOffset === -1 ? -1 : 0 }
    );
  }
}

function keyOf(groupId: string, { topicId, partition }: StatePartition): string {
  return `${groupId} ${topicId} ${partition}`;
}
