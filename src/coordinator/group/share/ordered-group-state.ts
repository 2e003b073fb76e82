import type { Refusal } from '../../../protocol/refusal.ts';
import type { GroupStateStore, StatePartition, StateSummary } from './group-state-store.ts';

type NewState = Parameters<GroupStateStore['initialize']>[2];

/**
 * What this group coordinator asks of a share coordinator, in order: a partition is deleted when all that was
 * to initialize it before is over. A request that is repeated while the share coordinator moves could come
 * after the deletion otherwise, and a later group of the same name would be fenced by the epoch of this one.
 */
export class OrderedGroupState implements GroupStateStore {
  readonly #store: GroupStateStore;
  /** By group and partition. */
  readonly #initializing = new Map<string, Set<Promise<unknown>>>();

  constructor(store: GroupStateStore) {
    this.#store = store;
  }

  async initialize(groupId: string, partition: StatePartition, state: NewState): Promise<Refusal | null> {
    const name = nameOf(groupId, partition);
    const underWay = this.#initializing.get(name) ?? new Set();
    this.#initializing.set(name, underWay);
    const initialized = this.#store.initialize(groupId, partition, state);
    underWay.add(initialized);
    try {
      return await initialized;
    } finally {
      underWay.delete(initialized);
      if (underWay.size === 0) this.#initializing.delete(name);
    }
  }

  async delete(groupId: string, partition: StatePartition): Promise<Refusal | null> {
    await Promise.allSettled(this.#initializing.get(nameOf(groupId, partition)) ?? []);
    return this.#store.delete(groupId, partition);
  }

  summary(groupId: string, partition: StatePartition): Promise<StateSummary | Refusal> {
    return this.#store.summary(groupId, partition);
  }
}

function nameOf(groupId: string, { topicId, partition }: StatePartition): string {
  return `${topicId}-${partition} ${groupId}`;
}
