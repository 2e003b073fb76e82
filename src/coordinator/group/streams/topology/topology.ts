import type { GroupRecordOf } from '../../records.ts';

export type TopologyValue = NonNullable<GroupRecordOf<'StreamsGroupTopology'>['value']>;
export type Subtopology = TopologyValue['subtopologies'][number];
export type InternalTopic = Subtopology['stateChangelogTopics'][number];

/**
 * What an application does with which topics, in subtopologies that exchange records through topics alone. It
 * never changes.
 */
export class Topology {
  readonly value: TopologyValue;
  /** In the order of their ids. */
  readonly subtopologies: readonly Subtopology[];
  /** The subtopology that reads a topic, by the topic's name. */
  readonly readers: ReadonlyMap<string, Subtopology>;
  /**
   * Every topic that must exist before tasks can run, each once: read, repartitioned, and the changelogs of
   * state.
   */
  readonly requiredTopics: ReadonlySet<string>;

  constructor(value: TopologyValue) {
    this.value = value;
    this.subtopologies = [...value.subtopologies].sort((a, b) =>
      a.subtopologyId < b.subtopologyId ? -1 : 1,
    );
    const readers = new Map<string, Subtopology>();
    const required = new Set<string>();
    for (const subtopology of this.subtopologies) {
      for (const name of inputsOf(subtopology)) readers.set(name, subtopology);
      for (const name of inputsOf(subtopology)) required.add(name);
      for (const { name } of subtopology.stateChangelogTopics) required.add(name);
    }
    this.readers = readers;
    this.requiredTopics = required;
  }

  get epoch(): number {
    return this.value.epoch;
  }
}

/** The topics that a subtopology reads, those of its own making included. */
export function inputsOf({ sourceTopics, repartitionSourceTopics }: Subtopology): string[] {
  return [...sourceTopics, ...repartitionSourceTopics.map(({ name }) => name)];
}

/** Whether both say the same; the order of subtopologies says nothing. */
export function sameTopology(one: Topology, other: Topology): boolean {
  if (one.epoch !== other.epoch || one.subtopologies.length !== other.subtopologies.length) return false;
  return one.subtopologies.every((subtopology, i) => deepEqual(subtopology, other.subtopologies[i]));
}

/** Of strings, numbers, and lists and objects of them. */
function deepEqual(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other;
  const entries = Object.entries(one);
  return (
    entries.length === Object.keys(other).length &&
    entries.every(([key, value]) => deepEqual(value, (other as Record<string, unknown>)[key]))
  );
}
