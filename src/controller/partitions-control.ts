import type { BrokerId } from '../base/brand.ts';
import type { BrokerImage } from '../metadata/brokers.ts';
import { LOST_DIRECTORY, MIGRATING_DIRECTORY, UNASSIGNED_DIRECTORY } from '../metadata/directory-id.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { RecordOf } from '../metadata/records.ts';
import {
  changedPartition,
  NO_LEADER,
  NO_LEADER_CHANGE,
  type PartitionImage,
  RECOVERED,
  RECOVERING,
  type TopicImage,
} from '../metadata/topics.ts';
import { type ErrorName, errorCode } from '../protocol/errors.ts';
import type {
  AlterPartitionRequest,
  AlterPartitionResponse,
} from '../protocol/messages/56-alter-partition.ts';
import { checkBrokerEpoch } from './broker-epoch.ts';
import { answer, type ControllerDecision } from './decision.ts';
import type { DecisionState } from './decision-state.ts';
import { minInSyncReplicasOf } from './eligible-leaders.ts';
import { partitionChange } from './partition-change.ts';

type PartitionChange = RecordOf<'PartitionChangeRecord'>;

/** Leaders and ISRs are for brokers that are neither fenced nor about to stop. */
export function isActive(broker: BrokerImage | undefined): boolean {
  return broker !== undefined && !broker.fenced && !broker.inControlledShutdown;
}

/**
 * What becomes of leaders and ISRs when one broker goes or comes. The image still shows the broker as it was,
 * so the change is named here: `removed` leaves every ISR and leads nothing, `added` may lead again. With
 * `directories`, only replicas in these folders of `removed` are concerned.
 */
export function leaderAndIsrChanges(
  state: DecisionState,
  change: {
    readonly removed?: BrokerId;
    readonly added?: BrokerId;
    readonly directories?: readonly string[];
    /** `removed` may have lost what it had: it is not eligible to lead either. */
    readonly isUnclean?: boolean;
  },
): PartitionChange[] {
  const { image } = state;
  const { removed, added, directories, isUnclean } = change;
  const records: PartitionChange[] = [];
  for (const topic of image.topics.all()) {
    for (const [partitionId, partition] of topic.partitions.entries()) {
      const concerned =
        (removed !== undefined && partition.isr.includes(removed)) ||
        (removed !== undefined && isUnclean && partition.eligibleLeaderReplicas.includes(removed)) ||
        (added !== undefined && partition.leader === NO_LEADER && partition.replicas.includes(added));
      if (!concerned) continue;
      if (directories && !directories.includes(directoryOf(partition, removed) ?? '')) continue;
      const record = partitionChange(
        { topicId: topic.id, partitionId },
        partition,
        { isr: partition.isr.filter((id) => id !== removed) },
        {
          // A broker that comes back is often followed by others: after a restart of all of them, those in
          // sync have a moment to return before unclean.leader.election.interval.ms lets one lead that is
          // behind.
          election: added === undefined && !isUnclean ? electionOf(state, topic) : 'online',
          minInSyncReplicas: minInSyncReplicasOf(state, topic),
          ...(isUnclean && removed !== undefined ? { uncleanShutdown: removed } : {}),
          isAcceptableLeader: (id) =>
            id !== removed &&
            (id === added || isActive(image.brokers.byId(id))) &&
            isOnline(image, partition, id),
        },
      );
      if (record) records.push(record);
    }
  }
  return records;
}

/** How the topic wants to be led rather than not at all. */
export function electionOf({ image, rules }: DecisionState, topic: TopicImage): 'online' | 'unclean' {
  return rules.allowsUncleanElection(topic.name, image.configs) ? 'unclean' : 'online';
}

function directoryOf(partition: PartitionImage, id: BrokerId | undefined): string | undefined {
  return id === undefined ? undefined : partition.directories[partition.replicas.indexOf(id)];
}

function isOnline(image: ClusterImage, partition: PartitionImage, id: BrokerId): boolean {
  const directory = directoryOf(partition, id);
  if (directory === undefined || directory === UNASSIGNED_DIRECTORY || directory === MIGRATING_DIRECTORY)
    return true;
  if (directory === LOST_DIRECTORY) return false;
  return image.brokers.byId(id)?.logDirs.includes(directory) ?? false;
}

/** Who may lead the partition, if it is in sync. */
export function isAcceptableLeader(image: ClusterImage, partition: PartitionImage, id: BrokerId): boolean {
  return isActive(image.brokers.byId(id)) && isOnline(image, partition, id);
}

/** Whether the broker leads anything: one that does may not stop yet. */
export function leadsAny(image: ClusterImage, brokerId: BrokerId): boolean {
  for (const topic of image.topics.all())
    if (topic.partitions.some((partition) => partition.leader === brokerId)) return true;
  return false;
}

/**
 * A leader asks for another ISR, or says that it has recovered from an unclean election (KIP-497, KIP-704).
 */
export function alterPartition(
  state: DecisionState,
  request: AlterPartitionRequest,
  apiVersion: number,
): ControllerDecision<AlterPartitionResponse> {
  const { image } = state;
  const stale = checkBrokerEpoch(image, request.brokerId, request.brokerEpoch);
  if (stale) return answer({ throttleTimeMs: 0, errorCode: errorCode(stale), topics: [] });
  const records: PartitionChange[] = [];
  const topics = request.topics.map(({ topicId, partitions }) => ({
    topicId,
    partitions: partitions.map((wanted) => {
      const partitionIndex = wanted.partitionIndex;
      const topic = image.topics.byId(topicId);
      if (!topic) return refusedPartition(partitionIndex, 'UNKNOWN_TOPIC_ID');
      const partition = topic.partitions[partitionIndex];
      const isr: readonly IsrMember[] =
        apiVersion >= 3
          ? wanted.newIsrWithEpochs
          : wanted.newIsr.map((brokerId) => ({ brokerId, brokerEpoch: -1 }));
      const error = checkAlteration(image, request.brokerId, partition, { ...wanted, isr });
      if (error || !partition) return refusedPartition(partitionIndex, error ?? 'UNKNOWN_TOPIC_OR_PARTITION');
      const record = partitionChange(
        { topicId, partitionId: partitionIndex },
        partition,
        { isr: isr.map(({ brokerId }) => brokerId), leaderRecoveryState: wanted.leaderRecoveryState },
        {
          election: electionOf(state, topic),
          minInSyncReplicas: minInSyncReplicasOf(state, topic),
          isAcceptableLeader: (id) => isAcceptableLeader(image, partition, id),
        },
      );
      if (record) records.push(record);
      // It asked as leader, and its own change (the end of a reassignment) made another one.
      if (record && record.leader !== NO_LEADER_CHANGE && record.leader !== request.brokerId)
        return refusedPartition(partitionIndex, 'NEW_LEADER_ELECTED');
      const after = record ? changedPartition(partition, record) : partition;
      return {
        partitionIndex,
        errorCode: errorCode('NONE'),
        leaderId: after.leader,
        leaderEpoch: after.leaderEpoch,
        isr: after.isr,
        leaderRecoveryState: after.leaderRecoveryState,
        partitionEpoch: after.partitionEpoch,
      };
    }),
  }));
  return { records, answer: { throttleTimeMs: 0, errorCode: errorCode('NONE'), topics } };
}

interface IsrMember {
  readonly brokerId: BrokerId;
  readonly brokerEpoch: number;
}

function checkAlteration(
  image: ClusterImage,
  leader: BrokerId,
  partition: PartitionImage | undefined,
  wanted: {
    readonly isr: readonly IsrMember[];
    readonly leaderEpoch: number;
    readonly partitionEpoch: number;
    readonly leaderRecoveryState: number;
  },
): ErrorName | null {
  if (!partition) return 'UNKNOWN_TOPIC_OR_PARTITION';
  // A leader that knows more than we do has spoken to a newer controller.
  if (wanted.leaderEpoch > partition.leaderEpoch) return 'NOT_CONTROLLER';
  if (wanted.partitionEpoch > partition.partitionEpoch) return 'NOT_CONTROLLER';
  if (wanted.leaderEpoch < partition.leaderEpoch) return 'FENCED_LEADER_EPOCH';
  if (leader !== partition.leader) return 'INVALID_REQUEST';
  if (wanted.partitionEpoch < partition.partitionEpoch) return 'INVALID_UPDATE_VERSION';
  const ids = wanted.isr.map(({ brokerId }) => brokerId);
  if (ids.length === 0 || new Set(ids).size !== ids.length) return 'INVALID_REQUEST';
  if (!ids.every((id) => partition.replicas.includes(id))) return 'INVALID_REQUEST';
  if (!ids.includes(partition.leader)) return 'INVALID_REQUEST';
  if (wanted.leaderRecoveryState === RECOVERING && ids.length > 1) return 'INVALID_REQUEST';
  if (wanted.leaderRecoveryState === RECOVERING && partition.leaderRecoveryState === RECOVERED)
    return 'INVALID_REQUEST';
  return wanted.isr.every((member) => isEligible(image, member)) ? null : 'INELIGIBLE_REPLICA';
}

/** An epoch of -1 asks for no check of the member's life (KIP-903). */
function isEligible(image: ClusterImage, { brokerId, brokerEpoch }: IsrMember): boolean {
  const broker = image.brokers.byId(brokerId);
  return isActive(broker) && (brokerEpoch === -1 || broker?.epoch === brokerEpoch);
}

function refusedPartition(partitionIndex: number, error: ErrorName) {
  return {
    partitionIndex,
    errorCode: errorCode(error),
    leaderId: 0,
    leaderEpoch: 0,
    isr: [],
    leaderRecoveryState: 0,
    partitionEpoch: 0,
  };
}
