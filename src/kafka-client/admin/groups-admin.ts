import { byTopic, partitionKey, type TopicPartition } from '../../base/topic-partition.ts';
import { decodeAssignment } from '../../protocol/consumer-protocol.ts';
import { describeGroups } from '../../protocol/messages/15-describe-groups.ts';
import { listGroups } from '../../protocol/messages/16-list-groups.ts';
import { deleteGroups } from '../../protocol/messages/42-delete-groups.ts';
import { offsetDelete } from '../../protocol/messages/47-offset-delete.ts';
import { consumerGroupDescribe } from '../../protocol/messages/69-consumer-group-describe.ts';
import type { ClusterBrokers } from '../connections/cluster-brokers.ts';
import { commitOffsets, committedOffsets } from '../consumer/committed-offsets.ts';
import type { CommittedOffset } from '../group-offsets.ts';
import { answerError, checkAnswer } from '../kafka-client-error.ts';
import { LATEST, logEnd, lookUpOffsets, type OffsetAnswer, type OffsetQuestion } from '../offset-lookup.ts';

export interface GroupListing {
  readonly groupId: string;
  /** `classic` or `consumer` (KIP-848). */
  readonly type: string;
  readonly state: string;
}

interface GroupMemberDescription {
  readonly memberId: string;
  readonly clientId: string;
  readonly host: string;
  readonly partitions: readonly TopicPartition[];
}

interface GroupOffset extends TopicPartition {
  /** Null when nothing is committed. */
  readonly committed: number | null;
  /** The offset that the next record will have. */
  readonly end: number;
  /** Records that the group has not read; null when nothing is committed. */
  readonly lag: number | null;
  /** Who reads it now. */
  readonly member: GroupMemberDescription | null;
}

export interface GroupDescription extends GroupListing {
  readonly members: readonly GroupMemberDescription[];
  /** Of every partition that the group has an offset of or reads. */
  readonly offsets: readonly GroupOffset[];
}

/** Groups of consumers. */
export class GroupsAdmin {
  readonly #cluster: ClusterBrokers;

  constructor(cluster: ClusterBrokers) {
    this.#cluster = cluster;
  }

  /** Of all brokers that are alive, by id. */
  async list(): Promise<readonly GroupListing[]> {
    return this.#cluster.retried(async () => {
      await this.#cluster.view.refresh();
      const lists = await Promise.all(
        this.#cluster.view.brokers.map(async (broker) => {
          const answer = await this.#cluster.ask(broker, listGroups, { statesFilter: [], typesFilter: [] });
          checkAnswer(`ListGroups of broker ${broker.id}`, answer.errorCode);
          return answer.groups;
        }),
      );
      return lists
        .flat()
        .map(({ groupId, groupType, groupState }) => ({
          groupId,
          // Before KIP-848 there were no others, and no word for them.
          type: groupType === '' ? 'classic' : groupType,
          state: groupState,
        }))
        .sort((a, b) => (a.groupId < b.groupId ? -1 : 1));
    });
  }

  /** With members, offsets and lag. Rejects with GROUP_ID_NOT_FOUND. */
  async describe(groupId: string): Promise<GroupDescription> {
    const listing = (await this.list()).find((group) => group.groupId === groupId);
    if (!listing) throw answerError(`group ${groupId}`, 'GROUP_ID_NOT_FOUND', 'There is no such group.');
    const members =
      listing.type === 'consumer' ? await this.#consumers(groupId) : await this.#classicMembers(groupId);
    const committed = await committedOffsets(this.#cluster, groupId, null);
    const topics = new Map((await this.#cluster.view.all()).map((topic) => [topic.name, topic]));
    const partitions = new Map<string, TopicPartition>();
    for (const one of [...committed, ...members.flatMap((member) => member.partitions)])
      if (topics.get(one.topic)?.partitions[one.partition])
        partitions.set(partitionKey(one), { topic: one.topic, partition: one.partition });
    const ends = await this.offsetsAt([...partitions.values()].map((one) => ({ ...one, timestamp: LATEST })));
    const offsets = [...partitions].map(([key, partition]): GroupOffset => {
      const end = logEnd(ends, partition);
      const own = committed.find((one) => partitionKey(one) === key)?.offset ?? null;
      return {
        ...partition,
        committed: own,
        end,
        lag: own === null ? null : Math.max(0, end - own),
        member: members.find((one) => one.partitions.some((other) => partitionKey(other) === key)) ?? null,
      };
    });
    offsets.sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
    return { ...listing, members, offsets };
  }

  /** Of partitions: LATEST, EARLIEST, or the first record at a time; null where no record is that late. */
  offsetsAt(
    questions: readonly OffsetQuestion[],
    isolation: 'read_committed' | 'read_uncommitted' = 'read_uncommitted',
  ): Promise<ReadonlyMap<string, OffsetAnswer>> {
    return lookUpOffsets(this.#cluster, questions, isolation);
  }

  committed(groupId: string): Promise<CommittedOffset[]> {
    return committedOffsets(this.#cluster, groupId, null);
  }

  /**
   * Where the group goes on; it is made when it is not there. Rejects with UNKNOWN_MEMBER_ID while it has
   * members.
   */
  alterOffsets(groupId: string, offsets: readonly CommittedOffset[]): Promise<void> {
    return commitOffsets(this.#cluster, { groupId }, offsets);
  }

  /**
   * The group has no place in these any more. Rejects with GROUP_SUBSCRIBED_TO_TOPIC while members read the
   * topic.
   */
  async deleteOffsets(groupId: string, partitions: readonly TopicPartition[]): Promise<void> {
    await this.#cluster.askCoordinator(
      'group',
      groupId,
      offsetDelete,
      {
        groupId,
        topics: [...byTopic(partitions)].map(([name, own]) => ({
          name,
          partitions: own.map(({ partition }) => ({ partitionIndex: partition })),
        })),
      },
      ({ errorCode, topics }) => {
        checkAnswer(`OffsetDelete of ${groupId}`, errorCode);
        for (const { name, partitions: own } of topics)
          for (const one of own)
            checkAnswer(`OffsetDelete of ${groupId} for ${name}-${one.partitionIndex}`, one.errorCode);
      },
    );
  }

  /** With its offsets. Rejects with NON_EMPTY_GROUP while it has members. */
  async delete(groupId: string): Promise<void> {
    await this.#cluster.askCoordinator(
      'group',
      groupId,
      deleteGroups,
      { groupsNames: [groupId] },
      ({ results }) => {
        for (const { errorCode, errorMessage } of results)
          checkAnswer(`DeleteGroups of ${groupId}`, errorCode, errorMessage);
      },
    );
  }

  async #classicMembers(groupId: string): Promise<GroupMemberDescription[]> {
    const { groups } = await this.#cluster.askCoordinator(
      'group',
      groupId,
      describeGroups,
      { groups: [groupId], includeAuthorizedOperations: false },
      (answer) => {
        for (const { errorCode, errorMessage } of answer.groups)
          checkAnswer(`DescribeGroups of ${groupId}`, errorCode, errorMessage);
      },
    );
    return groups.flatMap(({ members, protocolType }) =>
      members.map(({ memberId, clientId, clientHost, memberAssignment }) => ({
        memberId,
        clientId,
        host: clientHost,
        // Other protocols, as Kafka Connect's, have assignments of their own.
        partitions:
          protocolType === 'consumer'
            ? decodeAssignment(memberAssignment).assignedPartitions.flatMap(single)
            : [],
      })),
    );
  }

  async #consumers(groupId: string): Promise<GroupMemberDescription[]> {
    const { groups } = await this.#cluster.askCoordinator(
      'group',
      groupId,
      consumerGroupDescribe,
      { groupIds: [groupId], includeAuthorizedOperations: false },
      (answer) => {
        for (const { errorCode, errorMessage } of answer.groups)
          checkAnswer(`ConsumerGroupDescribe of ${groupId}`, errorCode, errorMessage);
      },
    );
    return groups.flatMap(({ members }) =>
      members.map(({ memberId, clientId, clientHost, assignment }) => ({
        memberId,
        clientId,
        host: clientHost,
        partitions: assignment.topicPartitions.flatMap(({ topicName, partitions }) =>
          single({ topic: topicName, partitions }),
        ),
      })),
    );
  }
}

function single({
  topic,
  partitions,
}: {
  readonly topic: string;
  readonly partitions: readonly number[];
}): TopicPartition[] {
  return partitions.map((partition) => ({ topic, partition }));
}
