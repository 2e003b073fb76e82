import type { ImageDelta } from '../../metadata/delta.ts';

/**
 * The names of the topics that came, went, have more partitions or other replicas; who leads a partition is
 * nothing to a group.
 */
export function changedTopics({ topics, image: before }: ImageDelta): ReadonlySet<string> {
  const changed = new Set<string>();
  if (!topics) return changed;
  for (const { name } of topics.deleted.values()) changed.add(name);
  for (const { id, name, partitions } of topics.changed.values()) {
    const known = before.topics.byId(id)?.partitions ?? [];
    for (const [index, { replicas }] of partitions)
      if (replicas.join() !== known[index]?.replicas.join()) changed.add(name);
  }
  return changed;
}
