import type {
  GroupStateStore,
  StatePartition,
  StateSummary,
} from '../../src/coordinator/group/share/group-state-store.ts';
import type { Refusal } from '../../src/protocol/refusal.ts';

/**
 * A share coordinator in memory, which stores what the group coordinator sends, and fails when a test says
 * so.
 */
export class MemoryShareState implements GroupStateStore {
  /** By group, topic id and partition. */
  readonly kept = new Map<string, { readonly stateEpoch: number; readonly startOffset: number }>();
  failure: Refusal | null = null;
  /** The number of requests to store a partition. */
  initializations = 0;
  /** Requests to initialize, or to delete, the state of a partition wait for these. */
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
