import { byTopic } from '../../base/topic-partition.ts';
import type { DecodedResponse } from '../../protocol/api.ts';
import { decodeSubscription, encodeAssignment } from '../../protocol/consumer-protocol.ts';
import type { joinGroup } from '../../protocol/messages/11-join-group.ts';
import type { SyncGroupRequest } from '../../protocol/messages/14-sync-group.ts';
import type { ClusterBrokers } from '../connections/cluster-brokers.ts';
import { KafkaClientError } from '../kafka-client-error.ts';
import type { Assign } from './assignors/assignor.ts';
import { assignSticky } from './assignors/cooperative-sticky.ts';
import { assignRanges } from './assignors/range.ts';
import type { AssignorName } from './consumer-options.ts';

const ASSIGNORS: Readonly<Record<AssignorName, Assign>> = {
  range: assignRanges,
  'cooperative-sticky': assignSticky,
};

/** What the member that leads its group does: it assigns, and looks whether what it assigned is still all. */
export class LeaderAssignment {
  readonly #cluster: ClusterBrokers;
  readonly #groupId: string;
  /**
   * How many partitions the topics of all members had when this member assigned them; null when it does not
   * lead.
   */
  #assignedCounts: ReadonlyMap<string, number> | null = null;

  constructor(cluster: ClusterBrokers, groupId: string) {
    this.#cluster = cluster;
    this.#groupId = groupId;
  }

  /** The member does not lead, or not yet. */
  forget(): void {
    this.#assignedCounts = null;
  }

  /**
   * What each member of the new generation gets. Rejects with KafkaClientError when the group chose an
   * assignor that this client does not have, or the topics could not be looked up.
   */
  async make({
    protocolName,
    members,
  }: DecodedResponse<typeof joinGroup>): Promise<SyncGroupRequest['assignments']> {
    const assign = Object.entries(ASSIGNORS).find(([name]) => name === protocolName)?.[1];
    if (!assign)
      throw new KafkaClientError(
        'INCONSISTENT_GROUP_PROTOCOL',
        `group ${this.#groupId} chose the assignor ${protocolName}, which this client does not have`,
      );
    const known = members.map(({ memberId, groupInstanceId, metadata }) => {
      const { topics, ownedPartitions = [], generationId } = decodeSubscription(metadata);
      const owned = ownedPartitions.flatMap(({ topic, partitions }) =>
        partitions.map((partition) => ({ topic, partition })),
      );
      return { id: memberId, instanceId: groupInstanceId, topics, owned, generation: generationId };
    });
    const counts = await this.#partitionCounts(known.flatMap(({ topics }) => topics));
    this.#assignedCounts = counts;
    return [...assign(known, counts)].map(([memberId, own]) => ({
      memberId,
      assignment: encodeAssignment({
        assignedPartitions: [...byTopic(own)].map(([topic, partitions]) => ({
          topic,
          partitions: partitions.map(({ partition }) => partition),
        })),
      }),
    }));
  }

  /** Whether partitions were added, or topics were made, since this member assigned them. */
  async isOutdated(topics: readonly string[]): Promise<boolean> {
    const assigned = this.#assignedCounts;
    if (!assigned) return false;
    const { view } = this.#cluster;
    const isOld = topics.some((topic) => view.known(topic) === null);
    if (isOld) await view.refresh(topics);
    const changed = topics.some(
      (topic) => (view.known(topic)?.partitions.length ?? 0) !== (assigned.get(topic) ?? 0),
    );
    return changed && assigned === this.#assignedCounts;
  }

  async #partitionCounts(topics: readonly string[]): Promise<Map<string, number>> {
    const { view } = this.#cluster;
    await view.refresh(topics);
    const known = [...new Set(topics)].sort().map((topic) => view.known(topic));
    return new Map(known.flatMap((topic) => (topic ? [[topic.name, topic.partitions.length]] : [])));
  }
}
