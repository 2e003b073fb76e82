import type { Uuid } from '../../../base/brand.ts';
import type { GroupRecord, GroupRecordOf } from '../records.ts';
import type { StatePartition } from './group-state-store.ts';

type Value = NonNullable<GroupRecordOf<'ShareGroupStatePartitionMetadata'>['value']>;

export interface StateTopic {
  readonly name: string;
  readonly partitions: ReadonlySet<number>;
}

type StateTopics = ReadonlyMap<Uuid, StateTopic>;

/** Of which partitions the share coordinator keeps a group's state, by topic id. It never changes. */
export interface StatePartitions {
  /** It was asked to, and has not said that it does. */
  readonly initializing: StateTopics;
  /** Members may read these. */
  readonly initialized: StateTopics;
  /** It is to forget them. */
  readonly deleting: ReadonlyMap<Uuid, string>;
}

export const NO_STATE: StatePartitions = {
  initializing: new Map(),
  initialized: new Map(),
  deleting: new Map(),
};

export function statePartitionsOf(value: Value): StatePartitions {
  return {
    initializing: topicsOf(value.initializingTopics),
    initialized: topicsOf(value.initializedTopics),
    deleting: new Map(value.deletingTopics.map(({ topicId, topicName }) => [topicId, topicName])),
  };
}

export function statePartitionsRecord(groupId: string, state: StatePartitions): GroupRecord {
  return {
    type: 'ShareGroupStatePartitionMetadata',
    key: { groupId },
    value: {
      initializingTopics: told(state.initializing),
      initializedTopics: told(state.initialized),
      deletingTopics: [...state.deleting].map(([topicId, topicName]) => ({ topicId, topicName })),
    },
  };
}

/** These are asked for; a topic that was to be forgotten is not any more. */
export function withInitializing(state: StatePartitions, added: StateTopics): StatePartitions {
  const deleting = new Map(state.deleting);
  for (const topicId of added.keys()) deleting.delete(topicId);
  return { ...state, initializing: plus(state.initializing, added), deleting };
}

/** The share coordinator has these. */
export function withInitialized(state: StatePartitions, added: StateTopics): StatePartitions {
  return {
    ...state,
    initializing: minus(state.initializing, added),
    initialized: plus(state.initialized, added),
  };
}

/** It could not take them; they are asked for again. */
export function withoutInitializing(state: StatePartitions, gone: StateTopics): StatePartitions {
  return { ...state, initializing: minus(state.initializing, gone) };
}

/** The share coordinator is to forget these topics. */
export function withDeleting(state: StatePartitions, topics: ReadonlyMap<Uuid, string>): StatePartitions {
  const kept = (all: StateTopics): StateTopics =>
    new Map([...all].filter(([topicId]) => !topics.has(topicId)));
  return {
    initializing: kept(state.initializing),
    initialized: kept(state.initialized),
    deleting: new Map([...state.deleting, ...topics]),
  };
}

/**
 * The share coordinator has forgotten these topics. Those that it was asked to keep meanwhile are in doubt.
 */
export function withForgotten(state: StatePartitions, topicIds: ReadonlySet<Uuid>): StatePartitions {
  const { initialized, initializing, deleting } = state;
  const inDoubt = [...plus(initialized, initializing)].filter(
    ([topicId]) => topicIds.has(topicId) && !deleting.has(topicId),
  );
  return withDeleting(
    withoutTopics(state, topicIds),
    new Map(inDoubt.map(([topicId, { name }]) => [topicId, name])),
  );
}

/** Nothing is known of these topics any more. */
export function withoutTopics(state: StatePartitions, gone: ReadonlySet<Uuid>): StatePartitions {
  const { initializing, initialized, deleting } = state;
  const left = <Value>(all: ReadonlyMap<Uuid, Value>): ReadonlyMap<Uuid, Value> =>
    new Map([...all].filter(([topicId]) => !gone.has(topicId)));
  return { initializing: left(initializing), initialized: left(initialized), deleting: left(deleting) };
}

/** A topic may be among them more than once. */
export function topicIdsOf({ initializing, initialized, deleting }: StatePartitions): Uuid[] {
  return [...initializing.keys(), ...initialized.keys(), ...deleting.keys()];
}

export function partitionsOf(topics: StateTopics): StatePartition[] {
  return [...topics].flatMap(([topicId, { partitions }]) =>
    [...partitions].map((partition) => ({ topicId, partition })),
  );
}

export function plus(one: StateTopics, other: StateTopics): StateTopics {
  const all = new Map(one);
  for (const [topicId, { name, partitions }] of other)
    all.set(topicId, { name, partitions: new Set([...(all.get(topicId)?.partitions ?? []), ...partitions]) });
  return all;
}

function minus(one: StateTopics, other: StateTopics): StateTopics {
  const left = new Map<Uuid, StateTopic>();
  for (const [topicId, { name, partitions }] of one) {
    const gone = other.get(topicId)?.partitions;
    const rest = gone ? new Set([...partitions].filter((partition) => !gone.has(partition))) : partitions;
    if (rest.size > 0) left.set(topicId, { name, partitions: rest });
  }
  return left;
}

function topicsOf(topics: Value['initializedTopics']): StateTopics {
  return new Map(
    topics.map(({ topicId, topicName, partitions }) => [
      topicId,
      { name: topicName, partitions: new Set(partitions) },
    ]),
  );
}

function told(topics: StateTopics): { topicId: Uuid; topicName: string; partitions: number[] }[] {
  return [...topics].map(([topicId, { name, partitions }]) => ({
    topicId,
    topicName: name,
    partitions: [...partitions].sort((a, b) => a - b),
  }));
}
