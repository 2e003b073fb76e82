import { assert } from '../base/assert.ts';
import type { BrokerId, Uuid } from '../base/brand.ts';
import { ImmutableMap } from '../base/immutable-map.ts';
import { UNASSIGNED_DIRECTORY } from './directory-id.ts';
import type { MetadataRecord, RecordOf } from './records.ts';

/** `leader` of a partition that has none: every replica in the ISR is fenced. */
export const NO_LEADER = -1;
/** `leader` of a PartitionChangeRecord that leaves leader and leader epoch as they are. */
export const NO_LEADER_CHANGE = -2;
/** `leaderRecoveryState`: the leader was chosen uncleanly and has not yet recovered from it (KIP-704). */
export const RECOVERED = 0;
export const RECOVERING = 1;
const NO_RECOVERY_STATE_CHANGE = -1;

export interface PartitionImage {
  readonly replicas: readonly BrokerId[];
  /** Where each replica lies, in the order of `replicas`. */
  readonly directories: readonly Uuid[];
  readonly isr: readonly BrokerId[];
  readonly removingReplicas: readonly BrokerId[];
  readonly addingReplicas: readonly BrokerId[];
  readonly eligibleLeaderReplicas: readonly BrokerId[];
  readonly lastKnownElr: readonly BrokerId[];
  readonly leader: BrokerId;
  readonly leaderRecoveryState: number;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
}

export interface TopicImage {
  readonly id: Uuid;
  readonly name: string;
  /** By partition number, without holes. */
  readonly partitions: readonly PartitionImage[];
}

export class TopicsImage {
  static readonly empty = new TopicsImage(ImmutableMap.empty(), ImmutableMap.empty());
  readonly #byId: ImmutableMap<Uuid, TopicImage>;
  readonly #idByName: ImmutableMap<string, Uuid>;

  constructor(byId: ImmutableMap<Uuid, TopicImage>, idByName: ImmutableMap<string, Uuid>) {
    this.#byId = byId;
    this.#idByName = idByName;
  }

  byId(id: Uuid): TopicImage | undefined {
    return this.#byId.get(id);
  }

  byName(name: string): TopicImage | undefined {
    const id = this.#idByName.get(name);
    return id === undefined ? undefined : this.#byId.get(id);
  }

  partition(id: Uuid, index: number): PartitionImage | undefined {
    return this.#byId.get(id)?.partitions[index];
  }

  all(): IterableIterator<TopicImage> {
    return this.#byId.values();
  }

  get size(): number {
    return this.#byId.size;
  }

  with(topic: TopicImage): TopicsImage {
    return new TopicsImage(this.#byId.set(topic.id, topic), this.#idByName.set(topic.name, topic.id));
  }

  without(topic: TopicImage): TopicsImage {
    // A name that was taken again by a younger topic stays with that one.
    const idByName =
      this.#idByName.get(topic.name) === topic.id ? this.#idByName.delete(topic.name) : this.#idByName;
    return new TopicsImage(this.#byId.delete(topic.id), idByName);
  }

  /** Each topic, then its partitions, oldest fields first: what a snapshot holds of it. */
  *records(): IterableIterator<MetadataRecord> {
    for (const topic of this.all()) {
      yield { type: 'TopicRecord', name: topic.name, topicId: topic.id };
      for (const [partitionId, partition] of topic.partitions.entries())
        yield partitionRecord(topic.id, partitionId, partition);
    }
  }
}

/** What changed in one topic: its partitions as they are after the delta. */
export interface TopicDelta {
  readonly id: Uuid;
  readonly name: string;
  readonly isNew: boolean;
  readonly partitions: ReadonlyMap<number, PartitionImage>;
}

/** Collects the records of many topics and copies each changed topic once, when it is applied. */
export class TopicsDelta {
  readonly image: TopicsImage;
  readonly #changed = new Map<Uuid, TopicDelta & { readonly partitions: Map<number, PartitionImage> }>();
  /** Topics of the image before that are gone. */
  readonly #deleted = new Map<Uuid, TopicImage>();

  constructor(image: TopicsImage) {
    this.image = image;
  }

  get changed(): ReadonlyMap<Uuid, TopicDelta> {
    return this.#changed;
  }

  get deleted(): ReadonlyMap<Uuid, TopicImage> {
    return this.#deleted;
  }

  replay(record: TopicChange): void {
    switch (record.type) {
      case 'TopicRecord':
        this.#changed.set(record.topicId, {
          id: record.topicId,
          name: record.name,
          isNew: true,
          partitions: new Map(),
        });
        return;
      case 'PartitionRecord':
        this.#topic(record.topicId).partitions.set(record.partitionId, partitionOf(record));
        return;
      case 'PartitionChangeRecord': {
        const topic = this.#topic(record.topicId);
        const before =
          topic.partitions.get(record.partitionId) ??
          this.image.partition(record.topicId, record.partitionId);
        assert(before, `a change of ${topic.name}-${record.partitionId}, which does not exist`);
        topic.partitions.set(record.partitionId, changedPartition(before, record));
        return;
      }
      case 'RemoveTopicRecord': {
        this.#changed.delete(record.topicId);
        const before = this.image.byId(record.topicId);
        if (before) this.#deleted.set(before.id, before);
        return;
      }
    }
  }

  /** Forgets the eligible leader replicas of one topic, or of all when the name is empty (KIP-966). */
  clearElr(name: string): void {
    const after = this.apply();
    const named = name === '' ? [...after.all()] : [after.byName(name)];
    for (const topic of named) {
      for (const [index, partition] of topic?.partitions.entries() ?? []) {
        if (partition.eligibleLeaderReplicas.length === 0 && partition.lastKnownElr.length === 0) continue;
        const cleared = { eligibleLeaderReplicas: [], lastKnownElr: [] };
        if (topic)
          this.#topic(topic.id).partitions.set(index, {
            ...partition,
            ...cleared,
            partitionEpoch: partition.partitionEpoch + 1,
          });
      }
    }
  }

  apply(): TopicsImage {
    let image = this.image;
    for (const topic of this.#deleted.values()) image = image.without(topic);
    for (const { id, name, partitions: changes } of this.#changed.values()) {
      const partitions = [...(this.image.byId(id)?.partitions ?? [])];
      for (const [index, partition] of [...changes].sort(([a], [b]) => a - b)) {
        assert(index <= partitions.length, `${name} has no partition before ${index}`);
        partitions[index] = partition;
      }
      image = image.with({ id, name, partitions });
    }
    return image;
  }

  #topic(id: Uuid): TopicDelta & { readonly partitions: Map<number, PartitionImage> } {
    const known = this.#changed.get(id);
    if (known) return known;
    const before = this.image.byId(id);
    assert(before && !this.#deleted.has(id), `a record of topic ${id}, which does not exist`);
    const delta = { id, name: before.name, isNew: false, partitions: new Map<number, PartitionImage>() };
    this.#changed.set(id, delta);
    return delta;
  }
}

type TopicChange = RecordOf<
  'TopicRecord' | 'PartitionRecord' | 'PartitionChangeRecord' | 'RemoveTopicRecord'
>;

function partitionOf(record: RecordOf<'PartitionRecord'>): PartitionImage {
  return {
    replicas: record.replicas,
    // Records from before KIP-858 name no directories.
    directories:
      record.directories.length === record.replicas.length
        ? record.directories
        : record.replicas.map(() => UNASSIGNED_DIRECTORY),
    isr: record.isr,
    removingReplicas: record.removingReplicas,
    addingReplicas: record.addingReplicas,
    eligibleLeaderReplicas: record.eligibleLeaderReplicas ?? [],
    lastKnownElr: record.lastKnownElr ?? [],
    leader: record.leader,
    leaderRecoveryState: record.leaderRecoveryState,
    leaderEpoch: record.leaderEpoch,
    partitionEpoch: record.partitionEpoch,
  };
}

/**
 * A change that names a leader, even the same one, begins a new leader epoch; every change is a new partition
 * epoch.
 */
export function changedPartition(
  before: PartitionImage,
  change: RecordOf<'PartitionChangeRecord'>,
): PartitionImage {
  const leads = change.leader !== NO_LEADER_CHANGE;
  const replicas = change.replicas ?? before.replicas;
  return {
    replicas,
    directories: change.directories ?? directoriesOf(before, replicas),
    isr: change.isr ?? before.isr,
    removingReplicas: change.removingReplicas ?? before.removingReplicas,
    addingReplicas: change.addingReplicas ?? before.addingReplicas,
    eligibleLeaderReplicas: change.eligibleLeaderReplicas ?? before.eligibleLeaderReplicas,
    lastKnownElr: change.lastKnownElr ?? before.lastKnownElr,
    leader: leads ? change.leader : before.leader,
    leaderRecoveryState:
      change.leaderRecoveryState === NO_RECOVERY_STATE_CHANGE
        ? before.leaderRecoveryState
        : change.leaderRecoveryState,
    leaderEpoch: leads ? before.leaderEpoch + 1 : before.leaderEpoch,
    partitionEpoch: before.partitionEpoch + 1,
  };
}

function directoriesOf(before: PartitionImage, replicas: readonly BrokerId[]): readonly Uuid[] {
  if (replicas === before.replicas) return before.directories;
  return replicas.map((id) => before.directories[before.replicas.indexOf(id)] ?? UNASSIGNED_DIRECTORY);
}

export function partitionRecord(
  topicId: Uuid,
  partitionId: number,
  partition: PartitionImage,
): RecordOf<'PartitionRecord'> {
  return {
    type: 'PartitionRecord',
    partitionId,
    topicId,
    replicas: [...partition.replicas],
    isr: [...partition.isr],
    removingReplicas: [...partition.removingReplicas],
    addingReplicas: [...partition.addingReplicas],
    leader: partition.leader,
    leaderRecoveryState: partition.leaderRecoveryState,
    leaderEpoch: partition.leaderEpoch,
    partitionEpoch: partition.partitionEpoch,
    directories: [...partition.directories],
    eligibleLeaderReplicas:
      partition.eligibleLeaderReplicas.length > 0 ? [...partition.eligibleLeaderReplicas] : null,
    lastKnownElr: partition.lastKnownElr.length > 0 ? [...partition.lastKnownElr] : null,
  };
}
