import type { Refusal } from '../../../protocol/refusal.ts';
import type { GroupStateStore, StatePartition, StateSummary } from './group-state-store.ts';

type NewState = Parameters<GroupStateStore['initialize']>[2];
type Kind = 'initialize' | 'delete';

/**
 * What this group coordinator asks of a share coordinator, in order: a partition is deleted when all that was
 * to initialize it before is over, and initialized when all that was to delete it is. A request that is
 * repeated while the share coordinator moves could come after the next one otherwise: a later group of the
 * same name would be fenced by the epoch of this one, or lose what it did. Once the group is coordinated by
 * another broker, or anew by this one, nothing is repeated: the answer is NOT_COORDINATOR.
 */
export class OrderedGroupState {
  readonly #store: GroupStateStore;
  readonly #leadership: (groupId: string) => number | undefined;
  /** By group and partition. */
  readonly #underWay: Readonly<Record<Kind, Map<string, Set<Promise<unknown>>>>> = {
    initialize: new Map(),
    delete: new Map(),
  };

  /** `leadership`: the epoch in which this broker coordinates the group; undefined where it does not. */
  constructor(store: GroupStateStore, leadership: (groupId: string) => number | undefined) {
    this.#store = store;
    this.#leadership = leadership;
  }

  initialize(groupId: string, partition: StatePartition, state: NewState): Promise<Refusal | null> {
    return this.#inOrder(groupId, partition, {
      kind: 'initialize',
      after: 'delete',
      run: (isWanted) => this.#store.initialize(groupId, partition, state, isWanted),
    });
  }

  delete(groupId: string, partition: StatePartition): Promise<Refusal | null> {
    return this.#inOrder(groupId, partition, {
      kind: 'delete',
      after: 'initialize',
      run: (isWanted) => this.#store.delete(groupId, partition, isWanted),
    });
  }

  summary(groupId: string, partition: StatePartition): Promise<StateSummary | Refusal> {
    return this.#store.summary(groupId, partition);
  }

  async #inOrder(
    groupId: string,
    { topicId, partition }: StatePartition,
    {
      kind,
      after,
      run,
    }: {
      readonly kind: Kind;
      readonly after: Kind;
      readonly run: (isWanted: () => boolean) => Promise<Refusal | null>;
    },
  ): Promise<Refusal | null> {
    const epoch = this.#leadership(groupId);
    const isWanted = () => epoch !== undefined && this.#leadership(groupId) === epoch;
    const name = `${topicId}-${partition} ${groupId}`;
    const before = [...(this.#underWay[after].get(name) ?? [])];
    const all = this.#underWay[kind];
    const underWay = all.get(name) ?? new Set();
    all.set(name, underWay);
    const outcome = before.length === 0 ? run(isWanted) : afterAll(before).then(() => run(isWanted));
    underWay.add(outcome);
    try {
      return await outcome;
    } finally {
      underWay.delete(outcome);
      if (underWay.size === 0) all.delete(name);
    }
  }
}

async function afterAll(before: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(before);
}
