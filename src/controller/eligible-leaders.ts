import { ELIGIBLE_LEADER_REPLICAS } from '../metadata/features.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { EncodableMetadataRecord } from '../metadata/records.ts';
import { NO_LEADER_CHANGE, type TopicImage } from '../metadata/topics.ts';
import type { DecisionState } from './decision-state.ts';

/** Whether partitions keep who may lead besides those in sync (KIP-966). */
export function keepsEligibleLeaders(image: ClusterImage): boolean {
  return image.features.level(ELIGIBLE_LEADER_REPLICAS) > 0;
}

/**
 * Below how many in sync a partition of the topic keeps eligible leader replicas; null when the cluster keeps
 * none.
 */
export function minInSyncReplicasOf({ image, rules }: DecisionState, topic: TopicImage): number | null {
  return keepsEligibleLeaders(image) ? rules.minInSyncReplicas(topic.name, image.configs) : null;
}

/**
 * With another min.insync.replicas, those that left the ISR before may soon not have all that is committed:
 * they are not eligible any more. Where nobody is in sync nothing can be committed, and without them nobody
 * could lead: they stay. An empty name is every topic.
 */
export function clearedEligibleLeaders(image: ClusterImage, name: string): EncodableMetadataRecord[] {
  const topic = image.topics.byName(name);
  const topics = name === '' ? [...image.topics.all()] : topic ? [topic] : [];
  const kept = topics.flatMap(({ id, partitions }) =>
    partitions.flatMap(({ isr, eligibleLeaderReplicas, lastKnownElr }, partitionId) =>
      isr.length > 0 || eligibleLeaderReplicas.length + lastKnownElr.length === 0
        ? []
        : [
            {
              type: 'PartitionChangeRecord' as const,
              topicId: id,
              partitionId,
              leader: NO_LEADER_CHANGE,
              eligibleLeaderReplicas: [...eligibleLeaderReplicas],
              lastKnownElr: [...lastKnownElr],
            },
          ],
    ),
  );
  return [{ type: 'ClearElrRecord', topicName: name }, ...kept];
}
