import type { ShareSnapshotValue, ShareStateRecord, ShareUpdateValue } from './records.ts';
import { coordinatorKey, type ShareKey } from './share-key.ts';
import { combineBatches } from './state-batches.ts';

/** What is known of one share partition. */
export interface ShareState {
  readonly key: ShareKey;
  readonly value: ShareSnapshotValue;
  /** Updates since the snapshot. */
  readonly updates: number;
  /** Where the snapshot lies in the log: nothing of this partition before it is needed. */
  readonly snapshotOffset: number;
}

/** The state of share partitions, as the records of one log make it. */
export class ShareStates {
  readonly #byKey = new Map<string, ShareState>();
  #endOffset = 0;

  find(key: ShareKey): ShareState | undefined {
    return this.#byKey.get(coordinatorKey(key));
  }

  all(): IterableIterator<ShareState> {
    return this.#byKey.values();
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Where the next record will lie. */
  get endOffset(): number {
    return this.#endOffset;
  }

  /** Everything before it says nothing that is not said again from there on. */
  get neededFrom(): number {
    let needed = this.#endOffset;
    for (const { snapshotOffset } of this.#byKey.values()) needed = Math.min(needed, snapshotOffset);
    return needed;
  }

  replay(record: ShareStateRecord, offset: number): void {
    const id = coordinatorKey(record.key);
    this.#endOffset = offset + 1;
    const known = this.#byKey.get(id);
    if (record.type === 'ShareUpdate') {
      const value = known ? updated(known.value, record.value) : fromUpdate(record.value);
      this.#byKey.set(id, {
        key: record.key,
        value,
        updates: (known?.updates ?? 0) + 1,
        snapshotOffset: known?.snapshotOffset ?? offset,
      });
    } else if (record.value === null) this.#byKey.delete(id);
    else this.#byKey.set(id, { key: record.key, value: record.value, updates: 0, snapshotOffset: offset });
  }
}

/** The state after the update. */
export function updated(
  before: ShareSnapshotValue,
  {
    startOffset,
    leaderEpoch,
    deliveryCompleteCount,
    stateBatches,
  }: Pick<ShareUpdateValue, 'startOffset' | 'leaderEpoch' | 'deliveryCompleteCount' | 'stateBatches'>,
): ShareSnapshotValue {
  const newStartOffset = startOffset === -1 ? before.startOffset : startOffset;
  return {
    ...before,
    startOffset: newStartOffset,
    leaderEpoch: leaderEpoch === -1 ? before.leaderEpoch : leaderEpoch,
    deliveryCompleteCount,
    stateBatches: combineBatches(before.stateBatches, stateBatches, newStartOffset),
  };
}

/** The log was cut off before the snapshot, which is possible only where another program did it. */
function fromUpdate(update: ShareUpdateValue): ShareSnapshotValue {
  return { ...update, stateEpoch: 0, createTimestamp: 0, writeTimestamp: 0 };
}
